"""No command passes on what a terminal, a log or GitHub's runner would act on, wherever it comes from.

Every command is found in the Click tree, every format in its options, so that a new one is walked as well.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from redis import Redis
from support import DOCUMENTED, Serve, wait_until

from service.accounts.model import account_key
from service.cli import main
from service.feedback.keys import SLUGS_KEY, messages_key, queue_key, thread_key
from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY
from service.history.workers import WORKERS_KEY, Announcement
from service.interest.keys import RENAMES_KEY, interest_key, trend_key
from service.registry.model import Label
from service.settings import NAMES
from service.webhooks.store import QUEUES

#: What a terminal acts on, what forges a line, and what GitHub's runner takes for a command, before bytes that are
#: no UTF-8, as Python has them in an argument.
HOSTILE = (
    "\x1b[31m\r\n::error file=x::forged\n\u202e\x9b2J\x07\u2028##[error]forged",
    "::error file=x::forged\udcff\udc9b",
)
#: What webhooks are sent to, in settings: nobody listens there.
RECEIVER = {"WEBHOOK_URL": "http://127.0.0.1:1/", "WEBHOOK_SECRET": "whsec_" + "A" * 32}
THREAD = "0123456789abcdef"

VALID = """
modules:
  - { slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true }
  - { slug: scrap, category: sources, label: { fr: Scraper, en: Scraper }, api_endpoint: /api/scrap }
"""


def _leaves(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that is no group, with the words that lead to it."""
    if not isinstance(group, click.Group):
        yield path, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        yield from _leaves(command, (*path, name))


LEAVES = dict(_leaves(main))
#: `serve` and `lsp` go on until they are ended, and have tests of their own.
WALKED = {path: leaf for path, leaf in LEAVES.items() if path not in (("serve",), ("lsp",))}


def _taken(leaf: click.Command) -> list[str]:
    """The parameters that take a value."""
    return [str(parameter.name) for parameter in leaf.params if not getattr(parameter, "is_flag", False)]


def _line(leaf: click.Command, chosen: dict[str, str]) -> list[str]:
    """The command line of a command: the chosen parameters, and what else it needs."""
    options, arguments = [], []
    usual = {**dict.fromkeys(("base", "head", "files", "file"), "valid.yaml"), "timeout": "0", **chosen}
    for parameter in leaf.params:
        name, choices = str(parameter.name), getattr(parameter.type, "choices", ["crm"])
        if parameter.required or name in chosen or name == "timeout":  # nothing of what is walked is waited for
            value = usual.get(name, next(iter(choices)))
            if isinstance(parameter, click.Argument):
                arguments.append(value)
            else:
                options += [parameter.opts[0], value]
    return [*options, "--", *arguments]


def _in_each_format(leaf: click.Command) -> list[list[str]]:
    """The command line of a command, with each of its formats."""
    formats = [parameter.type for parameter in leaf.params if "--format" in parameter.opts]
    styles = [str(style) for kind in formats if isinstance(kind, click.Choice) for style in kind.choices]
    return [_line(leaf, {"style": style}) for style in styles] or [_line(leaf, {})]


def assert_harmless(output: bytes | str, of: object, workflow_commands: bool = False) -> None:
    text = output if isinstance(output, str) else output.decode()  # strictly: no half of a surrogate pair is written
    for line in text.split("\n"):
        shown = re.sub("[\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", "", line)
        assert shown.isprintable(), (of, line)
        if workflow_commands and line:
            place = r"::(error|warning) file=[^:,]*(,line=\d+,col=\d+(,endColumn=\d+)?,title=[a-z-]+)?::(?!:)"
            assert re.match(place, line), (of, line)
        else:
            assert not line.lstrip().startswith("::"), (of, line)
            assert "##[" not in line, (of, line)


Run = Callable[..., Result]


@pytest.fixture
def walk(
    redis: Redis, valkey_url: str, short_dir: Path, monkeypatch: pytest.MonkeyPatch, commit: Callable[[Path], str]
) -> Run:
    """Run a command in a git repository that has valid.yaml, and hold its output to be harmless."""
    monkeypatch.chdir(short_dir)
    for name in NAMES & os.environ.keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("REDIS_URL", valkey_url)
    monkeypatch.setenv("REGISTRY_FILE", "valid.yaml")
    (short_dir / "valid.yaml").write_text(VALID)
    commit(short_dir)

    def run(*arguments: str, answer: str = "n\n", **settings: str) -> Result:
        done = CliRunner().invoke(main, arguments, input=answer, env=settings, prog_name="module-registry")
        assert done.exception is None or isinstance(done.exception, SystemExit), (arguments, done.exc_info)
        assert_harmless(done.stdout_bytes, arguments, workflow_commands="github" in arguments)
        assert_harmless(done.stderr_bytes, arguments)
        return done

    return run


@pytest.mark.parametrize("value", HOSTILE)
def test_arguments_and_options(walk: Run, value: str) -> None:
    walk(f"--{value}")
    for path, leaf in WALKED.items():
        walk(*path[:-1], value)
        walk(*path, f"--{value}")
        walk(*path, *_line(leaf, {}), value, value, value)
    for path, leaf in WALKED.items():
        for name in _taken(leaf):
            done = walk(*path, *_line(leaf, {name: value}))
            assert done.output or done.exit_code == 0, (path, name)


@pytest.mark.parametrize("value", HOSTILE)
def test_files_by_such_a_name_in_every_format(walk: Run, value: str) -> None:
    for content in (VALID, "modules:\n  - { slug: A }\n", "modules: ["):
        Path(value).write_text(content)
        for style in ("text", "json", "github", "gitlab", "sarif"):
            done = walk("check", "--format", style, "--", value)
            assert done.exit_code == (0 if content == VALID else 1)
            walk("check", "--format", style, "--", f"{value}/missing", value)
        for style in ("text", "json", "markdown"):
            done = walk("changes", "--format", style, "--", "valid.yaml", value)
            assert done.exit_code == (0 if content == VALID else 1)
            walk("changes", "--format", style, "--", value, "valid.yaml")
    Path("votes").mkdir()
    Path("votes", value).write_text("nonsense")
    assert walk("votes", "import", "--", f"votes/{value}").exit_code == 1
    for name in (f"{value}:valid.yaml", f"HEAD:{value}", f":{value}", value, f"-{value}:x"):  # revisions, and paths
        assert walk("changes", "--", f"git:{name}", "valid.yaml").exit_code in (1, 2)


@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("value", HOSTILE)
def test_settings(walk: Run, value: str) -> None:
    for setting in sorted(NAMES):
        settings: dict[str, Any] = {setting: value}
        if setting == "DATA_DIR":
            settings["REDIS_URL"] = None  # in CliRunner: not set
        for path in (("check",), ("votes", "tally"), ("accounts", "sign-in-link"), ("changes",), ("doctor",)):
            more = ["--votes"] if path == ("changes",) else []
            walk(*path, *more, *_line(WALKED[path], {}), **settings)
    for address in ("redis://{}", "redis://:{}@localhost:1/0", "unix://{}", "redis+cluster://{}:1", "{}://x"):
        for path in (("accounts", "list"), ("doctor",)):
            walk(*path, REDIS_URL=address.format(value))
    # `serve` would not end by itself if one of its options or settings were accepted.
    options = [parameter.opts[0] for parameter in LEAVES["serve",].params if parameter.name in _taken(LEAVES["serve",])]
    for line in [*([option, value] for option in options), [f"--{value}"], [value]]:
        assert walk("serve", *line, SECRET_KEY="k" * 32).exit_code in (1, 2), line
    for name in ("REGISTRY_FILE", "REDIS_URL", "PUBLIC_URL", "REDIS_TIMEOUT"):
        assert walk("serve", **{"SECRET_KEY": "k" * 32, name: value}).exit_code in (1, 2), name


def _documents(value: str) -> Iterator[str]:
    """Registries that hold the value wherever one can be; all but the first are wrong."""
    quoted = json.dumps(value)
    entry = "slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true"
    yield VALID.replace("fr: CRM", f"fr: {quoted}").replace("en: CRM", f"en: {quoted}")
    names = "category needs produces api_endpoint feature_page formerly description keywords documentation owner stage"
    names += " pipelinable slug label"
    entries = [f"{{ {entry}, {name}: {quoted} }}, {{ {name}: [{quoted}, {quoted}] }}" for name in names.split()]
    entries += [f"{{ {entry}, {quoted}: {quoted}, {quoted}: 1 }}", f"{{ {entry.replace('fr: CRM', f'{quoted}: 1')} }}"]
    yield f"modules: [{', '.join(entries)}, {quoted}]\n{quoted}: 1\nlegacy_features: [{quoted}, {quoted}]\n"
    yield f"{quoted}\n"
    yield f"modules: !<{value.strip()}> [&{value.strip()} a, *{value.strip()}]\n"
    yield f"modules: [{value}\n"


@pytest.mark.long
@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_registry_holds(walk: Run, value: str, tmp_path: Path) -> None:
    for document in _documents(value):
        (tmp_path / "hostile.yaml").write_text(document, "utf-8", "surrogateescape")
        for path, leaf in WALKED.items():
            for line in _in_each_format(leaf):
                walk(*path, *line, REGISTRY_FILE="hostile.yaml")


def _put_everywhere(store: Redis, value: str) -> None:
    """Store the value wherever a text can be: accounts, votes, history, workers, a request and webhooks."""
    raw = os.fsencode(value)
    for name in (b"plain", raw):
        store.hset(account_key("X").encode().replace(b"X", name), mapping=dict.fromkeys(("role", "name"), raw))
    store.hset(account_key("plain"), "status", raw)
    store.hset(account_key("X").encode().replace(b"X", raw), "status", "active")
    store.hset(RENAMES_KEY, mapping={raw: "crm", "jobs": raw})
    for feature in (raw, b"crm", b"linkedin"):
        store.sadd(interest_key("X").encode().replace(b"X", feature), raw, b"plain", b"alice")
        store.hset(trend_key("X").encode().replace(b"X", feature), "2026-11-25", 3)
    text = encoded(Change(Kind.RELABELLED, value, Label(value, value), value, Label(value, value)), value, None)
    store.xadd(EVENTS_KEY, {"event": os.fsencode(text)})
    said = Announcement(value, 7, value, 0.0, value, (value,))
    store.hset(WORKERS_KEY, "1", f"99999999999999 {json.dumps(asdict(said))}")

    numbers = dict.fromkeys(("created", "updated", "version", "activity", "asked"), 1)
    store.hset(thread_key(THREAD), mapping={"account": raw, "name": raw, "module": raw, "status": "open"} | numbers)
    store.rpush(messages_key(THREAD), raw, "member", raw, raw, 1, raw)
    store.zadd(queue_key("open:X").encode().replace(b"X", raw), {THREAD: 1})
    store.sadd(SLUGS_KEY, raw)
    texts = dict.fromkeys(("holder", "delivered", "failed", "reason"), raw)
    for queue in QUEUES:
        numbers = {"position": "1-1", "count": 0, "ends": 99_999_999_999_999, "tries": 1}
        store.hset(queue.state_key, mapping={**texts, **numbers})
        store.hset(queue.given_up_key, raw, raw)


@pytest.mark.parametrize("value", HOSTILE)
def test_what_redis_holds(walk: Run, value: str, valkey_url: str) -> None:
    with closing(Redis.from_url(valkey_url)) as store:
        _put_everywhere(store, value)
        is_text = "\udcff" not in value  # of a slug that is none, no queue is found
        assert (THREAD in walk("feedback", "list").stdout) is is_text
        assert THREAD in walk("feedback", "show", THREAD).stdout
        assert walk("feedback", "close", THREAD, "--as", "activated").exit_code == 1  # its slug is none
        assert "it cannot be read" in walk("webhooks", "retry", **RECEIVER).stdout
        for path, leaf in WALKED.items():
            for line in _in_each_format(leaf):
                walk(*path, *line, **RECEIVER)
            for parameter in leaf.params:
                if isinstance(parameter, click.Argument):
                    walk(*path, *_line(leaf, {str(parameter.name): value}))
        walk("votes", "merge", "--", "crm", "linkedin")
        walk("votes", "orphans", "--delete")
        store.hset(QUEUES[0].state_key, "position", value.encode(errors="replace"))
        assert walk("webhooks", "status", **RECEIVER).exit_code == 1


@pytest.mark.long
@pytest.mark.parametrize("value", HOSTILE[:1])  # the other is refused as REGISTRY_FILE
def test_the_log_of_serve(serve: Callable[..., Serve], short_dir: Path, value: str) -> None:
    file = short_dir / value.replace("/", "_")
    file.write_bytes(DOCUMENTED.read_bytes())
    running = serve(REGISTRY_FILE=str(file))
    file.write_text(f"modules:\n  - {{ {json.dumps(value)}: 1, slug: {json.dumps(value)} }}\n")
    wait_until(lambda: "the edit is not in force" in running.stderr.read_text())
    file.unlink()
    wait_until(lambda: "cannot be read" in running.stderr.read_text())
    file.write_bytes(DOCUMENTED.read_bytes())
    wait_until(lambda: "is in force" in running.stderr.read_text())
    assert running.stop() == 0
    for output in (running.stdout, running.stderr):
        assert_harmless(output.read_bytes(), value)
