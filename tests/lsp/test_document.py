"""An open file: its places as editors count them, what mends its problems, where names lead, and how they change."""

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from editor import CURSOR, opened
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from registry.checking import VALID, replaced

from service.lsp import completion
from service.lsp.document import Document
from service.lsp.server import RegistryServer, diagnostics
from service.problems import Diagnostic, Edit, EditRefused
from service.registry.lint.nodes import applied
from service.registry.loading.loader import Examined, parse

TEXT = "modules:\n  - slug: Scrap\n    owner: X\n"


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_a_character_takes_as_many_units_as_its_encoding_says(encoding: str, character: int) -> None:
    document = Document("", "a\n b\r\n😀c", encoding)
    assert [document.place(offset) for offset in (7, 8)] == [(2, character - 1), (2, character)]
    places = [(2, character), (1, 99), (9, 9)]  # what is nowhere is at the end of its line or of the text
    assert [document.offset(types.Position(*place)) for place in places] == [8, 4, 8]


@given(
    st.sampled_from(["utf-8", "utf-16", "utf-32"]), st.text(["a", "é", "😀", "\n", "\r", "\u2028", "\x0c"], max_size=12)
)
def test_every_offset_has_a_place_and_leads_back(encoding: str, text: str) -> None:
    document = Document("", text, encoding)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n" or text[offset : offset + 1] in ("\r", "\n"):
            continue  # the end of a line, which `offset` gives for anything beyond it
        assert document.offset(types.Position(*document.place(offset))) == offset


def test_half_a_character_is_the_place_before_it_and_a_surrogate_alone_is_one_unit() -> None:
    assert Document("", "a😀b").offset(types.Position(0, 2)) == 1
    assert Document("", "\ud83da").place(2) == (0, 2)


def with_problems(*problems: Diagnostic) -> Document:
    """A file with just these problems."""
    made = Document("registry.yaml", TEXT)
    made.examined = Examined(made.examined.linted, None, problems)
    return made


def problem(place: int, *edits: Edit, hint: str = "") -> Diagnostic:
    return Diagnostic("pattern", place, "it is wrong", hint, edits)


SLUG = problem(19, Edit(19, 24, "scrap"), hint="write scrap")
OWNER = problem(36, Edit(36, 37, "x"))
MEND, EVERYTHING = "write scrap", "mend everything that is certain"


def test_a_problem_under_the_cursor_is_mended_by_its_own_edits_or_all_at_once() -> None:
    made = with_problems(SLUG, OWNER)
    slug, everything = made.fixes(21, 21)
    assert slug == (MEND, "quickfix", SLUG.edits, [SLUG])
    assert [*made.fixes(36, 36)] == [("mend: it is wrong", "quickfix", OWNER.edits, [OWNER]), everything]
    assert [*made.fixes(0, 3)] == [everything]
    assert len([*made.fixes(0, len(TEXT))]) == 3
    assert [*with_problems(problem(19, hint="think")).fixes(0, len(TEXT))] == []


def test_all_at_once_takes_no_two_that_overlap() -> None:
    (everything,) = with_problems(OWNER, SLUG, problem(19, Edit(22, 30, ""))).fixes(0, 3)
    assert everything == (EVERYTHING, "source.fixAll", (*SLUG.edits, *OWNER.edits), [SLUG, OWNER])


def test_an_editor_gets_them_as_code_actions_of_the_kind_that_it_wants() -> None:
    server, uri = RegistryServer(), "file:///registry.yaml"
    server.documents[uri] = with_problems(SLUG, OWNER)
    act = server.protocol.fm.features[types.TEXT_DOCUMENT_CODE_ACTION]
    where = types.Range(types.Position(1, 12), types.Position(1, 12))
    edit = types.TextEdit(types.Range(types.Position(1, 10), types.Position(1, 15)), "scrap")
    wanted = {"quickfix": [MEND], "source": [EVERYTHING], "refactor": [], None: [MEND, EVERYTHING]}
    for only, titles in wanted.items():
        context = types.CodeActionContext(diagnostics=[], only=[types.CodeActionKind(only)] if only else None)
        actions = act(types.CodeActionParams(types.TextDocumentIdentifier(uri), where, context))
        assert [action.title for action in actions] == titles
        assert all(action.edit.changes[uri][0] == edit for action in actions)
        assert all(action.diagnostics[0].code == "pattern" for action in actions)


REFUSED = Path(__file__).with_name("renames.yaml").read_text("utf-8")
ENTRY = "category: tools, label: { fr: A, en: B }, coming_soon: true"


def renamed(marked: str, new: str) -> str:
    document, offset = opened(marked)
    return applied(document.text, document.renamed(offset, new))


@pytest.mark.parametrize("said", ["slug: scrap", "slug: pagespeed", "produces: [leads"])
def test_every_name_of_a_file_can_get_another_and_the_file_stays_valid(said: str) -> None:
    name = said.split()[1].strip("[")
    text = renamed(replaced(VALID, said, f"{said}{CURSOR}"), "quite_another")
    after = parse(text.encode(), "registry.yaml")
    if "slug" in said:
        assert name in after.by_slug["quite_another"].formerly and name not in after.by_slug
        assert (name == "pagespeed") == ("quite_another" in after.legacy_features)
        assert name not in after.legacy_features
        assert text.count("\n") == VALID.count("\n") + 1
    else:
        assert name not in {item for module in after.modules for item in (*module.needs, *module.produces)}


def test_an_artifact_may_be_called_what_is_no_text_without_quotes() -> None:
    after = parse(
        renamed(replaced(VALID, "produces: [leads", f"produces: [{CURSOR}leads"), "no").encode(), "registry.yaml"
    )
    assert "no" in {item for module in after.modules for item in module.produces}


@pytest.mark.parametrize(("marked", "new", "words"), yaml.safe_load(REFUSED))
def test_what_cannot_be_renamed_says_why(marked: str, new: str, words: str) -> None:
    with pytest.raises(EditRefused, match=words):
        renamed(marked.replace("ENTRY", ENTRY), new)


def test_an_artifact_leads_to_those_who_produce_it_and_a_slug_to_its_module() -> None:
    text = "modules:\n  - { slug: a, produces: [x, y] }\n  - { slug: b, needs: [x], formerly: [c] }\n"
    text += "  - { slug: d, deprecated: { use: c } }\nremoved: [{ slug: e, use: a }]\n"

    def lead(after: str, skip: int = 0) -> list[str]:
        offset = text.index(after) + len(after) + skip
        document = Document("registry.yaml", text, "utf-16")
        return [text[: mention.end].rpartition("\n")[2].strip() for mention in document.definitions(offset)]

    assert lead("needs: [") == ["- { slug: a, produces: [x"]
    assert lead("use: ") == ["- { slug: b, needs: [x], formerly: [c"]  # `use: c`, by its former slug
    assert lead("slug: e, use: ") == ["- { slug: a"]
    assert lead("formerly: [") == ["- { slug: b, needs: [x], formerly: [c"]
    assert lead("need") == []


def test_a_value_with_an_escape_is_left_alone() -> None:
    document, offset = opened('modules:\n  - slug: "\\x61¦b"\n')
    assert document.mention_at(offset) is None


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_shifts_nothing(mark: str) -> None:
    document = Document("registry.yaml", f"{mark}{VALID}")
    slug, *_ = document.renamed(VALID.index("scrap"), "it")
    assert document.text[slug.start : slug.end] == "scrap"
    text = replaced(VALID, "category: sources", "category: source")
    line = text[: text.index("category: source\n")].count("\n")
    said = [diagnostics(Document("registry.yaml", mark + each))[0] for each in (text, "mdules: []\n")]
    assert [str(each.range) for each in said] == [f"{line}:14-{line}:20", f"0:{len(mark)}-0:{len(mark) + 6}"]


def test_what_an_alias_or_a_merge_repeats_is_changed_once() -> None:
    entries = "  - { slug: a, produces: &x [y¦] }\n  - &m { slug: b, needs: *x }\n  - { <<: *m, slug: c }\n"
    assert renamed(f"modules:\n{entries}", "zed") == f"modules:\n{entries}".replace("[y¦]", "[zed]")


#: What files are made of, and what breaks them.
PIECES = ["\n", "\n  - ", "slug: a", "    ", ", ", ": ", "&a ", "\t", "\r", "- ", "<<: ", "deprecated: {", "use: "]
PIECES += [*'{}]"#é😀\ufeff\ue000', "needs: [", "modules:", "formerly:", "removed:", "legacy_features: [", "*a"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.integers(0, 200))
def test_of_any_text_there_is_an_answer_and_a_suggestion_that_is_taken_fits(text: str, offset: int) -> None:
    document = Document("registry.yaml", text)
    offset = min(offset, len(document.text))
    completed = completion.complete(document, offset)
    assert completed is None or 0 <= completed[0].start <= offset <= completed[0].end <= len(document.text)
    for problem in diagnostics(document):
        start, end = problem.range.start, problem.range.end
        assert (start.line, start.character) <= (end.line, end.character)
    completion.hover(document, offset)
    list(document.fixes(0, len(text)))
    for mention in [*document.definitions(offset), *document.references(offset)]:
        assert document.text[mention.start : mention.end] == mention.name
    with suppress(EditRefused):
        document.renamed(offset, "quite_another")
