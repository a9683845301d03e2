"""Pages for people: templates, stylesheet, ES modules and catalogues; one small view file a page.

Public pages hold nothing about a person. They are prepared documents like the JSON ones: `table.py` lists them,
`site.py` renders them. What concerns a person comes from /api/me and /api/features in the browser, or stands on pages
that are rendered for each request and kept by nobody.
"""
