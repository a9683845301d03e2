"""`module-registry mcp`: the registry for an assistant, by the Model Context Protocol over standard input and output.

Each answer is what a command prints in JSON, made by the same functions. Nothing is written, and nobody is named.
"""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from functools import wraps
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from service.cli import changes as comparing
from service.cli import check_report
from service.cli.changes_words import Report
from service.cli.files import read_named
from service.cli.modules import listed, shown
from service.cli.output import lines_of
from service.problems import ModuleRegistryError, StorageUnavailable, UnreadableRegistry
from service.registry import plan as planning
from service.registry.changes import compare
from service.registry.loading.loader import examine, parse
from service.registry.model import Registry
from service.settings.settings import Settings, registry_file
from service.wording import install_command, json_text

_ABOUT = """\
The module registry: a YAML file that declares the modules of a platform. `file` is a path below the working folder, or
git:REVISION:./PATH. Before you propose an edit, check its text, and say what it changes. Nothing here writes."""
#: The registry where nobody names another.
_FILE = str(registry_file(os.environ))


def list_modules(search: str = "", file: str = _FILE) -> Any:
    """The modules with slug, state, category and label; with `search`, those that have each of its words."""
    return listed(_registry(file), search)


def show_module(slug: str, file: str = _FILE) -> Any:
    """All that is known of a module, by its slug or a former one, or of one that was removed."""
    return shown(_registry(file), slug)


def check(text: str, name: str = "registry.yaml") -> Any:
    """Everything that is wrong with the text of a registry file, by line and column, with the edits that mend it."""
    linted = examine(text.encode(errors="surrogatepass"), name, warnings=True).linted
    return check_report.document([check_report.Checked(name, linted.diagnostics, linted.warnings, linted.text)])


def changes(text: str, file: str = _FILE, name: str = "registry.yaml") -> Any:
    """What changes for clients and voters if `text` takes the place of a registry file; what breaks clients first."""
    base, head = _registry(file), parse(text.encode(errors="surrogatepass"), name)
    return comparing.document(Report(file, name, compare(base, head, f"{datetime.now(UTC):%Y-%m-%d}")))


def plan(modules: list[str], file: str = _FILE) -> Any:
    """Whether modules can run together, by slug: in which steps, what queues, what is missing, what is left out."""
    return asdict(planning.plan(_registry(file), modules))


def insights() -> Any:
    """How many votes each feature has, their trend, what has shipped, and how many requests wait; or "not known"."""
    from service.insights.figures import gather
    from service.insights.representation import as_json
    from service.storage.client import Client
    from service.storage.embedded import running_store

    registry, settings = _registry(_FILE), Settings.from_env(os.environ)
    try:
        with closing(Client(running_store(settings), settings.redis_timeout)) as client:
            return as_json(gather(client, None, registry))
    except StorageUnavailable as error:
        return f"not known: {error.message}"


def _registry(file: str) -> Registry:
    """The registry of a file below the working folder, symbolic links resolved. Raises UnreadableRegistry."""
    # Git takes a path by its text, and a revision such as HEAD^{/fix:./} may have in it what begins one.
    _, is_from_here, path = file.partition(":./") if (is_of_git := file.startswith("git:")) else ("", "./", file)
    try:
        is_below = is_from_here and Path(path).resolve().is_relative_to(Path.cwd().resolve())
    except (OSError, RuntimeError, ValueError):  # a circle of links, or what can be no path
        is_below = False
    if is_of_git and (":" in path or ".." in Path(path).parts):
        is_below = False
    if not is_below:
        raise UnreadableRegistry(file, "is not below the working folder")
    return parse(read_named(file), file)


@click.command()
def mcp() -> None:
    """Answer an assistant over standard input and output, by the Model Context Protocol.

    The assistant starts this command in the folder of the registry, and ends it. Figures are of the store of REDIS_URL,
    or of a `serve` that runs on DATA_DIR. It can write nothing, and read no file above the working folder.
    """
    if find_spec("mcp") is None:
        raise click.ClickException(f"its SDK is missing: run {install_command('mcp')}")
    from mcp.server import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp_types import ToolAnnotations

    def answering(tool: Callable[..., Any]) -> Callable[..., str]:
        @wraps(tool)
        def answer(**given: Any) -> str:
            try:
                return json_text(tool(**given), indent=2)
            except ModuleRegistryError as error:
                raise ToolError("\n".join(lines_of(error))) from error

        return answer

    server = MCPServer("module-registry", version=version("module-registry"), instructions=_ABOUT, log_level="WARNING")
    for tool in (list_modules, show_module, check, changes, plan, insights):
        server.add_tool(answering(tool), annotations=ToolAnnotations(read_only_hint=True), structured_output=False)
    server.run()
