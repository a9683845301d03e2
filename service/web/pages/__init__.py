"""Pages for people: templates, stylesheet, ES modules and catalogues; one small view file a page.

Public pages hold nothing about a person. They are prepared documents like the JSON ones: `table` lists them, with what
else is the same for everybody, and `site` renders them. What concerns a person comes from /api/me and /api/features in
the browser, or stands on pages that are rendered for each request (`blueprint`, `person`) and kept by nobody, which
also tell what a form has done; `forms` reads what is sent. `languages` has the two languages and their texts, `errors`
the page of errors. The documentation is `docs`, by `markdown` and `reference`. Any other file has the pages of its
name.
"""
