"""The documentation as pages: all of it can be reached, every link leads somewhere, and examples do what they say."""

import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from contract import SPEC, Client
from flask import Flask
from markup import Element, page_of
from support import OPERATOR, REPOSITORY, Serve, add_accounts, connect, session_cookie, socket_url

from service.accounts import sign_in
from service.web.pages.docs import PATHS, TEXTS
from service.web.pages.reference import curl, fetch, reference

DOCS = REPOSITORY / "service" / "docs"

#: The address that the examples name where neither PUBLIC_URL is set nor `serve` knows its own.
LOCAL = "http://127.0.0.1:8000"

OPERATIONS = reference(SPEC)["operations"]


@pytest.fixture
def read(client: Client) -> Callable[[str], Element]:
    """A page by its path, wherever that leads."""

    @cache
    def read(path: str) -> Element:
        response = client.get(path, follow_redirects=True)
        if response.mimetype != "text/html":
            assert response.status_code == 200, path
            return Element("", {})
        return page_of(response, kept=response.headers["Cache-Control"] != "no-store")

    return read


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_index_leads_to_every_text_and_the_reference(lang: str, read: Callable[[str], Element]) -> None:
    """To a decision, the page of decisions does."""
    linked = {*read(f"/{lang}/docs/").links.values(), *read("/en/docs/decisions").links.values()}
    for name, files in TEXTS.items():
        assert f"/{lang if lang in files else 'en'}/docs/{name}" in linked
    assert f"/{lang}/docs/reference" in linked
    assert sorted(DOCS.rglob("*.md")) == sorted(file for files in TEXTS.values() for file in files.values())


@pytest.mark.parametrize("paths", [pytest.param(PATHS, marks=pytest.mark.long), ["/fr/docs/concepts/module-registry"]])
def test_links_lead_somewhere_down_to_the_heading(paths: list[str], read: Callable[[str], Element]) -> None:
    anchors = cache(lambda path: {"", *read(path).ids})
    for path in paths:
        assert not read(path).all("img"), "which its policy forbids"
        for link in read(path).one("main").links.values():
            target, _, anchor = link.partition("#")
            if not target.startswith("https://"):
                assert anchor in anchors(target or path), f"{path} links to {link}"


@pytest.mark.parametrize("lang", ["en", pytest.param("fr", marks=pytest.mark.long)])
def test_the_reference_has_every_operation_with_its_examples(
    lang: str, read: Callable[[str], Element], make_once: Callable[..., Flask]
) -> None:
    public = make_once(public_url="https://registry.example.com").test_client().get(f"/{lang}/docs/reference")
    assert "curl https://registry.example.com/api/modules<" in public.text
    assert LOCAL not in public.text
    page = read(f"/{lang}/docs/reference")
    nodes = [node for item in SPEC["paths"].values() for node in item.values() if "operationId" in node]
    assert {node["operationId"] for node in nodes} <= set(page.ids)
    assert all(each["example"] for operation in OPERATIONS for each in operation["parameters"] if each["required"])
    for name, example in (("curl", curl), ("fetch", fetch)):
        examples = {code.children[0] for code in page.all(f"code.{name}")}
        assert examples == {example(operation, LOCAL) for operation in OPERATIONS}
    vote = page.one("section[aria-labelledby=addInterest]")
    required = {"en": "required", "fr": "obligatoire"}[lang]
    assert vote.texts("tbody td")[:3] == [f"feature_id {required}", "path", "string"]
    assert vote.texts("dt") == ["204", "400", "401", "403", "404", "411", "413", "429", "503"]
    problems = [code.text.rpartition(":")[2] for code in vote.all("dd")[3].all("code")]
    assert problems == ["account-not-active", "cross-site-request"]
    assert vote.all("dd")[3].one("[lang=en] p").text


def stand_in(name: str) -> str:
    """What stands for a parameter in the examples."""
    parameters = (parameter for operation in OPERATIONS for parameter in operation["parameters"])
    return next(str(each["example"]) for each in parameters if each["name"] == name and each["example"])


@pytest.mark.long
def test_the_examples_do_what_they_say(serve: Callable[..., Serve], tmp_path: Path) -> None:
    """With an account that may do everything, and an open thread of it."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    address = (started := serve(SECRET_KEY="a secret key of a test")).url
    with urlopen(f"{address}/en/docs/reference") as response:
        assert f"curl {address}/api/modules<" in response.read().decode(), "examples name where it listens"
    with closing(connect(socket_url(started.data_dir))) as client:
        add_accounts(client, "alice", role="admin")
        token = sign_in.make_token(client, "alice", by=OPERATOR)
    asking = next(each["body"] for each in OPERATIONS if each["operationId"] == "askForActivation")
    assert asking
    headers = {"Cookie": session_cookie("a secret key of a test", "alice"), "Content-Type": "application/json"}
    with urlopen(Request(f"{address}/api/feedback", asking.encode(), headers)) as response:
        own = {"thread_id": json.load(response)["id"], "If-Match": response.headers["ETag"], "token": token}
    # Signing in comes first and signing out last, and before it what takes a vote back, which a reason needs. A
    # provider's answer is nobody's to make up.
    tried = {each["operationId"]: each for each in OPERATIONS if "omeBackFromProvider" not in each["operationId"]}
    turn = {"showSignIn": -2, "headSignIn": -2, "signIn": -1, "removeInterest": 1, "signOut": 2}
    ids = sorted(tried, key=lambda id: turn.get(id, 0))
    script = ['curl() { command curl --silent --show-error --output answer --write-out "%{http_code}\\n" "$@"; }']
    for id in ids:
        example = curl(tried[id], LOCAL).replace(LOCAL, address)
        for name, value in own.items():
            example = example.replace(stand_in(name), value)
        script.append(f"printf '%s ' {id}\n{example}")
    done = subprocess.run(["sh", "-ec", "\n".join(script)], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    nothing_pressed = {"takeVoteIntent": "204"}  # what was pressed is in a cookie that no example has
    said = [f"{id} {nothing_pressed.get(id) or tried[id]['status']}" for id in ids]
    assert done.stdout.splitlines() == said, done.stderr
