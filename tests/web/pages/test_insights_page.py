"""What people want, for admins: one page that says what to build next, who wants it, and downloads of both."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contract import Client
from flask import Flask
from markup import BROWSER, add_account, shown
from redis import Redis
from support import OPERATOR, AnyClient, vote

from service.accounts.store import account_key
from service.history.store import RELEASED_KEY
from service.insights.representation import VOTER_COLUMNS, voter_rows
from service.interest.keys import reasons_key, voted_key
from service.registry.loading.loader import load
from service.web.pages.insights import CHARTS

PAGE = "/fr/admin/insights"
TODAY = datetime.now(UTC).date()
REASON = "ul.reasons p[dir=auto]"


@pytest.fixture
def ana(bob: Client, redis: AnyClient) -> Client:
    """An admin, where people have voted for something of each kind."""
    vote(redis, "linkedin", 40, *(f"v{n}" for n in range(1200)))
    vote(redis, "hiring", 1, "v1", "v2")
    vote(redis, "linkedin", 2, "v1", wanted=False)
    vote(redis, "company", 3, "v1")
    vote(redis, "import", 90, "v1", "v2", "v3")
    redis.command("HSET", RELEASED_KEY, "import", int(datetime.now(UTC).timestamp() * 1000))
    return bob


def test_it_says_what_is_wanted_most_and_what_rises_and_bars_are_as_long_as_their_numbers(ana: Client) -> None:
    most, rising, everything, waiting = shown(ana, PAGE).texts("ul.figures a")
    assert most.startswith("En tête des votes Recherche LinkedIn 1\u202f199\u00a0votes, 100\u00a0% du total · ")
    assert most.endswith(" · 1\u202f197 de plus que le suivant")
    assert rising == "La plus forte hausse de la semaine Recrutement +2 · 0 la semaine précédente"
    assert everything == "Tous les votes 1\u202f201 +1 cette semaine · 0 la semaine précédente"
    assert waiting == "Demandes en attente 0 Personne n’attend de réponse."

    page = shown(ana, "/en/admin/insights")
    ranking, risen, asked, legacy = page.all("table.ranking")
    assert [row[:5] for row in ranking.rows] == [
        ["1", "LinkedIn search", "1,199", "7 days \N{MINUS SIGN}1", "30 days \N{MINUS SIGN}1"],
        ["2", "Hiring", "2", "7 days +2", "30 days +2"],
    ]
    assert [bar["width"] for bar in ranking.all("svg.bar-of rect")] == ["100.0%", "0.2%"]
    for hidden in ("svg.bar-of", "span.short-head"):
        assert len(ranking.all(hidden)) == len(ranking.all(f"{hidden}[aria-hidden=true]")) > 0
    curve = ranking.all("svg[role=img]")[1]
    named, described = (page.one(f"#{id}").text for id in curve["aria-labelledby"].split())
    first = TODAY - timedelta(days=29)
    assert named == "Votes of the last 30 days"
    assert described == f"From 0 on {first.day}\xa0{first:%B %Y} to 2 on {TODAY.day}\xa0{TODAY:%B %Y}."
    table = page.one("main details table")
    assert table.texts("thead th") == ["Day", "LinkedIn search", "Hiring"]
    values = [row[1:] for row in table.rows]
    assert (len(values), values[0], values[-1][1]) == (30, ["1,199", "2"], "0")
    assert risen.rows == [["Hiring", "+2", "0"]]
    assert asked.rows == [["Text messages", "0", "0", "0"]]
    assert legacy.rows == [["company", "1", "+1"], ["Google Maps scraper", "0", "0"]]
    [[name, votes, _, _, *waited]] = page.one("section.released").rows
    assert [name, votes, *waited] == ["Import", "3", "90 days", "90 days"]


def test_a_feature_says_how_its_votes_came_and_who_wants_it(app: Flask, ana: Client, redis: Redis) -> None:
    add_account(app, redis, "v1", name="Élise =1", email="elise@example.com", locale="fr")
    add_account(app, redis, "v2", status="suspended")
    redis.hset(voted_key("hiring"), "v1", "2026-05-03")
    page = shown(ana, f"{PAGE}/hiring")
    assert page.one("h1").text == "Recrutement"
    voters = [["Élise =1 v1", "3 mai", "elise@example.com", "Français"], ["v2 Suspendu", "", "", ""]]
    assert page.one("[role=region]").rows == voters
    assert len(page.all("main svg[role=img]")) == 2
    days = page.one("main details").rows
    assert len(days) == 30
    assert [row[1:] for row in days[:3]] == [["0", "2"], ["+2", "2"], ["0", "0"]]
    page = shown(ana, f"{PAGE}/import")
    assert "3\u00a0personnes avaient voté pour ce module" in page.one("p.lead").text
    assert len(page.one("[role=region]").rows) == 3


def test_admins_read_why_people_want_a_feature_newest_first_and_search_it(ana: Client, redis: Redis) -> None:
    for number in range(60):
        redis.hset(reasons_key("linkedin"), f"v{number}", f"{1_700_000_000_000 + number} Pour <b>{number}</b> clients")
    redis.hset(reasons_key("linkedin"), "v60", "1700000000099 À Zoé, d’abord")
    said = shown(ana, f"{PAGE}/linkedin").texts(REASON)
    assert (said[:2], len(said)) == (["À Zoé, d’abord", "Pour <b>59</b> clients"], 50)
    page = shown(ana, f"{PAGE}/linkedin?q=zoe&sort=week")
    assert page.texts(REASON) == said[:1]
    assert page.all(f"a[href={PAGE}/linkedin?sort=week#why]")
    redis.hset(reasons_key("linkedin"), "v61", "damaged")
    assert shown(ana, f"{PAGE}/linkedin?q=nothing").all(REASON) == []


@pytest.mark.parametrize(("lang", "separator"), [("en", ","), ("fr", ";")])
def test_downloads_open_in_the_spreadsheets_of_a_language(
    app: Flask, ana: Client, redis: Redis, lang: str, separator: str
) -> None:
    add_account(app, redis, "v1", name="=1+1;,", email="elise@example.com", locale="fr")
    redis.hset(reasons_key("hiring"), "v1", "1 =2+2")
    answer = ana.post(f"/{lang}/admin/insights/hiring/mail-merge.csv", headers=BROWSER)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hiring-voters.csv"'
    assert (answer.headers["Cache-Control"], answer.content_type) == ("no-store", "text/csv; charset=utf-8")
    text = answer.data.decode("utf-8-sig")
    assert answer.data.startswith(b"\xef\xbb\xbf") and text.endswith("\r\n")
    row = ["v1", "'=1+1;,", "elise@example.com", "fr", "Hiring", "Recrutement", "'=2+2"]
    assert list(csv.reader(text.splitlines(), delimiter=separator)) == [list(VOTER_COLUMNS), row]
    sheet = ana.get(f"/{lang}/admin/insights.csv")
    assert sheet.headers["Content-Disposition"] == f'attachment; filename="insights-{TODAY}.csv"'
    first, second, *_ = csv.DictReader(sheet.data.decode("utf-8-sig").splitlines(), delimiter=separator)
    assert [first[name] for name in ("part", "id", "votes")] == ["coming_soon", "linkedin", "1199"]
    assert [second[name] for name in ("part", "id", "votes")] == ["coming_soon", "hiring", "2"]
    assert ana.get(f"/{lang}/admin/insights/hiring/mail-merge.csv", headers=BROWSER).status_code == 405
    assert ana.post(f"/{lang}/admin/insights/nowhere/mail-merge.csv", headers=BROWSER).status_code == 404
    values = json.loads(ana.get(f"/{lang}/admin/insights.json").data)
    assert values["coming_soon"][1]["daily"][-3:] == [0, 2, 0]


def test_a_table_is_whole_or_there_is_none(ana: Client, redis: AnyClient, registry_file: Path) -> None:
    """Whoever gets half of it would write to half of the people."""
    for number in range(700):
        redis.hset(account_key(f"v{number}"), mapping={"status": "active", "email": f"v{number}@example.com"})
    assert ana.post(f"{PAGE}/linkedin/mail-merge.csv").data.count(b"@example.com") == 699
    *_, (last, *_) = voter_rows(redis, "linkedin", load(registry_file), by=OPERATOR)
    redis.set(account_key(last), "damaged")
    assert ana.post(f"{PAGE}/linkedin/mail-merge.csv").status_code == 503


def test_drawings_stand_on_zero() -> None:
    assert CHARTS["line"]((0, 5, 10), 100, 22) == "M0 21L50 11L100 1"
    assert CHARTS["line"]((0, 0), 100, 22) == "M0 21L100 21"
    assert CHARTS["columns"]((2, 0, -1), 30, 30) == ("M1.25 20v-20h7.5v20zM21.25 20v10h7.5v-10z", 20)
    assert CHARTS["columns"]((0, 0), 30, 30) == ("", 30)
