"""What admins have done, as admins see it."""

from __future__ import annotations

import pytest
from contract import Client
from markup import Element, shown
from redis import Redis
from support import OPERATOR

from service import privacy
from service.accounts import store
from service.accounts.actor import intended
from service.accounts.store import Account, Status, account_key
from service.audit.model import Action, Actor
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY
from service.problems import InvalidMerge, StorageUnavailable

LOG = "/fr/admin/audit"
BOB = Actor.account("bob")


@pytest.fixture
def bob(bob: Client, redis: Redis) -> Client:
    """An admin, before anybody has done anything."""
    redis.delete(ENTRIES_KEY, OUTCOMES_KEY)
    return bob


def rows(page: Element) -> list[list[str]]:
    """The cells of each entry but for when it was."""
    lines = page.one("tbody").all("tr")
    return [[" ".join(cell.text.split()) for cell in line if cell.tag in ("td", "th")][1:] for line in lines]


def test_acts_in_words(bob: Client, redis: Redis) -> None:
    redis.hdel(account_key("bob"), "name")
    store.set_details(redis, "bob", by=BOB, locale="fr")
    assert rows(shown(bob, LOG)) == [["bob", "Langue modifiée", "bob", "Français"]], "who has no name has an id"
    redis.hset(account_key("bob"), "name", "Bob")
    store.add(redis, Account("zoe1/2", "pending", "admin", "Zoé"), by=OPERATOR)
    store.set_status(redis, "zoe1/2", Status.SUSPENDED, by=BOB)
    store.set_details(redis, "zoe1/2", by=BOB, name="Zoé B.")
    with pytest.raises(StorageUnavailable), intended(redis, BOB, Action.VOTES_IMPORTED):
        raise StorageUnavailable("gone")
    with pytest.raises(InvalidMerge), intended(redis, BOB, Action.VOTES_MERGED, before="<b>x</b>", after="y"):
        raise InvalidMerge("no")
    page = shown(bob, LOG)
    assert rows(page) == [
        ["Bob", "Votes fusionnés Échec InvalidMerge", "", "<b>x</b> → puis y"],
        ["Bob", "Votes importés Non confirmé", "", ""],
        ["Bob", "Nom modifié", "Zoé B.", ""],
        ["Bob", "Statut modifié", "Zoé B.", "En attente → puis Suspendu"],
        ["tests en ligne de commande", "Compte ajouté", "Zoé B.", "En attente , Admin"],
        ["Bob", "Langue modifiée", "Bob", "Français"],
    ]
    when = page.one("tbody").all(class_="act-when")[0]
    assert " ".join(when.text.split()).endswith(f" {when.one('time')['datetime'][11:16]} UTC"), "without a pointer"
    assert page.all("a", href="/fr/admin/person?id=zoe1%2F2")
    assert page.all(class_="act-unconfirmed")
    privacy.erase(redis, "zoe1/2", by=BOB)
    page = shown(bob, LOG)
    assert rows(page)[0][1].startswith("Personne effacée")
    assert rows(page)[0][2].startswith("Personne effacée")
    assert "zoe1" not in str([element.attributes for element in page])
