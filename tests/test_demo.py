"""`make demo`: made-up people and wishes, the same each time, with a way in for everybody."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import demo
import pytest
from support import REPOSITORY, clean_environ

from service.registry.loading import load

pytestmark = pytest.mark.long


def test_it_says_how_to_sign_in_and_leaves_nothing_behind() -> None:
    process = subprocess.Popen(
        [sys.executable, "tests/demo.py", "--port", "0", "--workers", "1"],
        cwd=REPOSITORY,
        env=clean_environ(REDIS_URL="redis://127.0.0.1:1"),  # which it must leave alone
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        said = ""
        while "More links" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        links = dict(re.findall(r"as (\w+): +(\S+)", said))
        assert links.keys() == {account.id for account in demo.CAST}
        with urlopen(Request(links["admin"], method="POST")) as answer:
            assert b'"account":"admin"' in answer.read()
        [(folder, program)] = re.findall(r"DATA_DIR=(\S+) (\S+)", said)
        assert (REPOSITORY / program).is_file(), "which is typed as it stands there"
        assert Path(folder).is_dir()
        [registry] = re.findall(r"modules end: (\S+)", said)
        assert b'"deprecated":{' in urlopen(f"{links['admin'].partition('/sign-in')[0]}/api/modules").read()
        assert load(Path(registry)).removed
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and not rest
    assert not Path(folder).parent.exists()
