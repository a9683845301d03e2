"""Edits of a registry file do what was asked, and leave all else as it was, to the byte, however it is written."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from styles import File, files
from support import table

from service.problems import EditRefused
from service.registry.edit.modules import Opened, add, release, remove, rename
from service.registry.loading.loader import parse
from service.registry.model import Label, Module, ModuleState, Registry, Removed

BECAUSE = Label("Parce que.", "Because: so.")
TABLE = table(__file__, "edits.yaml")


def opened(file: File) -> Opened:
    return Opened(file.data, "registry.yaml")


def chosen(data: st.DataObject, registry: Registry, *states: ModuleState) -> Module | None:
    """A module in one of some states, if there is one."""
    modules = [module for module in registry.modules if not states or module.state in states]
    return data.draw(st.sampled_from(modules)) if modules else None


def kept(before: bytes, after: bytes) -> bytes:
    """What an insertion has added. Fails unless all that was there is still there, in one or two parts."""
    start = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    rest = len(before) - start
    assert after[len(after) - rest :] == before[start:]
    return after[start : len(after) - rest]


@given(files(), st.data())
def test_a_module_is_renamed_there_and_back(file: File, data: st.DataObject) -> None:
    before = opened(file)
    module = chosen(data, before.registry)
    try:
        there = rename(before, module.slug, "fresh_name")
    except EditRefused:
        assert file.anchored and module.slug == "base"  # what repeats it would have the same formerly
        return
    after = parse(there.data, "there.yaml")
    renamed = after.by_slug["fresh_name"]
    assert renamed == replace(
        module, slug="fresh_name", formerly=(*module.formerly, module.slug), deprecated=renamed.deprecated
    )
    assert after.renames[module.slug] == "fresh_name"
    assert not [each for each in (*after.modules, *after.removed) if used(each) == module.slug]
    assert after.legacy_features == tuple(
        "fresh_name" if legacy == module.slug else legacy for legacy in before.registry.legacy_features
    )

    assert_others_stay(file, there.data, module.slug, follow=True)

    back = rename(Opened(there.data, "registry.yaml"), "fresh_name", module.slug)
    assert set(re.findall(rb"\w+", kept(file.data, back.data))) <= {b"formerly", b"fresh_name"}


def used(each: Module | Removed) -> str | None:
    end = each if isinstance(each, Removed) else each.deprecated
    return end.use if end else None


@given(files(), st.data())
def test_a_module_is_added_and_nothing_else_changes(file: File, data: st.DataObject) -> None:
    before = opened(file)
    fields = {"slug": "n1", "category": "enrich", "label": {"fr": "L’été : oui", "en": "#1"}}
    more = {"api_endpoint": "/api/n1", "needs": ["leads"]}, {"is_on_demand": True, "keywords": ["no", "a-b"]}
    fields |= data.draw(st.sampled_from([{"coming_soon": True}, *more]))
    added = add(before, fields).data
    after = parse(added, "after.yaml")
    assert after.by_slug["n1"] == Module.from_entry(fields)
    assert [module for module in after.modules if module.slug != "n1"] == [*before.registry.modules]
    assert kept(file.data, added).decode().count("n1") == 1 + ("api_endpoint" in fields)


@given(files(), st.data())
def test_a_module_is_released(file: File, data: st.DataObject) -> None:
    before = opened(file)
    if (module := chosen(data, before.registry, ModuleState.COMING_SOON, ModuleState.ALPHA_UNAVAILABLE)) is None:
        return
    done = release(before, module.slug, "/api/re-leased").data
    after = parse(done, "after.yaml")
    wanted = replace(module, coming_soon=False, alpha_unavailable=False, stage=None, api_endpoint="/api/re-leased")
    assert after.modules == tuple(wanted if each is module else each for each in before.registry.modules)
    assert_others_stay(file, done, module.slug)


@given(files(), st.data())
def test_a_module_is_removed(file: File, data: st.DataObject) -> None:
    before = opened(file)
    module = chosen(data, before.registry)
    use = data.draw(st.sampled_from([None, *(each.slug for each in before.registry.modules if each is not module)]))
    votes = data.draw(st.booleans())
    try:
        done = remove(before, module.slug, "2026-05-01", use, BECAUSE, votes).data
    except EditRefused as refused:
        others = [each for each in (*before.registry.modules, *before.registry.removed) if each is not module]
        named = [each for each in others if used(each) == module.slug]
        needed = module.slug == "base" and any(each.needs for each in others if isinstance(each, Module))
        instead = use or used(module)
        anchor = file.anchored and module.slug == "base"
        assert (named and (instead is None or instead in [each.slug for each in named])) or needed or anchor, refused
        return
    after = parse(done, "after.yaml")
    assert module.slug not in after.by_slug
    for slug in (module.slug, *module.formerly):
        assert after.tombstones[slug].date == "2026-05-01"
        assert after.tombstones[slug].because == BECAUSE
        assert after.tombstones[slug].use == (use or used(module))
    assert (module.slug in after.allowed_features) is (votes or module.slug in before.registry.legacy_features)
    assert len(after.modules) == len(before.registry.modules) - 1
    assert_others_stay(file, done, module.slug, follow=True)
    comments = re.compile(rb"^ *(# - c\d+: x)\r?$", re.MULTILINE)
    gone = next(text for entry, text in zip(file.modules, file.written, strict=True) if entry["slug"] == module.slug)
    above = comments.findall(file.data.partition(gone.encode())[0].splitlines()[-1])
    kept_or_its_own = [*comments.findall(done), *comments.findall(gone.encode())]
    assert sorted({*kept_or_its_own, *above}) == sorted(comments.findall(file.data))


def assert_others_stay(file: File, after: bytes, slug: str, follow: bool = False) -> None:
    """Every other entry is written as it was, and so is the end; one that names the module to use may name another."""
    text = after.decode()
    assert len(after) - len(after.rstrip()) == len(file.data) - len(file.data.rstrip())
    for entry, written in zip(file.modules, file.written, strict=True):
        if entry["slug"] != slug and not (follow and entry.get("deprecated", {}).get("use") == slug):
            assert written in text


#: What the table does to its files.
ACTIONS = {
    "removed": lambda opened: remove(opened, "b", "2026-05-01", None, Label("Non.", "No.")),
    "kept": lambda opened: remove(opened, "b", "2026-05-01", None, Label("Non.", "No."), votes=True),
    "renamed": lambda opened: rename(opened, "b", "n"),
    "released": lambda opened: release(opened, "b", "/api/b"),
    "added": lambda opened: add(opened, {"slug": "new", **FIELDS, "coming_soon": True}),
}
FIELDS = {"category": "tools", "label": {"fr": "A b", "en": "é"}}


@pytest.mark.parametrize(("kind", "before", "after"), [(kind, *row) for kind in ACTIONS for row in TABLE[kind]])
def test_a_small_file_before_and_after(kind: str, before: str, after: str) -> None:
    for name, piece in TABLE["pieces"].items():
        before, after = (text.replace(f"«{name}»", piece) for text in (before, after))
    done = ACTIONS[kind](Opened(before.encode(), "f"))
    assert done.data.decode() == after
    line = after.count("\n", 0, after.find("new")) + 1
    assert kind != "added" or done.said == (f"new is added, on line {line}",)


def test_a_file_that_is_too_large_or_would_be_is_not_edited() -> None:
    with pytest.raises(EditRefused, match="more than 1 MiB or 150,000 values"):
        Opened(b"modules: []\n" + b"#" * 1024 * 1024, "registry.yaml")
    former = b"modules: [{slug: b, category: tools, label: {fr: B, en: B}, is_meta: true, formerly: [b1, b2]}]\n"
    with pytest.raises(EditRefused, match="b cannot be removed, since f would be larger than 4 MiB then"):
        remove(Opened(former, "f"), "b", "2026-05-01", None, Label("A", "B" * 1_400_000))
