"""What operators.md says of connecting a provider, done as it says."""

import json
import re
import shutil
import subprocess
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, build_opener

import documentation
import openid_provider
import pytest
from application import Start
from clusters import free_ports
from support import wait_until

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (openid_provider.FOLDER and openid_provider.NODE), reason=openid_provider.MISSING),
]

PAGE = documentation.page("operators.md")
#: Who signs in, and who they are then: name, status and role.
PEOPLE = {
    "alice": ["Alice Martin", "active", "member"],
    "boss": ["Berta Boss", "active", "admin"],
    "eve": ["Eve", "pending", "member"],
}


def test_the_example_signs_people_in_as_it_says(serve: Start, tmp_path: Path) -> None:
    ports = dict(zip(("9000", "8000"), map(str, free_ports(2)), strict=True))

    def ours(text: str) -> str:
        return re.sub("9000|8000", lambda people: ports[people[0]], text)

    assert openid_provider.FOLDER and openid_provider.NODE
    shutil.copytree(Path(openid_provider.FOLDER).parent, tmp_path / "node_modules", symlinks=True)
    [script] = re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "provider.mjs").write_text(ours(script))
    [shell] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    settings = {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"(.*?)"|(\S+))', ours(shell))}
    process = subprocess.Popen(
        [openid_provider.NODE, "provider.mjs"], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    try:
        running = serve("--port", ports["8000"], "--access-log", **settings)
        for who, expected in PEOPLE.items():
            browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
            browser.addheaders = [("Accept", "text/html")]
            at, page = wait_until(lambda: opened(browser, f"{running.url}/en/sign-in/openid"))  # noqa: B023
            while prompt := re.search(r'name="prompt" value="(\w+)"', page):
                fields = {"prompt": prompt[1], "login": who, "password": "any"}
                [form] = re.findall(r'<form.* action="([^"]+)"', page)
                at, page = opened(browser, urljoin(at, unescape(form)), urlencode(fields).encode())
            assert at == f"{running.url}/{'fr' if who == 'alice' else 'en'}/"  # she speaks French
            me = json.loads(opened(browser, f"{running.url}/api/me")[1])
            assert [me["name"], me["status"], me["role"]] == expected
        at, page = opened(browser, f"{running.url}/sign-out", b"")
        assert "/session/end" in at
        said = running.stdout.read_text() + running.stderr.read_text()
        assert "GET /sign-in/openid/callback 303" in said
        assert "code=" not in said
    finally:
        process.kill()
        process.communicate()


def opened(browser: OpenerDirector, address: str, sent: bytes | None = None) -> Any:
    """Where an address leads to in the end, and the page there, once the provider answers; nothing until then."""
    try:
        with browser.open(address, sent) as answer:
            return answer.url, answer.read().decode()
    except HTTPError:
        return None
