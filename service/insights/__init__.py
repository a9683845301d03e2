"""What people want, as product managers ask for it: across votes, requests and what was released; and one person.

`figures` gathers it, `model` has it as values, and `representation` as JSON and as rows, and whom to write to about a
feature; `sheet` is CSV in which no cell acts as a formula. `person` is what every page tells somebody.
"""
