"""Every setting: `settings` declares and parses all of them, `values` has a parser for each kind of value.

The values that settings are made of are plain: `redis_url`, `durability`, `token_bucket`. Begin with `settings`.
"""
