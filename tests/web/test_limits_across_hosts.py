"""One account that votes and writes as fast as it can, through the workers of two hosts: one limit for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from support import OPERATOR, Serve, connect, session_cookie, wait_until
from test_many_voters import ask, at_once

from service.accounts import store as accounts
from service.accounts.store import Account
from service.interest.keys import interest_key

pytestmark = pytest.mark.long

KEY = "a secret key of the platform"
VOTE = "/api/features/linkedin/interest"
#: A token comes after 1,000 s.
SETTINGS = {"VOTE_BURST": "30", "VOTE_RATE": "0.001", "FEEDBACK_BURST": "10", "FEEDBACK_RATE": "0.001"}
TRIES = 80


@pytest.fixture
def hosts(cluster_url: str, serve: Callable[..., Serve]) -> Iterator[list[str]]:
    """The addresses of two `serve` of two workers each, on a Cluster, which Alice may vote at."""
    with closing(connect(cluster_url)) as client:
        client.flushall()
        accounts.add(client, Account("alice", "active"), by=OPERATOR)
        made = [serve("--workers", "2", REDIS_URL=cluster_url, SECRET_KEY=KEY, **SETTINGS) for _ in range(2)]
        wait_until(lambda: all(len(each.workers) == 2 for each in made))
        yield [each.url for each in made]
        assert client.smembers(interest_key("linkedin")) <= {"alice"}


def test_no_more_is_let_through_than_the_burst(hosts: list[str]) -> None:
    cookie = session_cookie(KEY, "alice")

    def vote(number: int) -> int:
        return ask(hosts[number % 2], "DELETE" if number % 3 == 0 else "POST", VOTE, cookie)[0]

    assert Counter(at_once(TRIES, vote)) == {204: 30, 429: TRIES - 30}
    sent = {"module": "sms_campaign", "message": "Please"}
    said = Counter(at_once(20, lambda number: ask(hosts[number % 2], "POST", "/api/feedback", cookie, sent)[0]))
    assert said == {201: 1, 200: 9, 429: 10}
