"""`module-registry new`, `rename`, `release` and `remove`: what they leave alone; for all else see answers.yaml."""

import os
import shutil
from pathlib import Path

from support import REPOSITORY, run

from service.registry.loading import load


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
