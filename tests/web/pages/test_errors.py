"""Errors are pages where a browser asks for HTML, and problem documents elsewhere."""

import pytest
from application import table
from contract import Client, kind
from markup import BROWSER, page_of


@pytest.mark.parametrize(("method", "path", "status"), table("pages/errors.yaml"))
def test_a_browser_is_shown_a_page_and_a_program_a_problem(client: Client, method: str, path: str, status: int) -> None:
    response = client.open(path, method=method, headers=BROWSER | {"Accept-Language": "fr"})
    page = page_of(response, status)
    assert {405: "Allow", 401: "WWW-Authenticate"}.get(status, "Cache-Control") in response.headers
    assert page.one("html")["lang"] == "fr"
    assert str(status) in page.one("main").text
    assert page.all("main a[href=/fr/]")
    assert page.one("meta[name=robots]")["content"] == "noindex"
    for accept in ("*/*", "application/json", "", "text/html," * 200):  # an endless one is as good as none
        program = client.open(path, method=method, headers={"Accept": accept})
        assert program.status_code == status
        assert kind(program)
