"""What people want, as product managers ask for it: across votes, requests and what was released.

`figures` gathers it, `model` has it as values, and `representation` as JSON and as rows. `mail_merge` says whom to
write to about a feature; `sheet` is CSV in which no cell acts as a formula.
"""
