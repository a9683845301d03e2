"""From a vote to the word that it shipped, against a service with two workers whose registry is edited."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import Serve, connect, everything, run, socket_url, wait_until
from test_many_voters import ask, sign_in

from service.history.keys import REGISTRY_KEY

pytestmark = pytest.mark.long

SOON = "modules: [{ slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true }]\n"
HERE = SOON.replace("coming_soon: true", "api_endpoint: /api/crm")
RENAMED = HERE.replace("slug: crm", "slug: contacts, formerly: [crm]")


def test_whoever_votes_is_told_and_nothing_is_left_of_who_goes(serve: Callable[..., Serve], short_dir: Path) -> None:
    file = short_dir / "registry.yaml"
    file.write_text(SOON)
    service = serve("--workers", "2", REGISTRY_FILE=str(file))
    settings = {"DATA_DIR": str(service.data_dir), "REGISTRY_FILE": str(file)}
    alice, ana = sign_in(service, "alice-4711"), sign_in(service, "ana")
    run("accounts", "set", "ana", "--role", "admin", **settings).check_returncode()

    def shipped() -> list[dict[str, Any]]:
        return list(json.loads(ask(service.url, "GET", "/api/me", alice)[2])["shipped"])

    with closing(connect(socket_url(service.data_dir))) as store:
        wait_until(lambda: store.exists(REGISTRY_KEY))  # what the edit is compared with
        assert ask(service.url, "POST", "/api/features/crm/interest", alice)[0] == 204
        assert shipped() == []

        file.write_text(HERE)
        [told] = wait_until(lambda: (found := shipped()) and found[0]["released"] and found)
        assert (told["slug"], told["label"]) == ("crm", {"fr": "CRM", "en": "CRM"})
        assert run("votes", "orphans", "--delete", "--yes", **settings).stdout == "deleted 0 votes\n"
        assert run("votes", "who", "crm", **settings).stdout == "alice-4711\n"

        file.write_text(RENAMED)
        assert wait_until(lambda: (found := shipped()) and found[0]["slug"] == "contacts" and found) == [
            told | {"slug": "contacts"}
        ]
        whom = {"voters": [{"id": "alice-4711", "name": "", "email": "", "locale": ""}], "next": None}
        for name in ("crm", "contacts"):  # of which a worker that has not seen the edit yet does not know the second
            path = f"/api/features/{name}/voters"
            wait_until(lambda path=path: json.loads(ask(service.url, "GET", path, ana)[2]) == whom)

        wait_until(lambda: ask(service.url, "DELETE", "/api/me/shipped/contacts", alice)[0] == 204)
        wait_until(lambda: not shipped())
        assert json.loads(run("accounts", "data", "alice-4711", **settings).stdout)["dismissed"].keys() == {"contacts"}
        run("accounts", "remove", "alice-4711", "--yes", **settings).check_returncode()
        assert "alice-4711" not in str(everything(store))
