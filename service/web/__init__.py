"""HTTP: one thin blueprint a subject, problem documents, and prepared documents. The only room that imports Flask.

`app` makes the application of settings, `state` is what views work with, and `middleware` answers prepared `documents`
before Flask is asked. Views: `public`, `changes`, `features`, `feedback`, `me`, `signing_in`, `openid`, `health` and
`metrics`. `admission` refuses before them; `session` says who calls, `actor` which admin; `query` and `json_body`
read, `responses` and `problems` answer, `names` tells of modules that go. `cors` and `protection` are headers;
`routes`, `access_log` and `spans` tell of requests, and `announcing` of workers.
"""
