"""What would lose votes or let somebody in, looked for in the real servers and the configuration.

`examination.py` has the tables of checks. Each check looks at one thing, and makes findings by `About` of `model.py`.
"""
