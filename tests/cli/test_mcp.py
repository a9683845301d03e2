"""`mcp`, asked by the official client: each answer is what a command prints, and nothing is written or told of people.

mcp.yaml has the questions.
"""

import importlib
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import OPERATOR, AnyClient, clean_environ, command, everything, run, table

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.feedback import store as feedback
from service.interest.maintenance import add_voters
from service.registry.loading.loader import load
from service.wording import install_command

QUESTIONS = table(__file__, "mcp.yaml")
NEEDS_SDK = pytest.mark.skipif(not importlib.util.find_spec("mcp"), reason="the extra mcp is not installed")
VERSION = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}
START = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": VERSION}


@pytest.fixture
def folder(file: Path, commit: Callable[[Path], str]) -> Path:
    """The working folder: a repository with two registries, one that is broken, and a link that leads out of it."""
    folder = file.parent / "here"
    folder.mkdir()
    file.rename(folder / "registry.yaml")
    text = (folder / "registry.yaml").read_text("utf-8")
    (folder / "edited.yaml").write_text(text)
    run("rename", "linkedin", "linkedin_search", "--file", "edited.yaml", folder=folder)
    run("remove", "crm", *("--because-fr", "Fini.", "--because-en", "Over."), "--file", "edited.yaml", folder=folder)
    (folder / "broken.yaml").write_text(
        "modules:\n  - slug: crm\n    category: tool\n    label: { fr: TODO, en: C }\n    coming_soon: true\n"
    )
    outside = file.parent / "outside.yaml"
    outside.write_text(text)
    (folder / "link.yaml").symlink_to(outside)
    commit(folder)
    return folder


async def asked(questions: list[dict[str, Any]], folder: Path, settings: dict[str, str]) -> list[tuple[bool, str]]:
    """Whether each question is refused, and the text of the answer."""
    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    program, *arguments = command("mcp")
    environ = clean_environ(**settings)
    answers = []
    server = StdioServerParameters(command=program, args=arguments, cwd=folder, env=environ)
    # By default that of the moment at which it was imported, which may have been one that a test captured.
    async with Client(stdio_client(server, errlog=sys.__stderr__)) as client:
        tools = (await client.list_tools()).tools
        assert all(tool.annotations and tool.annotations.read_only_hint and tool.description for tool in tools)
        assert {tool.name for tool in tools} == {question["tool"] for question in questions}
        for question in questions:
            text = {"text": (folder / question["text"]).read_text("utf-8")} if "text" in question else {}
            answer = await client.call_tool(question["tool"], question.get("given", {}) | text)
            (content,) = answer.content
            answers.append((bool(answer.is_error), content.text))
    return answers


@NEEDS_SDK
@pytest.mark.long
def test_each_answer_is_what_a_command_prints_and_names_nobody(folder: Path, redis: AnyClient, valkey_url: str) -> None:
    import anyio

    add_voters(redis, "linkedin", ["voter-1", "voter-2"])
    accounts.add(redis, Account("ann-the-asker", "active"), by=OPERATOR)
    feedback.open_thread(redis, Caller("ann-the-asker"), "email_campaign", "A secret", load(folder / "registry.yaml"))

    def all_there_is() -> object:
        return everything(redis), {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    before, settings = all_there_is(), {"REDIS_URL": valkey_url}
    answers = anyio.run(asked, QUESTIONS, folder, settings)
    for question, (is_refused, text) in zip(QUESTIONS, answers, strict=True):
        if "refused" in question:
            assert (is_refused, question["refused"] in text) == (True, True), (question, text)
            continue
        stdin = question.get("given", {}).get("text", "")
        done = run(*shlex.split(question["command"]), stdin=stdin, folder=folder, **settings)
        assert (is_refused, f"{text}\n") == (False, done.stdout), question
    assert not any(name in text for _, text in answers for name in ("voter-", "ann-the-asker", "A secret"))
    assert before == all_there_is()


@NEEDS_SDK
@pytest.mark.long
def test_standard_output_is_the_protocols_alone_and_without_a_store_figures_are_not_known(folder: Path) -> None:
    ask = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "insights", "arguments": {}}}
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    environ, said = clean_environ(REDIS_UR="misspelt, which is said in the log"), []
    with subprocess.Popen(command("mcp"), cwd=folder, env=environ, stdin=-1, stdout=-1, stderr=-1, text=True) as server:
        assert server.stdin and server.stdout and server.stderr
        for messages in ([START], [ready, ask]):
            server.stdin.write("".join(f"{json.dumps(message)}\n" for message in messages))
            server.stdin.flush()
            said.append(json.loads(server.stdout.readline()))
        server.stdin.close()
        assert (server.stdout.read(), "REDIS_UR" in server.stderr.read()) == ("", True)
    assert [message["id"] for message in said] == [1, 2]
    assert json.loads(said[1]["result"]["content"][0]["text"]).startswith("not known: REDIS_URL is not set")


def test_without_its_sdk_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setattr("service.cli.mcp.find_spec", lambda name: None)
    done = run("mcp")
    assert (done.returncode, done.stderr) == (1, f"Error: its SDK is missing: run {install_command('mcp')}\n")
