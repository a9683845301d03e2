"""The registry in force. tests/web/test_reload.py has what its readers see of an edit."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

from service.registry.live import Live
from service.registry.model import Registry


class Prepared:
    """More than the collector leaves alone, as a large registry is."""

    def __init__(self, registry: Registry, modified: float) -> None:
        self.made = [[index] for index in range(5_000)]


def edit(live: Live[Any], file: Path, text: str) -> None:
    file.write_text(text)
    live.refresh()
    live.refresh()


def test_a_reload_keeps_nobody_waiting_for_the_collector(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text("modules: []\n")
    looks: list[str] = []

    def prepare(registry: Registry, modified: float) -> Prepared:
        gc.callbacks.append(lambda phase, info: looks.append(phase))
        try:
            return Prepared(registry, modified)
        finally:
            gc.callbacks.pop()

    live = Live(file, prepare)
    edit(live, file, "modules: []\nlegacy_features: [crm]\n")
    assert not looks
    assert gc.isenabled()


def test_an_old_registry_is_freed_without_the_collector(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text("modules: []\n")
    live = Live(file, Prepared)
    old = weakref.ref(live.current)
    edit(live, file, "modules: []\nlegacy_features: [crm]\n")
    assert old() is None


def test_garbage_is_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text("modules: []\n")
    garbage = Prepared(Registry(()), 0)
    garbage.made.append(garbage)  # type: ignore[arg-type]
    reference = weakref.ref(garbage)
    del garbage
    Live(file, Prepared)
    assert reference() is None


def test_after_an_invalid_edit_the_collector_is_back(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text("modules: []\n")
    live = Live(file, Prepared)
    edit(live, file, "modules: {[\n\n")
    assert live.trouble
    assert gc.isenabled()
