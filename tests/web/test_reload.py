"""An edited registry.yaml comes into force by itself, and an invalid one does not."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from application import REGISTRY, MakeApp, Start, editors_rename
from contract import Client, kind
from flask import Flask
from nginx import ask
from redis import Redis
from support import config_map_swap, run, wait_until, wait_until_all_listen
from traffic import Fate, traffic

from service.metrics import counting
from service.metrics.definitions import REFUSALS, RELOADS, STALE
from service.registry.loading.loader import keep, parse, read_file
from service.registry.loading.reload import ReloadingRegistry
from service.registry.model import Registry
from service.web.pages import modules
from service.web.pages.table import PAGES

ADDED = "  - { slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true }\nlegacy_features:"
WITH_CRM = REGISTRY.replace("legacy_features:", ADDED)
REFUSED = "registry.yaml: the edit is not in force, the last good registry stays"
INVALID = WITH_CRM.replace("slug: crm, category: tools", "slug: crm, category: tool")


def in_place(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    config_map_swap(path, REGISTRY)
    return path


@pytest.fixture
def app(make_app: MakeApp, file: Path, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr("service.registry.loading.reload.POLL_INTERVAL", 0.02)
    return make_app(registry_file=file)


def slugs(app: Flask) -> list[str]:
    return [entry["slug"] for entry in app.test_client().get("/api/modules").get_json()["modules"]]


def readiness(app: Flask) -> dict[str, Any]:
    response = app.test_client().get("/readyz?need=votes")
    assert response.status_code == 200, "votes are possible whatever the file is"
    return dict(response.get_json())


def is_ready(app: Flask) -> bool:
    return bool(readiness(app)["status"] == "ready")


def problems(app: Flask, file: Path, text: str) -> list[str]:
    """What /readyz says of an edit that is not in force."""
    editors_rename(file, text)
    wait_until(lambda: not is_ready(app))
    said = readiness(app)
    assert said["registry"] == "stale" and said["since"]
    return list(said["problems"])


def errors(caplog: pytest.LogCaptureFixture) -> list[list[str]]:
    """What the log says of edits that are not in force, a record each, with its details."""
    logged = [record for record in caplog.records if record.levelname == "ERROR"]
    return [[record.getMessage(), *getattr(record, "details", ())] for record in logged]


def test_an_edit_comes_into_force(app: Flask, file: Path, alice: Client) -> None:
    """Also one that keeps size and whole seconds. What may be voted for changes with the public document."""
    in_place(file, REGISTRY.replace("hiring", "firing"))
    wait_until(lambda: "firing" in slugs(app))
    for edit, slug in ((in_place, "first"), (editors_rename, "second"), (config_map_swap, "third")):
        assert alice.post(f"/api/features/{slug}/interest").status_code == 404
        edit(file, WITH_CRM.replace("slug: crm", f"slug: {slug}"))
        wait_until(lambda: slug in slugs(app))  # noqa: B023
        assert alice.post(f"/api/features/{slug}/interest").status_code == 204


def test_an_invalid_edit_changes_nothing_and_readyz_says_so(
    app: Flask, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before, slot = app.test_client().get("/api/modules").data, counting.slot()
    refused, reloads = slot.numbers[slot.place(REFUSALS)], slot.numbers[slot.place(RELOADS)]
    [problem] = problems(app, file, INVALID)
    assert '"tool" is not' in problem
    assert slot.numbers[slot.place(REFUSALS)] == refused + 1
    assert slot.numbers[slot.place(STALE)] == 1
    assert readiness(app)["others"] == 0
    assert app.test_client().get("/api/modules").data == before

    editors_rename(file, WITH_CRM)
    wait_until(lambda: is_ready(app))
    assert "crm" in slugs(app)
    assert (slot.numbers[slot.place(RELOADS)], slot.numbers[slot.place(STALE)]) == (reloads + 1, 0)
    assert errors(caplog) == [[REFUSED, problem]]


def test_of_many_problems_readyz_and_the_log_have_the_first_twenty_and_the_number_of_the_others(
    app: Flask, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each is one harmless line that does not say where the file is."""
    artifacts = ", ".join(letter * 60 for letter in "abcdefghij")
    more = f"category: tools, label: {{ fr: F, en: E }}, is_meta: true, needs: [{artifacts}], produces: [{artifacts}]"
    odd = f'"a\\n::error::b\\e[2J\u202e": x\nmodules:\n  - {{ slug: odd, {more} }}\n  - {{ slug: other, {more} }}\n'
    many = REGISTRY.replace("modules:\n", odd).replace("legacy_features:", f"legacy_features: [{'1, ' * 1_000}]\nold:")
    first = problems(app, file, many)
    assert len(first) == 20
    assert readiness(app)["others"] == 983
    [said] = wait_until(lambda: errors(caplog))
    assert said == [REFUSED, *first, "registry.yaml: and 983 other problems"]
    assert max(map(len, first)) == 500
    for line in said:
        assert line.startswith("registry.yaml:") and line.isprintable()
        assert str(file.parent) not in line


def test_what_is_no_file_changes_nothing_and_ends_no_watch(app: Flask, file: Path) -> None:
    for instead, good in ((lambda file: None, WITH_CRM), (os.mkfifo, REGISTRY)):
        file.unlink()
        instead(file)
        wait_until(lambda: not is_ready(app))
        assert "registry.yaml" in readiness(app)["problems"][0]
        assert "scrap" in slugs(app)
        editors_rename(file, good)
        wait_until(lambda: is_ready(app))
        assert ("crm" in slugs(app)) == (good == WITH_CRM)


def test_a_defect_during_a_reload_keeps_the_last_good_registry_and_the_watch(
    app: Flask, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defective(data: bytes, *options: Any) -> Registry:
        if b"# defect" in data:
            raise RuntimeError("what the service did wrong")
        return parse(data, *options)

    monkeypatch.setattr("service.registry.loading.reload.parse", defective)
    said = "registry.yaml: the service failed to read the edit (RuntimeError); see its log"
    assert problems(app, file, WITH_CRM + "# defect\n") == [said]
    assert "scrap" in slugs(app) and "crm" not in slugs(app)
    editors_rename(file, WITH_CRM)
    wait_until(lambda: is_ready(app))
    assert errors(caplog) == [[REFUSED, said]]
    assert "RuntimeError: what the service did wrong" in caplog.text, "the log has the traceback"


def test_what_can_be_had_later_is_made_meanwhile_and_a_defect_there_ends_no_watch(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.registry.loading.reload.POLL_INTERVAL", 0.02)
    live = ReloadingRegistry(file, lambda registry, *_: list(registry.by_slug), lambda registry: registry[99])
    live.watch()
    said = "registry.yaml: not all that is made of it could be made"
    wait_until(lambda: said in caplog.messages)
    editors_rename(file, WITH_CRM)
    wait_until(lambda: "crm" in live.current)
    assert caplog.messages.count(said) == 1, "it is not tried again and again"


def test_service_is_not_ready_while_page_cannot_be_made(
    app: Flask, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def roadmap(registry: Registry, lang: str) -> Mapping[str, Any]:
        if "crm" in registry.by_slug:
            raise RuntimeError(f"at {file}")
        return modules.roadmap(registry, lang)

    monkeypatch.setitem(PAGES, "roadmap", ("roadmap.html", roadmap))
    client = app.test_client()
    editors_rename(file, WITH_CRM)
    refused = wait_until(lambda: answer if (answer := client.get("/readyz")).status_code == 503 else None)
    assert kind(refused) == "page-failed"
    assert refused.json["detail"] == "The page /en/roadmap cannot be made: the log of the service says why."
    assert "crm" in slugs(app) and client.get("/en/graph").status_code == 200, "all else is served"
    said = "The page /en/roadmap cannot be made."
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [said]
    assert f"RuntimeError: at {file}" in caplog.text
    editors_rename(file, WITH_CRM.replace("crm", "crm_2"))
    wait_until(lambda: client.get("/readyz").status_code == 200)
    assert wait_until(lambda: "/fr/roadmap" in app.extensions["module_registry"].in_force.documents)


@pytest.mark.long
def test_every_worker_reloads_under_load_with_no_failed_request(serve: Start, short_dir: Path) -> None:
    file = short_dir / "registry.yaml"
    file.write_text(REGISTRY, encoding="utf-8")
    service = serve("--workers", "2", REGISTRY_FILE=str(file))
    wait_until_all_listen(service, 2)  # what a worker begins with is no edit

    def seen() -> tuple[bool, str]:
        registry, ready = (json.loads(ask(service.url, path).body) for path in ("/api/modules-registry", "/readyz"))
        return "crm" in registry["coming_soon"], ready["status"]

    with traffic(service.url, []) as clients:
        for text in (WITH_CRM, INVALID, REGISTRY, WITH_CRM):
            editors_rename(file, text)
            wanted = ("crm" in text, "degraded" if text is INVALID else "ready")
            # Many connections in a row, which the kernel spreads over the workers, all see the edit.
            wait_until(lambda: all(seen() == wanted for _ in range(24)))  # noqa: B023
    assert {request.fate for client in clients for request in client.done} == {Fate.ANSWERED}
    assert service.stderr.read_text().count("the edit is not in force") == 1, "one of two workers says so"
    wait_until(lambda: sum("the edited registry is in force" in line for line in service.log) == 3)  # one for both
    assert all("[INFO]" in line for line in service.log if "the edited registry is in force" in line)
    assert run("check", str(file)).returncode == 0


def test_a_forked_worker_watches_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under `gunicorn --preload`, where the app is made before the workers."""
    monkeypatch.setattr("service.registry.loading.reload.POLL_INTERVAL", 0.02)
    live = ReloadingRegistry(file, lambda registry, *_: registry)
    live.watch()
    child = os.fork()
    if child == 0:
        try:
            editors_rename(file, WITH_CRM)
            wait_until(lambda: "crm" in live.current.by_slug)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


CUT = REGISTRY.partition("  - { slug: import")[0]


def test_a_file_that_was_cut_is_not_believed_until_it_is_confirmed(
    app: Flask, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = slugs(app)
    said = problems(app, file, CUT)
    assert said == [
        "registry.yaml: 5 of 7 names are gone and not listed in removed (import, finance, sms_campaign, "
        "pipeline and hiring), as if the file had been cut while it was written; if that is meant, list them in "
        "removed, or restart the service"
    ]
    assert slugs(app) == before
    wait_until(lambda: [REFUSED, *said] in errors(caplog))
    because = "because: { fr: Une raison., en: A reason. }"
    removed = "".join(f"  - {{ slug: {slug}, date: 2026-03-01, {because} }}\n" for slug in before[2:])
    editors_rename(file, f"{CUT}removed:\n{removed}")
    wait_until(lambda: is_ready(app))
    assert slugs(app) == before[:2]


def test_a_process_that_starts_takes_the_last_good_registry_of_the_others(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"

    def start(kept: Path | None = kept) -> ReloadingRegistry[tuple[list[str], float]]:
        return ReloadingRegistry(file, lambda registry, _, modified: ([*registry.by_slug], modified), kept=kept)

    first = start().current
    assert not kept.exists()
    keep(kept, REGISTRY.encode(), first[1])
    for text in (CUT, INVALID):
        in_place(file, text)
        another = start()
        assert another.current == first and another.reload_error
    in_place(file, WITH_CRM)
    another = start()
    assert "crm" in another.current[0] and another.reload_error is None
    in_place(file, INVALID)
    assert "crm" in start().current[0], "the edit that was good is kept"
    in_place(file, CUT)
    assert start(None).current[0] == ["scrap", "linkedin"], "a start without one believes the file"


def test_an_edit_that_comes_between_the_files_status_and_its_bytes_is_refused_once(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = ReloadingRegistry(file, lambda *_: None)

    def edited_first(path: Path) -> bytes:
        in_place(file, INVALID)
        return read_file(path)

    monkeypatch.setattr("service.registry.loading.reload.read_file", edited_first)
    in_place(file, "an edit before")
    for _ in range(4):
        live.refresh()
    assert caplog.messages == [REFUSED]
