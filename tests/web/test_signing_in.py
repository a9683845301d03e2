"""Sign-in links: what they show, what redeems them, and bodies with tokens in whatever form they are sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from application import BROWSER, MakeLink, Slow, signed_out, token_of
from contract import Client, kind
from flask import Flask
from redis import Redis
from support import everything, wait_until
from web.pages.markup import parse

USED = {"account": "alice", "status": "active"}


def statuses(client: Client, url: str) -> list[int]:
    return [client.open(url, method=method).status_code for method in ("GET", "HEAD", "POST")]


def test_a_link_works_once(client: Client, link: MakeLink, redis: Redis) -> None:
    """Whatever is answered keeps its address to itself, and the store keeps no token that can be read."""
    url = f"{link('pia', 'pending')}&nonce=random-number"
    shown, signed = client.get(url), client.post(url)
    assert shown.json and signed.json == {"account": "pia", "status": "pending"}
    assert shown.json["account"] == "pia"
    left = datetime.fromisoformat(shown.json["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert client.get("/api/features").status_code == 200
    refused = [client.open(url.partition("&")[0], method=method) for method in ("POST", "GET")]
    for response in refused:
        assert (response.status_code, kind(response)) == (410, "sign-in-refused")
        assert "has been used" in response.text
        assert "accounts sign-in-link" in response.text
    assert client.head(url).status_code == 410
    for response in (shown, signed, *refused, client.get("/sign-in")):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
    for secret in (token_of(url), "random-number"):
        assert secret not in str(everything(redis))


def test_of_fifty_clients_with_one_link_one_is_signed_in(app: Flask, link: MakeLink) -> None:
    url, clients = link(), [signed_out(app) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda client: client.post(url).status_code, clients))
    assert sorted(answers) == [200] + [410] * 49
    assert [client.get("/api/features").status_code == 200 for client in clients] == [each == 200 for each in answers]


def test_a_lost_answer_does_not_cost_the_link(app: Flask, redis: Redis, link: MakeLink) -> None:
    url = f"{link()}&nonce=mine"
    assert [signed_out(app).post(url).json for _ in range(3)] == [USED] * 3
    for other in ("nonce=other", "nonce=", ""):
        assert signed_out(app).post(url.replace("nonce=mine", other)).status_code == 410
    assert expired(redis) <= 60
    assert signed_out(app).post(url).status_code == 410
    unspent = link()
    assert expired(redis) <= 15 * 60
    assert statuses(signed_out(app), unspent) == [410] * 3


def expired(redis: Redis) -> int:
    """In how many seconds the one link is forgotten, as which it is now."""
    [key] = redis.keys("{registry}:sign-in-token:*")
    left = int(redis.ttl(key))
    assert left > 0
    redis.pexpire(key, 1)
    wait_until(lambda: not redis.exists(key))
    return left


def test_the_button_of_the_page_signs_in_without_a_body(app: Flask, link: MakeLink) -> None:
    url = link()
    response = signed_out(app).get(url, headers=BROWSER)
    assert "form-action 'self'" in response.headers["Content-Security-Policy"]
    # The origin alone; with no-referrer a browser would say `Origin: null` below, and be refused.
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert response.headers["Cache-Control"] == "no-store"
    action = parse(response.text).one("main").one("form").attributes["action"]
    browser = {**BROWSER, "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answers = [signed_out(app).post(action, headers=browser) for _ in range(2)]  # since one was lost
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(303, "/en/")] * 2
    assert signed_out(app).post(action).json == USED
    other = parse(signed_out(app).get(link(), headers=BROWSER).text).one("main").one("form")
    assert other.attributes["action"] != action


def test_an_account_id_is_text_on_the_page(client: Client, redis: Redis, link: MakeLink) -> None:
    account_id = "</bdi><form><script>alert(1)</script>\"'&amp;a\u202eb"
    redis.hset(f"{{registry}}:account:{account_id}", mapping={"status": "active"})
    page = parse(client.get(link(account_id), headers=BROWSER).text)
    # One form signs in, and two close the palette and the list of keys.
    assert [len(page.all(tag)) for tag in ("form", "bdi", "script")] == [3, 1, 2]
    assert account_id.replace("\u202e", "\\u202e") in page.text


def test_a_body_is_refused_unread_and_the_link_is_not_spent(client: Client, link: MakeLink) -> None:
    url = link()
    body = Slow(b"{}")
    in_chunks = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    for framing, status in (({"CONTENT_LENGTH": "2"}, 413), (in_chunks, 411)):
        for address in (url, "/sign-in"):
            refused = client.post(address, environ_overrides={"wsgi.input": body, **framing})
            assert refused.status_code == status
    assert not body.asked.is_set()
    assert client.post(url).json == USED
