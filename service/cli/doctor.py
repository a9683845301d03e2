"""`module-registry doctor`: what would lose votes or let somebody in."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click

from service.cli.output import say, say_json
from service.cli.shared import FOUND, format_option
from service.doctor.examination import examined
from service.doctor.model import Finding, Level
from service.settings import Settings
from service.wording import joined, pluralized

_WIDTH = max(map(len, Level))


@click.command()
@format_option("text", "json")
@click.option(
    "--fail-on",
    type=click.Choice(["problem", "not-seen", "warning"]),
    default="warning",
    help="From which level on the exit code is 3; each has those before it in it.",
)
@click.option("--data", "with_data", is_flag=True, help="Read all that is stored, too, and compare it with itself.")
def doctor(style: str, fail_on: str, with_data: bool) -> None:
    """Look at the real servers and the configuration for what would lose votes or let somebody in.

    Run it with the settings of `serve`, and as its user. It asks the store of a running `serve`, the one that REDIS_URL
    names (every server that sentinels know, or of a Cluster), or the one in DATA_DIR, and PUBLIC_URL. Each finding says
    what was seen, what it means, and what mends it. What could not be seen is said, and does not count as well.

    The exit code is 0 if all is well, 3 if there is a problem, something that could not be seen, or a warning
    (--fail-on leaves some out), and 1 if a setting makes no sense.
    """
    settings = Settings.from_env(os.environ)
    findings = list(examined(settings, with_data=with_data))
    counts = Counter(each.level for each in findings)
    if style == "json":
        said = {level.replace(" ", "_"): counts[level] for level in Level}
        say_json({"findings": list(map(asdict, findings)), "counts": said})
    else:
        _say(findings, counts, with_data)
    if any(each.level.is_as_bad_as(Level(fail_on.replace("-", " "))) for each in findings):
        raise click.exceptions.Exit(FOUND)


def _say(findings: Sequence[Finding], counts: Counter[Level], with_data: bool) -> None:
    for level in Level:
        for each in (finding for finding in findings if finding.level is level):
            say(f"{level.value:{_WIDTH}}  {each.check}  {each.about}: {each.seen}")
            if each.mends:
                say(f"{'':{_WIDTH}}  means: {each.means}")
                say(f"{'':{_WIDTH}}  mend:  {each.mends}")
                say()
    parts = [pluralized(counts[Level.PROBLEM], "problem"), f"{counts[Level.UNSEEN]} not seen"]
    parts += [pluralized(counts[Level.WARNING], "warning"), f"{counts[Level.WELL]} well"]
    besides = "" if with_data else "; what is stored was not read (--data)"
    say(f"{joined(parts)}{besides}")
