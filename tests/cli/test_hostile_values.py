"""No command passes on what a terminal, a log or GitHub's runner would act on, wherever it comes from.

Every command is found in the Click tree, every format in its options, so that a new one is walked as well.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from itertools import chain
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from redis import Redis
from support import DOCUMENTED, Serve, leaves, wait_until

from service.accounts.model import account_key
from service.cli import main
from service.feedback.keys import SLUGS_KEY, messages_key, queue_key, thread_key
from service.history.model import Change, Kind, encoded
from service.history.store import EVENTS_KEY
from service.interest.keys import RENAMES_KEY, interest_key, trend_key
from service.registry.model import Label
from service.rollout.announcements import WORKERS_KEY, Announcement
from service.settings.settings import NAMES
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


LEAVES = dict(leaves())
#: `serve` and `lsp` go on until they are ended, and have tests of their own.
WALKED = {path: leaf for path, leaf in LEAVES.items() if path not in (("serve",), ("lsp",))}


def _taken(leaf: click.Command) -> list[click.Parameter]:
    """The parameters that take a value."""
    return [parameter for parameter in leaf.params if not getattr(parameter, "is_flag", False)]


def _lines(leaf: click.Command, **chosen: str) -> list[list[str]]:
    """The command line of a command, in each of its formats: the chosen parameters, and what else it needs."""
    styles = [style for each in leaf.params if each.name == "style" for style in getattr(each.type, "choices", ())]
    usual = {**dict.fromkeys(("base", "head", "files", "file"), "valid.yaml"), "timeout": "0"}
    lines = []
    for style in styles or [""]:
        given, options, arguments = {"style": style, **chosen}, list[str](), list[str]()
        for parameter in leaf.params:
            name, choices = str(parameter.name), getattr(parameter.type, "choices", ["crm"])
            if parameter.required or name in given or name == "timeout":  # nothing of what is walked is waited for
                value = (usual | given).get(name, next(iter(choices)))
                is_argument = isinstance(parameter, click.Argument)
                arguments += [value] if is_argument else []
                options += [] if is_argument else [parameter.opts[0], value]
        lines.append([*options, "--", *arguments])
    return lines


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
def walk(valkey_url: str, short_dir: Path, monkeypatch: pytest.MonkeyPatch, commit: Callable[[Path], str]) -> Run:
    """Run a command in a git repository that has valid.yaml, and hold its output to be harmless."""
    monkeypatch.chdir(short_dir)
    Path("valid.yaml").write_text(VALID)
    commit(short_dir)
    usual = dict.fromkeys(NAMES) | {"REDIS_URL": valkey_url, "REGISTRY_FILE": "valid.yaml"}

    def run(*arguments: str, **settings: str | None) -> Result:
        done = CliRunner().invoke(main, arguments, input="n\n", env={**usual, **settings}, prog_name="module-registry")
        assert done.exception is None or isinstance(done.exception, SystemExit), (arguments, done.exc_info)
        assert_harmless(done.stdout_bytes, arguments, workflow_commands="github" in arguments)
        assert_harmless(done.stderr_bytes, arguments)
        return done

    return run


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("value", HOSTILE)
def test_arguments_and_options(walk: Run, value: str) -> None:
    walk(f"--{value}")
    for path, leaf in WALKED.items():
        walk(*path[:-1], value)
        walk(*path, f"--{value}")
        walk(*path, *_lines(leaf)[0], value, value, value)
    for path, leaf in WALKED.items():
        for parameter in _taken(leaf):
            done = walk(*path, *_lines(leaf, **{str(parameter.name): value})[0])
            assert done.output or done.exit_code == 0, (path, parameter.name)


@pytest.mark.parametrize("value", HOSTILE)
def test_files_by_such_a_name_in_every_format(walk: Run, value: str) -> None:
    for content in (VALID, "modules:\n  - { slug: A }\n", "modules: ["):
        Path(value).write_text(content)
        for command, named in (("check", {"files": value}), ("changes", {"head": value}), ("changes", {"base": value})):
            lines = _lines(WALKED[command,], **{"head": "valid.yaml", **named})
            assert {walk(command, *line).exit_code for line in lines} == {0 if content == VALID else 1}, named
        for line in _lines(WALKED["check",], files=f"{value}/missing"):
            walk("check", *line, value)
    Path("votes").mkdir()
    Path("votes", value).write_text("nonsense")
    assert walk("votes", "import", "--", f"votes/{value}").exit_code == 1
    for name in (f"{value}:valid.yaml", f"HEAD:{value}", f":{value}", value, f"-{value}:x"):  # revisions, and paths
        assert walk("changes", "--", f"git:{name}", "valid.yaml").exit_code in (1, 2)


@pytest.mark.usefixtures("redis", "put_back")
@pytest.mark.parametrize("value", HOSTILE)
def test_settings(walk: Run, value: str) -> None:
    lines = {("check",): [], ("votes", "tally"): [], ("accounts", "sign-in-link"): [], ("changes",): ["--votes"]}
    for path, more in {**lines, ("doctor",): []}.items():
        for setting in sorted(NAMES):
            elsewhere = {"REDIS_URL": None} if setting == "DATA_DIR" else {}
            walk(*path, *more, *_lines(WALKED[path])[0], **elsewhere, **{setting: value})
    for address in ("redis://{}", "redis://:{}@localhost:1/0", "unix://{}", "redis+cluster://{}:1", "{}://x"):
        for path in (("accounts", "list"), ("doctor",)):
            walk(*path, REDIS_URL=address.format(value))
    # `serve` would not end by itself if one of its options or settings were accepted.
    serve = {"REDIS_URL": None, "SECRET_KEY": "k" * 32}
    options = [[parameter.opts[0], value] for parameter in _taken(LEAVES["serve",])]
    for line in [*options, [f"--{value}"], [value]]:
        assert walk("serve", *line, **serve).exit_code in (1, 2), line
    for name in ("REGISTRY_FILE", "REDIS_URL", "PUBLIC_URL", "REDIS_TIMEOUT"):
        assert walk("serve", **serve | {name: value}).exit_code in (1, 2), name


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
@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_registry_holds(walk: Run, value: str) -> None:
    some = [("check",), ("changes",), ("export",), ("votes", "tally")]  # the others refuse what is wrong in their words
    for number, document in enumerate(_documents(value)):
        Path("hostile.yaml").write_text(document, "utf-8", "surrogateescape")
        for path in some if number > 1 else WALKED:  # the second has every rule
            for line in _lines(WALKED[path]):
                walk(*path, *line, REGISTRY_FILE="hostile.yaml")


def _put_everywhere(store: Redis, value: str) -> None:
    """Store the value wherever a text can be: accounts, votes, history, workers, a request and webhooks."""

    def put(*command: object) -> None:
        store.execute_command(*(os.fsencode(str(part)) for part in command))

    put("HSET", account_key("plain"), "role", value, "name", value, "status", value)
    put("HSET", account_key(value), "role", value, "name", value, "status", "active")
    put("HSET", RENAMES_KEY, value, "crm", "jobs", value)
    for feature in (value, "crm", "linkedin"):
        put("SADD", interest_key(feature), value, "plain", "alice")
        put("HSET", trend_key(feature), "2026-11-25", 3)
    change = Change(Kind.RELABELLED, value, Label(value, value), value, Label(value, value))
    put("XADD", EVENTS_KEY, "*", "event", encoded(change, value, None))
    said = Announcement(value, 7, value, 0.0, value, (value,))
    put("HSET", WORKERS_KEY, "1", f"99999999999999 {json.dumps(asdict(said))}")
    thread = {"account": value, "name": value, "module": value, "status": "open"}
    thread |= dict.fromkeys(("created", "updated", "version", "activity", "asked"), "1")
    put("HSET", thread_key(THREAD), *chain(*thread.items()))
    put("RPUSH", messages_key(THREAD), value, "member", value, value, 1, value)
    put("ZADD", queue_key(f"open:{value}"), 1, THREAD)
    put("SADD", SLUGS_KEY, value)
    state = {"position": "1-1", "count": "0", "ends": "99999999999999", "tries": "1"}
    state |= dict.fromkeys(("holder", "delivered", "failed", "reason"), value)
    for queue in QUEUES:
        put("HSET", queue.state_key, *chain(*state.items()))
        put("HSET", queue.given_up_key, value, value)


@pytest.mark.usefixtures("redis")
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
            named = [{str(each.name): value} for each in leaf.params if isinstance(each, click.Argument)]
            for line in [*_lines(leaf), *(_lines(leaf, **each)[0] for each in named)]:
                walk(*path, *line, **RECEIVER)
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
