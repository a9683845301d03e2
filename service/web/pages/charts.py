"""Small drawings of numbers: the shapes of `templates/insights-parts.html`. Their colours are in `assets/site.css`.

All of them stand on a line for none, so that what is twice as high is twice as much.
"""

from __future__ import annotations

from collections.abc import Sequence

#: Of a line, how much room there is above the highest point, in pixels: half of its own width.
_STROKE = 1.0


def line(values: Sequence[int], width: float, height: float) -> str:
    """Values as the data of a <path>, evenly from left to right; the most of them is at the top, 0 at the bottom."""
    most, step = max(*values, 1), width / max(len(values) - 1, 1)
    room = height - 2 * _STROKE
    points = [
        f"{number * step:.4g} {height - _STROKE - room * value / most:.4g}" for number, value in enumerate(values)
    ]
    return f"M{'L'.join(points)}"


def area(values: Sequence[int], width: float, height: float) -> str:
    """What is below such a line."""
    return f"{line(values, width, height)}V{height:g}H0Z"


def columns(values: Sequence[int], width: float, height: float) -> tuple[str, float]:
    """Values as columns, as the data of a <path>, those below zero downwards; and how high zero is."""
    most, least = max(*values, 0), min(*values, 0)
    unit = height / max(most - least, 1)
    zero, step = most * unit if most > least else height, width / len(values)
    shapes = [
        f"M{number * step + step / 8:.4g} {zero:.4g}v{-value * unit:.4g}h{step * 3 / 4:.4g}v{value * unit:.4g}z"
        for number, value in enumerate(values)
        if value
    ]
    return "".join(shapes), zero
