"""What is sent is what schemas/openapi.yaml says, for every kind of event that there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from receiving import SECRET
from receiving import Receiver as Receiving
from support import REPOSITORY

from service.accounts.store import Locale
from service.history.model import Change, Kind, encoded
from service.registry.model import Label
from service.webhooks.keys import CHANGES, REQUESTS, Queue
from service.webhooks.message import message, trial
from service.webhooks.receiver import Receiver, send

SPEC: dict[str, Any] = yaml.load((REPOSITORY / "schemas" / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SENT = {"module": CHANGES, "request": REQUESTS}


def valid(schema: dict[str, Any], value: object) -> bool:
    return Draft202012Validator({"components": SPEC["components"], **schema}).is_valid(value)


def events(queue: Queue) -> Iterator[str]:
    """An event of each kind, as it is stored."""
    label = Label("Numéro", "Number")
    if queue is CHANGES:
        for kind in Kind:
            was, becomes = (label, label) if kind is Kind.RELABELLED else ("coming_soon", None)
            votes = 27 if kind is Kind.RELEASED else None
            yield encoded(Change(kind, "crm", label, was, becomes), "0" * 64, votes)
        return
    for kind in ("opened", "status-changed"):
        for status in ("open", "answered", "activated", "declined"):
            event = {"kind": kind, "thread": "8f14e45fceea167a", "module": "sms", "status": status}
            yield json.dumps(event)
            yield json.dumps(event | {"traceparent": TRACE})


def test_both_queues_are_described() -> None:
    assert SPEC["webhooks"].keys() == SENT.keys()


@pytest.mark.parametrize("name", SENT)
def test_every_event_is_as_described(name: str, receiving: Receiving) -> None:
    described = SPEC["webhooks"][name]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    locales = cycle([None, *Locale])
    made = [
        message(SENT[name], f"1764146400000-{number}", event, lambda thread: next(locales))
        for number, event in enumerate(events(SENT[name]))
    ]
    for one in made:
        assert send(Receiver(receiving.url, SECRET), one).is_delivered
    assert len(receiving.received) == len(made)
    for received in receiving.received:
        assert valid(schema, received.body), received.body
        assert not valid(schema, received.body | {"data": {}})
        for header in described["parameters"]:
            if header["required"] or header["name"] in received.headers:
                assert valid(header["schema"], received.headers[header["name"]]), header
    sent = [received.headers.get("traceparent") for received in receiving.received]
    assert (None in sent, TRACE in sent) == (True, name == "request")


def test_the_id_of_a_test_is_described(receiving: Receiving) -> None:
    send(Receiver(receiving.url, SECRET), trial())
    [header] = [each for each in SPEC["webhooks"]["module"]["post"]["parameters"] if each["name"] == "webhook-id"]
    assert valid(header["schema"], receiving.ids[0])
