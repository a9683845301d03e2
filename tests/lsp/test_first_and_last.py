"""What a language server has done before the first file is opened, and what it leaves on standard error."""

from __future__ import annotations

import json
import subprocess
import sys

from editor import PATIENCE
from support import REPOSITORY, clean_environ, command

#: What is loaded by the first looks at files, once a client has begun.
FIRST_LOOKS = """
import sys
from pathlib import Path
from lsprotocol import types
from service.lsp.document import Document
from service.lsp.server import diagnostics, make_server

begin = make_server().protocol.fm.features[types.INITIALIZE]
begin(types.InitializeParams(capabilities=types.ClientCapabilities()))
before = {*sys.modules}
text = Path("registry.yaml").read_text("utf-8")
for each in (text, text.replace("category: s", "category: x"), text.replace("needs: [", "needs: [[")):
    diagnostics(Document("registry.yaml", each, "utf-16"))
print(sorted({*sys.modules} - before))
"""


def test_the_first_file_that_is_opened_waits_for_nothing_to_be_loaded() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FIRST_LOOKS], cwd=REPOSITORY, env=clean_environ(), capture_output=True, check=True
    )
    assert ended.stdout == b"[]\n"


def test_a_rename_that_is_refused_leaves_no_trace_on_standard_error() -> None:
    place = {"textDocument": {"uri": "file:///registry.yaml"}, "position": {"line": 1, "character": 11}}
    item = {"languageId": "yaml", "version": 1, "text": "modules:\n  - slug: a\n    needs: [x, y]\n"}
    messages = [
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": {**place["textDocument"], **item}}},
        {"id": 2, "method": "textDocument/rename", "params": {**place, "newName": "b"}},
        {"id": 3, "method": "shutdown"},
        {"method": "exit"},
    ]
    written = [json.dumps({"jsonrpc": "2.0", **message}) for message in messages]
    sent = "".join(f"Content-Length: {len(each)}\r\n\r\n{each}" for each in written)
    ended = subprocess.run(
        command("lsp"), input=sent.encode(), capture_output=True, env=clean_environ(), timeout=PATIENCE, check=False
    )
    assert b"a module is renamed in a valid file only" in ended.stdout
    assert (ended.returncode, ended.stderr) == (0, b"")
