"""People on pages, without JavaScript: the walks of `walks/`, a file for each subject, by what each shows."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis
from walking import Walk

FILES = sorted((Path(__file__).parent / "walks").glob("*.yaml"))
WALKS = [
    pytest.param(steps, id=f"{file.stem}: {name}")
    for file in FILES
    for name, steps in yaml.load(file.read_bytes(), yaml.CSafeLoader).items()
]


@pytest.mark.parametrize("steps", WALKS)
def test_a_walk(steps: list[dict[str, Any]], redis: Redis, request: pytest.FixtureRequest) -> None:
    walk = Walk(request.getfixturevalue, redis)
    for step in steps:
        walk.take(step)
