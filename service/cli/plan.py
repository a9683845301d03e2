"""`module-registry plan`: whether modules can run together, drawn for a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, astuple
from pathlib import Path

import click

from service.cli.files import complete_slug
from service.cli.output import Line, Styled, say, say_json
from service.cli.shared import FOUND, format_option, registry_option
from service.registry import plan as planning
from service.registry.loading import load
from service.registry.model import Module, Registry
from service.registry.plan import Plan
from service.settings import registry_file
from service.wording import either, joined

#: Why a module is left out, in words.
_REASONS = {
    planning.NOT_PIPELINABLE: "not pipelinable",
    "on_demand": "on demand",
    "meta": "a meta feature",
    "coming_soon": "coming soon",
    "alpha_unavailable": "frozen during the alpha",
}


@click.command()
@click.argument("modules", nargs=-1, required=True, metavar="MODULE...", shell_complete=complete_slug)
@registry_option("The file that has the modules.")
@format_option("text", "json")
def plan(modules: tuple[str, ...], file: Path | None, style: str) -> None:
    """Say whether each MODULE can run with the others, by slug or former slug: 1 to 50 of them.

    It draws the steps, one below the other: everything in a step can be started at once, when the step before is done.
    What will queue shares the VPN pool, of which one runs at a time platform-wide. What is missing counts as given.

    The format "json" is what GET /api/pipelines/plan answers.

    Exit code 0: they can run together. 1: a name is no module's, there are too many, or the registry has problems. 2:
    the registry cannot be read. 3: something is missing, or a module cannot be part of a pipeline.
    """
    registry = load(file or registry_file(os.environ))
    planned = planning.plan(registry, modules)
    if style == "json":
        say_json(asdict(planned))
    else:
        for line in (*_drawn(registry, planned), *_notes(planned)):
            say(*line)
    if planned.missing or planned.excluded:
        sys.exit(FOUND)


def _drawn(registry: Registry, planned: Plan) -> Iterator[Line]:
    """A line for each module, with what it takes and gives, and one between steps."""
    flows = {slug: _flow(registry.by_slug[slug]) for slug in planned.order}
    name, flow = (max(map(len, texts), default=0) for texts in (flows, flows.values()))
    for number, step in enumerate(planned.parallel, 1):
        if number > 1:
            yield ("    |",)
        for slug in step:
            mark = f"{number:2} -+- " if slug == step[0] else "    +- "
            queues = "  will queue" if slug in planned.queued else ""
            yield mark, Styled(slug, bold=True), f"{'':{name - len(slug)}}  {flows[slug]:{flow}}{queues}".rstrip()


def _flow(module: Module) -> str:
    return f"{', '.join(module.needs)} -> {', '.join(module.produces)}".strip()


def _notes(planned: Plan) -> Iterator[Line]:
    """What a drawing does not show."""
    if planned.order and (planned.queued or planned.missing or planned.excluded):
        yield ("",)
    if planned.queued:
        yield (f"will queue: {joined(planned.queued)}; the VPN pool takes one run at a time, platform-wide",)
    for artifact, needed_by, supplied_by in map(astuple, planned.missing):
        verb = "needs" if len(needed_by) == 1 else "need"
        supply = f"{either(supplied_by)} would supply it" if supplied_by else "nothing that runs supplies it"
        yield Styled("missing", fg="yellow"), f": {artifact}, which {joined(needed_by)} {verb}; {supply}"
    for module in planned.excluded:
        yield Styled("left out", fg="yellow"), f": {module.slug}, which is {_REASONS[module.reason]}"
