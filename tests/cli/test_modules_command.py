"""`module-registry plan`, `export` and `schema`: what they print and write; for how they fail see answers.yaml."""

from pathlib import Path

import documentation
import pytest
from support import DOCUMENTED, REPOSITORY, run, run_process

from service.registry.export import FORMATS
from service.registry.loading import load

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
