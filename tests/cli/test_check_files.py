"""What `check` looks at: folders, standard input under a name, and files that change under --watch."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from support import DEADLINE, clean_environ, command, run, wait_until

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


def test_watch_prints_anew_at_each_change_until_ctrl_c(tmp_path: Path) -> None:
    file, output = tmp_path / "registry.yaml", tmp_path / "output"
    file.write_text(GOOD)
    with output.open("w") as stdout:
        start = command("check", "--watch", ".")
        process = subprocess.Popen(start, cwd=tmp_path, env=clean_environ(), stdout=stdout, stderr=stdout)
    try:
        wait_until(lambda: output.read_text() == "registry.yaml: valid, 0 modules\n")
        file.write_text(BAD)
        wait_until(lambda: "\nregistry.yaml:1:10: modules is a number" in output.read_text())
        file.unlink()
        wait_until(lambda: ".: is a folder without a registry" in output.read_text())
        new = tmp_path / "new"
        new.write_text(GOOD)
        new.rename(file)
        wait_until(lambda: output.read_text().count("registry.yaml: valid, 0 modules\n") == 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 130
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in output.read_text() and "Aborted" not in output.read_text()
