"""What people want: counted without reading who, of votes wherever they are kept, and of requests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support import OPERATOR, AnyClient, add_accounts, ago, everything, table, vote

from service.accounts.sessions import Caller
from service.feedback import store as feedback
from service.feedback.keys import thread_key
from service.feedback.model import Status
from service.history.store import RELEASED_KEY
from service.insights.figures import gather
from service.insights.model import DAYS, Insights, Trend
from service.interest.keys import trend_key
from service.interest.maintenance import merge
from service.registry.model import Label, Module, Registry

LABEL = Label("Un nom", "A name")
CRM, HIRING, LINKEDIN, SMS, SCRAP = (
    Module(slug="crm", category="tools", label=LABEL, coming_soon=True, stage="planned"),
    Module(slug="hiring", category="signals", label=LABEL, coming_soon=True, formerly=("jobs", "talent")),
    Module(slug="linkedin", category="sources", label=LABEL, api_endpoint="/api/linkedin", formerly=("social",)),
    Module(slug="sms", category="outreach", label=LABEL, is_on_demand=True),
    Module(slug="scrap", category="sources", label=LABEL, api_endpoint="/api/scrap"),
)
REGISTRY = Registry((CRM, HIRING, LINKEDIN, SMS, SCRAP, replace(CRM, slug="brand")), ("company", "scrap"))
TODAY = datetime.now(UTC).date()


def found(redis: AnyClient, registry: Registry = REGISTRY) -> Insights:
    return gather(redis, None, registry)


def test_features_are_ranked_with_the_days_on_which_their_votes_came(redis: AnyClient) -> None:
    nothing = found(redis, Registry(()))
    assert (nothing.ranking, nothing.legacy, nothing.released, nothing.requests) == ((), (), (), ())
    assert nothing.total == Trend(0, None, (0,) * DAYS) and nothing.waits_since is None
    vote(redis, "crm", 40, "a", "b")
    vote(redis, "crm", 8, "c")
    vote(redis, "crm", 0, "a", wanted=False)
    vote(redis, "crm", 0, "d", "e")
    insights = found(redis)
    assert [(one.slug, one.place, one.trend.votes, one.stage) for one in insights.ranking] == [
        ("crm", 1, 4, "planned"),
        ("brand", 2, 0, "planned"),
        ("hiring", 2, 0, None),
    ]
    trend = insights.ranking[0].trend
    assert trend == Trend(4, ago(40), (0,) * 21 + (1,) + (0,) * 7 + (1,))
    assert (trend.week, trend.week_before, trend.month) == (1, 1, 2)
    assert trend.standing == (2,) * 21 + (3,) * 8 + (4,)
    assert insights.days[0] == ago(29) and insights.days[-1] == insights.today == ago(0) and len(insights.days) == DAYS
    assert insights.total == trend
    assert insights.ranking[1].trend == Trend(0, None, (0,) * DAYS)


def told(insights: Insights) -> dict[str, Any]:
    """What figures.yaml tells of."""
    days = {None: None} | {ago(number): number for number in range(200)}
    first = insights.ranking[0].trend
    return {
        "total": insights.total.votes,
        "first": [first.votes, days[first.first], first.week],
        "ranking": [[each.slug, each.place, each.trend.votes] for each in insights.ranking],
        "legacy": [[each.slug, each.place, each.trend.votes] for each in insights.legacy],
        "rising": [each.slug for each in insights.rising],
        "merged": [[each.slug, each.into] for each in insights.merged],
        "released": [
            [slug, state.bucket, votes, days[first_vote], days[released], waited, half]
            for slug, _, state, votes, first_vote, released, waited, half in insights.released
        ],
    }


@pytest.mark.parametrize("row", table(__file__, "figures.yaml"), ids=lambda row: row["what"])
def test_votes_are_told_as_they_came(redis: AnyClient, row: dict[str, Any]) -> None:
    for act, feature, *rest in row["acts"]:
        if act == "merge":
            merge(redis, feature, rest[0], by=OPERATOR)
        elif act == "release":
            moment = datetime.combine(TODAY - timedelta(days=rest[0]), datetime.min.time(), UTC)
            redis.command("HSET", RELEASED_KEY, feature, int(moment.timestamp() * 1000))
        else:
            vote(redis, feature, rest[0], *rest[1].split(), wanted=act == "vote")
    before = everything(redis)
    assert told(found(redis)) | row["told"] == told(found(redis))
    assert everything(redis) == before, "votes stay where they are"


def test_a_legacy_id_that_is_coming_soon_counts_once_and_what_has_no_module_has_no_label(redis: AnyClient) -> None:
    assert [one.label for one in found(redis).legacy] == [None, LABEL]
    both = found(redis, replace(REGISTRY, legacy_features=("crm",)))
    assert both.legacy == () and len(both.ranking) == 3


def test_requests_are_told_by_module_and_since_when_the_oldest_waits(redis: AnyClient) -> None:
    add_accounts(redis, "ann", "bob", "cleo")
    threads = [
        feedback.open_thread(redis, Caller(name), "sms", "Please", REGISTRY)[0] for name in ("ann", "bob", "cleo")
    ]
    redis.command("HSET", thread_key(threads[1].id), "updated", 1_764_146_400)
    feedback.change_status(redis, threads[0].id, "activated", [threads[0].etag], REGISTRY, by=OPERATOR)
    [asked] = found(redis).requests
    assert asked.by_status == {Status.OPEN: 2, Status.ANSWERED: 0, Status.ACTIVATED: 1, Status.DECLINED: 0}
    assert (asked.slug, asked.going_on, asked.waiting) == ("sms", 2, 2)
    first, second = (feedback.thread(redis, None, thread.id, REGISTRY).updated for thread in threads[1:])
    assert asked.oldest == min(first, second) == found(redis).waits_since


@pytest.mark.parametrize("feature", ["crm", "linkedin"])
def test_a_feature_with_a_damaged_trend_is_left_out(redis: AnyClient, feature: str) -> None:
    for day, net in (("0-yesterday", "1"), (ago(1), "one"), (ago(1), "9" * 30)):
        redis.delete(trend_key(feature))
        vote(redis, feature, 1, "a", "b")
        before = found(redis)
        redis.command("HSET", trend_key(feature), day, net)
        after = found(redis)
        assert (before.unreadable, after.unreadable) == (0, 1)
        assert feature not in [one.slug for one in (*after.ranking, *after.legacy, *after.released)]
    redis.set(trend_key(feature), "of another type")
    assert found(redis).unreadable == 1


def test_more_modules_than_fit_into_a_step_are_all_looked_at(redis: AnyClient) -> None:
    many = [replace(SCRAP, slug=f"module_{n}", api_endpoint=None) for n in range(1500)]
    soon = [replace(CRM, slug=f"soon_{n}") for n in range(1100)]
    for slug in ("soon_0", "soon_1099", "module_0", "module_1499"):
        vote(redis, slug, 1, "a")
    insights = found(redis, Registry((*many, *soon)))
    assert [one.slug for one in insights.ranking if one.trend.votes] == ["soon_0", "soon_1099"]
    assert len(insights.ranking) == 1100
    assert [one.slug for one in insights.released] == ["module_0", "module_1499"]
