"""What `export` writes, held against the real compilers: TypeScript's, mypy, and Python itself."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from checking import VALID
from support import table

from service.registry.export import FORMATS, HEADER, string_literal
from service.registry.loading.loader import parse
from service.registry.model import Registry

#: TypeScript's compiler: .ci/run installs one, and names it in TSC.
TSC = os.environ.get("TSC") or shutil.which("tsc")
needs_tsc = pytest.mark.skipif(TSC is None, reason="no TypeScript compiler: put tsc on PATH, or its path in TSC")

HOSTILE = Path(__file__).with_name("export_hostile.yaml").read_text("utf-8")
PROGRAMS = table(__file__, "export.yaml")
REGISTRIES = {"documented": VALID, "hostile": HOSTILE, "empty": "modules: []\n"}


def registry(name: str) -> Registry:
    return parse(REGISTRIES[name].encode(), name)


def said_of(folder: Path, command: list[str], ending: str, files: dict[str, str]) -> str:
    """What a compiler says of these files; nothing if they compile."""
    names = [f"{name}.{ending}" for name in files]
    for name, text in zip(names, files.values(), strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run([*command, *names], cwd=folder, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


#: Of each language: how its files end, its compiler, and how that says that something is wrong, and where.
COMPILERS = {
    "typescript": (
        "ts",
        [str(TSC), "--strict", "--noEmit", "--target", "es2022", "--pretty", "false"],
        r"^(\w+)\.ts\((\d+),\d+\): error (TS\d+):",
    ),
    "python": (
        "py",
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=", "--cache-dir=cache"],
        r"^(\w+)\.py:(\d+): error: .*\[([\w-]+)\]$",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("style", [pytest.param("typescript", marks=needs_tsc), "python"])
def test_a_compiler_passes_any_valid_registry_and_finds_a_slug_that_does_not_exist_on_its_line(
    style: str, tmp_path: Path
) -> None:
    """Every registry is compiled, a program that uses one, and the program with each mistake."""
    right = {name: FORMATS[style](registry(name)) for name in REGISTRIES}
    text, expected = PROGRAMS[style]["program"], []
    files = {"registry": right["documented"], "program": text, **right}
    for number, (said, mistake, code) in enumerate(PROGRAMS[style]["mistakes"]):
        assert text.count(said) == 1, said
        files[f"program{number}"] = text.replace(said, mistake)
        expected.append((f"program{number}", str(text[: text.index(said)].count("\n") + 1), code))
    ending, command, error = COMPILERS[style]
    found = said_of(tmp_path, command, ending, files)
    assert sorted(re.findall(error, found, re.MULTILINE)) == expected, found


@pytest.mark.long
@pytest.mark.skipif(TSC is None or not shutil.which("node"), reason="no TypeScript compiler, or no node to run it")
def test_typescript_holds_the_same_data_as_json(tmp_path: Path) -> None:
    files = {name: FORMATS["typescript"](registry(name)) for name in REGISTRIES}
    assert said_of(tmp_path, [str(TSC), "--module", "commonjs", "--target", "es2022"], "ts", files) == ""
    for name in REGISTRIES:
        command = ["node", "-p", f'JSON.stringify(require("./{name}.js"))']
        ran = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
        whole = json.loads(FORMATS["json"](registry(name)))
        assert whole.pop("$comment") == HEADER
        assert json.loads(ran.stdout) == {
            name[0] + name.title().replace("_", "")[1:]: value for name, value in whole.items()
        }


@pytest.mark.parametrize("name", REGISTRIES)
def test_json_and_python_hold_the_data_of_the_registry(tmp_path: Path, name: str) -> None:
    given, file = registry(name), tmp_path / "exported.py"
    file.write_text(FORMATS["python"](given), encoding="utf-8")
    whole, python = json.loads(FORMATS["json"](given)), runpy.run_path(str(file))
    modules = {slug: asdict(module) for slug, module in python["MODULES"].items()}
    assert modules == {module.slug: asdict(module) for module in given.modules}
    assert list(modules) == [module.slug for module in given.modules]
    assert whole["modules"] == json.loads(json.dumps(modules))
    assert {name: whole[name] for name in given.buckets} == given.buckets
    assert whole["features"] == list(given.allowed_features)
    assert whole["removed"] == [asdict(each) for each in python["REMOVED"]] == [asdict(each) for each in given.removed]
    for key in whole.keys() - {"$comment", "modules", "removed"}:
        assert whole[key] == list(python[key.upper()])


def test_json_says_that_it_is_generated_and_nothing_in_it_ends_a_script_or_hides() -> None:
    text = FORMATS["json"](registry("hostile"))
    assert text.splitlines()[1] == f'  "$comment": "{HEADER}",'
    assert text.endswith("\n}\n") and "👩" in text and "Téléphones d’été" in text
    assert not set(text) & set("\u2028\u2029\u202e\u200b\u00a0\r\t") and "</" not in text and "<!--" not in text


@pytest.mark.parametrize("text", ["\ud800", "\x7f\x85", "\ufeff"])
def test_a_literal_of_what_hides_means_the_text_in_json_and_in_python(text: str) -> None:
    literal: Any = string_literal(text)
    assert json.loads(literal) == text
    assert eval(literal) == text
    assert literal.isascii()
