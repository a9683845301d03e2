"""What `check` looks at: folders, and standard input under a name."""

from __future__ import annotations

from pathlib import Path

from support import run

GOOD = "modules: []\n"
BAD = "modules: 1\n"


def test_a_folder_stands_for_the_registries_below_it(tmp_path: Path) -> None:
    for name, text in {
        "registry.yaml": GOOD,
        "b/staging.yml": "# A comment\r\n'modules': []\r\n",
        "b/broken.yaml": "modules:\n  - slug: [\n",
        "b/registry.yml": "nothing: of the kind\n",
        "compose.yaml": "services:\n  modules: []\n",
        "notes.txt": GOOD,
        ".hidden/registry.yaml": BAD,
        "node_modules/registry.yaml": BAD,
        "large.yaml": GOOD + "#" * 4 * 1024 * 1024,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "loop").symlink_to(tmp_path)
    done = run("check", ".", folder=tmp_path)
    assert done.returncode == 1
    found = {line.partition(":")[0] for line in done.stdout.splitlines() if ".y" in line}
    assert found == {"b/broken.yaml", "b/registry.yml", "b/staging.yml", "registry.yaml"}
    (tmp_path / "b" / "broken.yaml").unlink()
    (tmp_path / "b" / "registry.yml").unlink()
    done = run("check", "b", "registry.yaml", folder=tmp_path)
    valid = "b/staging.yml: valid, 0 modules\nregistry.yaml: valid, 0 modules\n"
    assert (done.returncode, done.stdout) == (0, valid)
