"""What `export` writes, held against the real compilers: TypeScript's, mypy, and Python itself."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from checking import VALID

from service.registry.export import FORMATS, HEADER, string_literal
from service.registry.loading import parse
from service.registry.model import Registry

#: TypeScript's compiler: .ci/run installs one, and names it in TSC.
TSC = os.environ.get("TSC") or shutil.which("tsc")
needs_tsc = pytest.mark.skipif(TSC is None, reason="no TypeScript compiler: put tsc on PATH, or its path in TSC")

HOSTILE = [
    """it's "quoted", `ticked` and ${interpolated}""",
    "back\\slash, and one at the end \\",
    "line\u2028separator, paragraph\u2029separator",
    "*/ export const gone = 1; /*",
    "</script><script>alert(1)</script><!-- -->",
    '""" and # and %s and {0}',
    "\u202eright to left\u202c, \u200bzero width, \u00a0no break",
    "🛰️ 👩‍🚀 Téléphones d’été",
    "tab\tand\r\nlines",
]

#: Slugs that are reserved words somewhere, and every field filled.
HOSTILE_REGISTRY = yaml.safe_dump(
    {
        "modules": [
            {
                "slug": slug,
                "category": "tools",
                "label": {"fr": text, "en": text[::-1]},
                "produces": ["class", "leads"],
                "pipelinable": True,
                "multi_proxy": True,
                "api_endpoint": f"/api/x/{slug}",
                "feature_page": "page",
                "description": {"fr": "*/ </script> <!-- #[ é", "en": '"`\\'},
                "keywords": ["*/", '"`\\', "</"],
                "documentation": "/docs/*/x",
                "owner": "team/x",
                "deprecated": {
                    "since": "2026-03-01",
                    "removed_after": "2026-09-01",
                    "use": None if slug == "import" else "import",
                    "because": {"fr": "é", "en": '*/ "`\\ </script>'},
                },
            }
            for slug, text in zip(
                ["import", "delete", "constructor", "class", "none", "type", "modules", "never", "label"],
                HOSTILE,
                strict=True,
            )
        ],
        "legacy_features": ["default"],
        "removed": [
            {"slug": "default", "date": "2026-03-01", "use": "import", "because": {"fr": "*/", "en": '"""'}},
            {"slug": "switch", "date": "2026-03-02", "because": {"fr": "é", "en": "</"}},
        ],
    }
)

REGISTRIES = {"documented": VALID, "hostile": HOSTILE_REGISTRY, "empty": "modules: []\n"}


def registry(name: str) -> Registry:
    return parse(REGISTRIES[name].encode(), name)


def output_of(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def compiled(folder: Path, **files: str) -> str:
    """What the TypeScript compiler says of these files; nothing if they compile."""
    assert TSC is not None
    for name, text in files.items():
        (folder / f"{name}.ts").write_text(text, encoding="utf-8")
    options = ["--strict", "--noEmit", "--target", "es2022", "--pretty", "false"]
    command = [TSC, *options, *(f"{name}.ts" for name in files)]
    return output_of(command, folder)


def type_checked(folder: Path, **files: str) -> str:
    """What mypy --strict says of these files; nothing if they pass."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    options = ["--strict", "--no-error-summary", "--config-file=", f"--cache-dir={folder / 'cache'}"]
    command = [sys.executable, "-m", "mypy", *options, *(f"{name}.py" for name in files)]
    return output_of(command, folder)


def imported(path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The Python file as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
    return module


def mistaken(
    name: str, text: str, mistakes: list[tuple[str, str, str]]
) -> tuple[dict[str, str], list[tuple[str, int, str]]]:
    """One file for each mistake, and where each error must be: file, line, code."""
    files, expected = {}, []
    for number, (right, wrong, code) in enumerate(mistakes):
        assert text.count(right) == 1, right
        files[f"{name}{number}"] = text.replace(right, wrong)
        expected.append((f"{name}{number}", text[: text.index(right)].count("\n") + 1, code))
    return files, expected


FRONTEND = """\
import { modules, features, comingSoon, Module, ModuleSlug, ActiveSlug, FeatureId, Category } from "./registry";

const endpoint: "/api/scrap" = modules.scrap.api_endpoint;
const shared: true = modules["emails"].multi_proxy;
const tiles: readonly Module[] = Object.values(modules);
const start = (slug: ActiveSlug): string | null => modules[slug].api_endpoint;
const votes: Partial<Record<FeatureId, number>> = { linkedin: 27, company: 1 };
const groups: Record<Category, string> = { sources: "", enrich: "", signals: "", outreach: "", tools: "" };
const any: ModuleSlug = comingSoon[0];
console.log(endpoint, shared, tiles, start("scrap"), votes, groups, any, features.length);
"""

#: A line of the frontend, a mistake in it, and what the compiler calls it.
FRONTEND_MISTAKES = [
    ('start("scrap")', 'start("scrp")', "TS2345"),
    ('start("scrap")', 'start("linkedin")', "TS2345"),  # known, but it cannot be started
    ('modules["emails"]', 'modules["emials"]', "TS2551"),
    ("modules.scrap.", "modules.scrp.", "TS2551"),
    ("linkedin: 27", "linkedn: 27", "TS2561"),
    ("linkedin: 27", "scrap: 27", "TS2353"),  # known, but it cannot be voted for
    (', tools: ""', "", "TS2741"),
]


@needs_tsc
def test_a_frontend_that_uses_the_slugs_compiles(tmp_path: Path) -> None:
    assert compiled(tmp_path, registry=FORMATS["typescript"](registry("documented")), frontend=FRONTEND) == ""


@needs_tsc
def test_a_slug_that_does_not_exist_fails_to_compile_on_its_line(tmp_path: Path) -> None:
    files, expected = mistaken("frontend", FRONTEND, FRONTEND_MISTAKES)
    said = compiled(tmp_path, registry=FORMATS["typescript"](registry("documented")), **files)
    errors = re.findall(r"^(\w+)\.ts\((\d+),\d+\): error (TS\d+):", said, re.MULTILINE)
    assert [(name, int(line), code) for name, line, code in errors] == expected


@needs_tsc
def test_any_valid_registry_compiles(tmp_path: Path) -> None:
    assert compiled(tmp_path, **{name: FORMATS["typescript"](registry(name)) for name in REGISTRIES}) == ""


@pytest.mark.skipif(TSC is None or not shutil.which("node"), reason="no TypeScript compiler, or no node to run it")
@pytest.mark.parametrize("name", REGISTRIES)
def test_typescript_json_and_python_hold_the_same_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    given = registry(name)
    for style, file in (("typescript", "registry.ts"), ("python", f"exported_{name}.py")):
        (tmp_path / file).write_text(FORMATS[style](given), encoding="utf-8")
    whole = json.loads(FORMATS["json"](given))

    assert TSC is not None
    subprocess.run(
        [TSC, "--module", "commonjs", "--target", "es2022", "registry.ts"], cwd=tmp_path, check=True, timeout=120
    )
    command = ["node", "-p", 'JSON.stringify(require("./registry.js"))']
    ran = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    typescript = json.loads(ran.stdout)

    python = imported(tmp_path / f"exported_{name}.py", monkeypatch)
    modules = {slug: asdict(module) for slug, module in python.MODULES.items()}

    assert modules == {module.slug: asdict(module) for module in given.modules}
    assert list(modules) == [module.slug for module in given.modules]
    assert whole["modules"] == typescript["modules"] == json.loads(json.dumps(modules))
    assert {name: whole[name] for name in given.buckets} == given.buckets
    assert whole["features"] == list(given.allowed_features)
    assert whole["removed"] == typescript["removed"] == [asdict(each) for each in python.REMOVED]
    assert whole["removed"] == [asdict(each) for each in given.removed]
    for key in whole.keys() - {"$comment", "modules", "removed"}:
        camel = key.title().replace("_", "")
        assert whole[key] == typescript[camel[0].lower() + camel[1:]] == list(getattr(python, key.upper()))


SCHEDULER = """\
from registry import ACTIVE, MODULES, ActiveSlug, FeatureId

endpoint: str | None = MODULES["scrap"].api_endpoint
wanted: FeatureId = "linkedin"


def start(slug: ActiveSlug) -> str:
    return MODULES[slug].label.fr


print(start("scrap"), [start(slug) for slug in ACTIVE])
"""


#: A line of the scheduler, a mistake in it, and what mypy calls it.
SCHEDULER_MISTAKES = [
    ('MODULES["scrap"]', 'MODULES["scrp"]', "index"),
    ('"linkedin"', '"scrap"', "assignment"),  # known, but it cannot be voted for
    ('start("scrap")', 'start("crm")', "arg-type"),  # known, but it cannot be started
]


def test_mypy_passes_any_valid_registry_and_finds_a_slug_that_does_not_exist_on_its_line(tmp_path: Path) -> None:
    wrong, expected = mistaken("scheduler", SCHEDULER, SCHEDULER_MISTAKES)
    right = {name: FORMATS["python"](registry(name)) for name in REGISTRIES}
    said = type_checked(tmp_path, registry=right["documented"], scheduler=SCHEDULER, **right, **wrong).splitlines()
    errors = [re.match(r"(\w+)\.py:(\d+): error: .*\[([\w-]+)\]$", line) for line in said]
    assert sorted((one[1], int(one[2]), one[3]) if one else ("", 0, "") for one in errors) == expected, said


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_says_that_it_is_generated_and_ends_with_a_newline(style: str) -> None:
    text = FORMATS[style](registry("documented"))
    assert HEADER in "\n".join(text.splitlines()[:2])
    assert text.endswith("\n") and not text.endswith("\n\n")


def test_the_same_registry_gives_the_same_bytes_in_every_process() -> None:
    program = """if True:
        import sys
        from pathlib import Path
        from service.registry.export import FORMATS
        from service.registry.loading import load
        registry = load(Path("registry.yaml"))
        for written in FORMATS.values():
            sys.stdout.buffer.write(written(registry).encode())
    """
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("style", FORMATS)
def test_no_label_can_end_a_comment_or_a_script_or_hide_in_the_text(style: str) -> None:
    text = FORMATS[style](registry("hostile"))
    assert "</" not in text
    assert "<!--" not in text
    assert not set(text) & set("\u2028\u2029\u202e\u200b\u00a0\r\t")
    assert "👩" in text and "Téléphones d’été" in text
    comments = [line for line in text.splitlines() if "*/" in line]
    assert all(line.startswith("/*") and line.endswith("*/") for line in comments)


@pytest.mark.parametrize("text", [*HOSTILE, "\ud800", "\x7f\x85", "\ufeff"])
def test_a_literal_means_the_text_in_json_and_in_python(text: str) -> None:
    literal: Any = string_literal(text)
    assert json.loads(literal) == text
    assert eval(literal) == text
    literal.encode()
