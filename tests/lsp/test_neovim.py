"""A real editor: Neovim without a screen does what people do with a registry."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from documentation import page
from registry.checking import VALID, replaced
from support import clean_environ, command

from service.registry.edit.modules import Opened, rename

SCRIPT = Path(__file__).with_name("neovim.lua")
NEOVIM = shutil.which("nvim")


@pytest.mark.long
@pytest.mark.skipif(NEOVIM is None, reason="no Neovim: apt-get install neovim")
def test_neovim_shows_mistakes_completes_leads_to_producers_and_renames(tmp_path: Path) -> None:
    # The emoji stands before the mistake, and Neovim counts columns in bytes.
    broken = replaced(VALID, "  - slug: scrap\n    category: sources", "  - slug: scrap # 😀\n    category: source")
    (tmp_path / "registry.yaml").write_text(broken, "utf-8")
    (init,) = re.findall("^```lua\n(.*?)^```", page("ops.md"), re.DOTALL | re.MULTILINE)
    (tmp_path / "init.lua").write_text(init, "utf-8")
    program = tmp_path / "module-registry"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n', "utf-8")
    program.chmod(0o755)
    state, path = str(tmp_path / "state"), f"{tmp_path}:{os.environ['PATH']}"
    environ = clean_environ(PATH=path, XDG_STATE_HOME=state, PUBLIC_URL="https://registry.example.com")
    start = [NEOVIM, "--headless", "--clean", "-l", str(SCRIPT)]
    ended = subprocess.run(start, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout.splitlines()[-1])
    line = broken[: broken.index("category: source\n")].count("\n")
    (problem,) = seen["problems"]
    assert problem == [line, 14, 20, "enum", 'scrap: category "source" is not a known one; did you mean sources?']
    assert seen["page"] == "https://registry.example.com/en/docs/rules#s-enum"
    assert "The frontend groups its tiles by category" in seen["hover"]
    assert {"emails", "verified_emails"} <= set(seen["completion"])
    assert {text.strip() for text in seen["producers"]} == {"produces: [leads]"}
    mended = replaced(broken, "category: source\n", "category: sources\n")
    assert seen["text"].encode() == rename(Opened(mended.encode(), "registry.yaml"), "emails", "mails").data
