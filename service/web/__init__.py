"""HTTP: one thin blueprint a subject, problem documents, and prepared documents. The only room that imports Flask."""
