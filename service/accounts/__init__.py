"""Who is calling: accounts in Redis, what a session may do, and the ways to sign in.

`model` says what an account is, and `store` keeps one hash each; `listing` finds them for admins, and `actor` is how an
admin changes one. Who may read and vote is said by `sessions` alone. `sign_in` has the links that sign in; `openid`,
with `openid_provider` and `openid_account`, an OpenID Connect provider, which needs Authlib.
"""
