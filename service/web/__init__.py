"""HTTP: one thin blueprint a subject, problem documents, and prepared documents. The only room that imports Flask.

`app` makes the application of settings, `state` is what views work with, and `middleware` answers prepared `documents`
before Flask is asked. Views: `public`, `features`, `feedback`, `me` and `watching`.
`admission` refuses before them; `session` says who calls, and `vote_intent` what they pressed before they signed in,
`request_data` what was sent, `responses` and `problems` answer. `protection` has headers; `middleware` tells of
requests, and `app` of workers. `site` renders pages, with the texts of `languages`; `bulkhead` limits how
many threads wait. Pages import this room; only `app` imports pages.
"""
