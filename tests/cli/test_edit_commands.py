"""`module-registry new`, `rename`, `release` and `remove`: what they write, refuse, and leave alone."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from support import REPOSITORY, run

from service.registry.loading import load
from service.registry.model import Label, Removed

PODCASTS = ("new", "podcasts", "--category", "sources", "--fr", "Podcasts", "--en", "Podcasts")


def edit(file: Path, *arguments: str, code: int = 0) -> str:
    """What a command says, once it has exited with this code."""
    done = run(*arguments, folder=file.parent)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def test_a_new_module_joins_its_group_in_the_style_of_the_file(tmp_path: Path) -> None:
    file = Path(shutil.copy(REPOSITORY / "registry.yaml", tmp_path / "registry.yaml"))
    before = file.read_text("utf-8")
    more = ("--state", "coming_soon", "--stage", "planned", "--produces", "leads", "--keyword", "audio,radio")
    said = edit(file, *PODCASTS, *more, "--description-fr", "Des voix.", "--description-en", "Voices.")
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
    line = file.read_text("utf-8").partition("  - slug: podcasts")[0].count("\n") + 1
    assert said == f"registry.yaml: podcasts is added, on line {line}\n"


OPTIONS = [
    ("active --endpoint /api/p --multi-proxy", "multi_proxy", True),
    ("alpha_unavailable --endpoint /api/p --pipelinable", "pipelinable", True),
    ("meta --documentation /docs/p", "documentation", "/docs/p"),
    ("on_demand --needs leads --needs emails,phones", "needs", ("leads", "emails", "phones")),
    ("coming_soon --owner team-a --feature-page a-b", "feature_page", "a-b"),
]


@pytest.mark.parametrize(("options", "field", "value"), OPTIONS)
def test_every_state_and_option(file: Path, options: str, field: str, value: object) -> None:
    edit(file, *PODCASTS, "--state", *options.split())
    module = load(file).by_slug["podcasts"]
    assert getattr(module, field) == value
    assert module.state.bucket == options.split()[0]


def test_a_rename_takes_references_along(file: Path) -> None:
    removed = "removed:\n  - {slug: old, date: 2026-01-01, use: pagespeed, because: {fr: A, en: B}}\n"
    file.write_text(file.read_text("utf-8") + removed)
    assert edit(file, "rename", "pagespeed", "speed") == (
        "registry.yaml: pagespeed is called speed, and formerly has pagespeed\n"
        "registry.yaml: 2 references to it changed with it\n"
    )
    registry = load(file)
    assert registry.by_slug["speed"].formerly == ("pagespeed",)
    assert "speed" in registry.legacy_features and "pagespeed" not in registry.legacy_features
    assert registry.tombstones["old"].use == "speed"
    assert edit(file, "release", "finance") == "registry.yaml: finance is active, at /api/finance\n"
    refused = "pagespeed is a former slug: the module is called speed by now\n"
    assert edit(file, "rename", "pagespeed", "x", code=1) == refused


def test_a_removal_of_what_is_deprecated_needs_nothing_more(file: Path) -> None:
    deprecated = """formerly: [clients]
    deprecated: {since: 2026-01-01, removed_after: 2026-02-01, use: scrap, because: {fr: Non., en: No.}}
"""
    file.write_text(file.read_text("utf-8").replace("  - slug: crm\n", f"  - slug: crm\n    {deprecated}"))
    assert edit(file, "remove", "crm", "--date", "2026-02-02", "--keep-votes") == (
        "registry.yaml: crm and clients are removed, as of 2026-02-02\n"
        "registry.yaml: crm can be voted for, as one of legacy_features\n"
    )
    because = Label("Non.", "No.")
    gone = [Removed(slug, "2026-02-02", "scrap", because) for slug in ("crm", "clients")]
    assert [*load(file).tombstones.values()] == gone
    assert edit(file, "rename", "crm", "x", code=1) == "crm was removed on 2026-02-02\n"


NEW = "--state active --category enrich --fr TODO --en Letters --endpoint /api/letters"
#: Edits of a file that has a warning already, and the rules of which they are warned.
WARNED = {
    "rename crm customers": [],
    f"new emailz {NEW} --diff": ["close-slug", "endpoint-fit", "left-to-do"],
    f"new emailz {NEW}": ["close-slug", "endpoint-fit", "left-to-do"],
    "release crm --endpoint /api/deals": ["endpoint-fit"],
}


@pytest.mark.parametrize("line", WARNED)
def test_what_an_edit_is_warned_of_is_said_and_nothing_else(file: Path, line: str) -> None:
    file.write_text(file.read_text("utf-8").replace("  - slug: crm\n", "  - slug: crm\n    feature_page: none\n"))
    done = run(*line.split(), folder=file.parent)
    assert done.returncode == 0, done.stderr
    assert sorted(re.findall(r": warning: .* \[(.*)\]$", done.stderr, re.MULTILINE)) == WARNED[line]


def test_a_diff_writes_nothing_and_another_file_can_be_named(file: Path) -> None:
    before = file.read_bytes()
    other = Path(shutil.copy(file, file.parent / "other.yaml"))
    shown = edit(file, "rename", "crm", "customers", "--diff", "--file", "other.yaml")
    assert shown.splitlines()[:2] == ["--- other.yaml", "+++ other.yaml"]
    assert "\n-  - slug: crm\n+  - slug: customers\n" in shown
    assert file.read_bytes() == other.read_bytes() == before
    edit(file, "rename", "crm", "customers", "--file", "other.yaml")
    assert (file.read_bytes(), "customers" in load(other).by_slug) == (before, True)


def test_a_link_and_permissions_stay_and_nobody_sees_half_a_file(file: Path) -> None:
    (file.parent / "kept").mkdir()
    target = file.rename(file.parent / "kept" / "target.yaml")
    file.symlink_to(target)
    target.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(target, 12345, 23456)
    before = target.stat()
    with target.open("rb") as reader:
        edit(file, "rename", "crm", "clients_of_ours")
        assert b"clients_of_ours" not in reader.read()
    after = target.stat()
    assert file.is_symlink()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert [*target.parent.iterdir()] == [target]
    assert "clients_of_ours" in load(file).by_slug
