"""What no walk shows of people: ids that an address would lose, data as a file, and acts in words."""

import json
from typing import Any

import pytest
from contract import Client
from flask import Flask
from markup import BROWSER, add_account, opened, sent_to, shown, told
from redis import Redis
from support import add_accounts
from walking import plain

from service.accounts import store
from service.accounts.actor import intended
from service.accounts.model import account_key
from service.accounts.store import Status
from service.audit.model import Action, Actor
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY
from service.privacy import personal_data
from service.problems import InvalidMerge, StorageUnavailable

LIST = "/fr/admin/people"
#: Ids that a path of an address would lose, or that would do harm where they are shown.
IDS = ["..", "%2F", "a?b&do=c#d+e;f", "<script>\"'"]


@pytest.mark.parametrize("account_id", IDS)
def test_every_id_has_a_page_whose_buttons_act_on_it(app: Flask, bob: Client, redis: Redis, account_id: str) -> None:
    add_account(app, redis, account_id, status="pending", name="Somebody")
    address = shown(bob, LIST).links["Somebody"]
    person = shown(bob, address)
    assert account_id in person.one("main dl").text
    [form] = [form for form in person.all("form") if form.all("button[value=activated]")]
    activated = bob.post(form["action"], data={"do": "activated"}, headers=BROWSER)
    assert sent_to(activated) == (303, address)
    assert redis.hget(account_key(account_id), "status") == "active"
    assert told(bob, address) == ["Le compte est actif."]
    confirmation = shown(bob, person.one("a.danger")["href"]).one("main form")
    erased = bob.post(confirmation["action"], data={"typed": account_id}, headers=BROWSER)
    assert sent_to(erased) == (303, LIST)
    assert not redis.exists(account_key(account_id))


@pytest.mark.parametrize(("account_id", "file"), [("alice", "data-alice.json"), ('x"é\\/..', "data-x-.json")])
def test_data_is_downloaded_as_a_file(app: Flask, bob: Client, redis: Any, account_id: str, file: str) -> None:
    opened(add_account(app, redis, account_id), "May I?")
    expected = personal_data.kept(redis, account_id)
    response = bob.post("/fr/admin/person", query_string={"id": account_id}, data={"do": "data"}, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{file}"'
    assert response.headers["Cache-Control"] == "no-store"
    data = json.loads(response.data)
    assert (data["requests"], data["account"]) == (expected["requests"], expected["account"])
    assert shown(bob, "/fr/admin/audit").texts("th[scope=row]")[0] == "Données personnelles exportées"


BOB = Actor.account("bob")


def acts(client: Client) -> list[list[str]]:
    """What is told of each act but for when it was."""
    return [[*map(plain, row[1:])] for row in shown(client, "/fr/admin/audit").rows]


def test_acts_in_words(bob: Client, redis: Redis) -> None:
    redis.delete(ENTRIES_KEY, OUTCOMES_KEY)
    redis.hdel(account_key("bob"), "name")
    store.set_details(redis, "bob", by=BOB, locale="fr")
    assert acts(bob) == [["bob", "Langue modifiée", "bob", "Français"]], "who has no name has an id"
    redis.hset(account_key("bob"), "name", "Bob")
    add_accounts(redis, "zoe1/2", status="pending", role="admin", name="Zoé")
    store.set_status(redis, "zoe1/2", Status.SUSPENDED, by=BOB)
    store.set_details(redis, "zoe1/2", by=BOB, name="Zoé B.")
    with pytest.raises(StorageUnavailable), intended(redis, BOB, Action.VOTES_IMPORTED):
        raise StorageUnavailable("gone")
    with pytest.raises(InvalidMerge), intended(redis, BOB, Action.VOTES_MERGED, before="<b>x</b>", after="y"):
        raise InvalidMerge("no")
    assert acts(bob) == [
        ["Bob", "Votes fusionnés Échec InvalidMerge", "", "<b>x</b> → puis y"],
        ["Bob", "Votes importés Non confirmé", "", ""],
        ["Bob", "Nom modifié", "Zoé B.", ""],
        ["Bob", "Statut modifié", "Zoé B.", "En attente → puis Suspendu"],
        ["tests en ligne de commande", "Compte ajouté", "Zoé B.", "En attente , Admin"],
        ["Bob", "Langue modifiée", "Bob", "Français"],
    ]
    page = shown(bob, "/fr/admin/audit")
    when = page.all("tbody .act-when")[0]
    assert " ".join(when.text.split()).endswith(f" {when.one('time')['datetime'][11:16]} UTC"), "without a pointer"
    assert page.all("a[href=/fr/admin/person?id=zoe1%2F2]")
    assert page.all(".act-unconfirmed")
    personal_data.erase(redis, "zoe1/2", by=BOB)
    assert [cell[:16] for cell in acts(bob)[0][1:3]] == ["Personne effacée"] * 2
    assert "zoe1" not in bob.get("/fr/admin/audit").text
