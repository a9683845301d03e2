"""What a language server answers to a client of its protocol, and `module-registry lsp` on its standard streams."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import call, patch

import pytest
from editor import CURSOR, Editor, editor, in_new_entry, unmarked
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from registry.checking import VALID, problems, replaced
from registry.costly import module, names
from support import run, table

from service.lsp.document import Document
from service.lsp.server import MOST
from service.registry.loading.loader import MOST_PROBLEMS, examine

HOVERED = table(__file__, "hover.yaml")


@pytest.fixture(scope="module")
def session() -> Iterator[Editor]:
    """An editor that takes snippets, and counts as all do."""
    with editor() as opened:
        yield opened


@pytest.fixture(scope="module")
def other_session() -> Iterator[Editor]:
    """An editor that takes no snippets, has registries of other names, and knows where rules are."""
    files, page = ["*.modules.yaml", "config/all.yaml"], "https://registry.example.com/en/docs/rules"
    with editor(types.ClientCapabilities(), rules_page=page, files=files) as opened:
        yield opened


def test_the_words_and_places_are_those_of_check_warnings_as_such(session: Editor) -> None:
    text = replaced(replaced(VALID, "api_endpoint:", "api_endpiont:"), "needs: [leads]", "needs: [leds]")
    told = [
        (each.range.start.line + 1, each.range.start.character + 1, each.message, each.code)
        for each in session.problems(session.open(text))
    ]
    assert told == [(each.line, each.column, each.text, each.rule) for each in problems(text)]
    assert len(told) == 2
    uri = session.open(replaced(VALID, 'en: "Google Maps scraper"', 'en: "TODO"'))
    [warning] = session.problems(uri)
    assert (warning.severity, warning.code) == (types.DiagnosticSeverity.Warning, "left-to-do")
    assert warning.range.end.character - warning.range.start.character == len('"TODO"')
    session.change(uri, replaced(VALID, "category: sources", "category: source"))
    [error] = session.problems(uri, 1)
    assert (error.code, error.source, error.severity) == ("enum", "module-registry", types.DiagnosticSeverity.Error)
    session.change(uri, VALID)
    assert session.problems(uri, 2) == []


ENCODINGS = [
    (None, "utf-16", (33, 35)),
    (["utf-8"], "utf-8", (35, 37)),
    (["utf-32", "utf-8"], "utf-32", (32, 34)),
    (["utf-7"], "utf-16", (33, 35)),
]


@pytest.mark.parametrize(("encodings", "chosen", "columns"), ENCODINGS)
def test_an_emoji_shifts_no_column(encodings: list[str] | None, chosen: str, columns: tuple[int, int]) -> None:
    """In the first encoding of the editor's that is known."""
    general = types.GeneralClientCapabilities(position_encodings=encodings)
    with editor(types.ClientCapabilities(general=general)) as session:
        assert session.capabilities.position_encoding == chosen
        entry = '{ slug: a, keywords: ["😀"], bb: 1, category: tools, label: { fr: A, en: B }, coming_soon: true }'
        uri = session.open(f"modules:\n  - {entry}\n")
        (problem,) = [each for each in session.problems(uri) if each.code == "unknown-field"]
        assert (problem.range.start.character, problem.range.end.character) == columns


def test_other_files_are_left_alone_unless_the_editor_names_them(session: Editor, other_session: Editor) -> None:
    other = session.at(f"modules: [{CURSOR}\n", "compose.yaml")
    assert session.complete(other) == []
    assert session.problems(session.open("modules: {}\n"))  # by now the other one would have been looked at
    assert other["text_document"].uri not in session.diagnostics
    others = [other_session.open("x", name) for name in ("registry.yaml", "all.yaml")]
    for name in ("a.modules.yaml", "config/all.yaml"):
        assert other_session.problems(other_session.open("x", name))
    assert not other_session.diagnostics.keys() & set(others)


def test_a_new_entry_can_be_written_from_suggestions_alone(session: Editor) -> None:
    text = in_new_entry(f"{CURSOR}")
    for label in ("label", "coming_soon"):
        text = replaced(session.completed(text, label), "\n\nlegacy", f"\n    {CURSOR}\n\nlegacy")
        text = text.replace('fr: ""', 'fr: "A"').replace('en: ""', 'en: "B"')
    text = session.completed(text, "category").replace("${1|sources,enrich,signals,outreach,tools|}", "tools")
    assert problems(text.replace("$1", "A").replace("$2", "B")) == []


def test_a_client_without_snippets_gets_plain_text(other_session: Editor) -> None:
    marked = in_new_entry(f"{CURSOR}")
    assert "    needs: []\n" in other_session.completed(marked, "needs", "a.modules.yaml")
    assert '    label: { fr: "", en: "" }\n' in other_session.completed(marked, "label", "a.modules.yaml")
    entry = other_session.completed(f"modules:\n  - {CURSOR}\n", "active module", "a.modules.yaml")
    fields = '  category: \n  label: { fr: "", en: "" }\n  api_endpoint: /api/\n'
    assert entry == f"modules:\n  - slug: \n{fields}"  # the client indents what follows


def test_what_the_file_said_is_known_while_it_cannot_be_read(session: Editor) -> None:
    text, place = unmarked(in_new_entry(f"needs: [em{CURSOR}"))
    uri = session.open(VALID)
    session.problems(uri)
    session.change(uri, replaced(text, 'en: "Google Maps scraper"', 'en: "Google Maps scraper'))
    assert session.problems(uri, 1)[0].code == "syntax"
    where = {"text_document": types.TextDocumentIdentifier(uri), "position": place}
    assert "emails" in [item.label for item in session.complete(where)]
    answer = session.complete(session.at(in_new_entry(f"needs: [em{CURSOR}")))
    assert "emails" in [item.label for item in answer], "it was opened with such a line"
    assert [item.sort_text for item in answer] == [f"{number:04}" for number in range(len(answer))]


@pytest.mark.parametrize("row", HOVERED, ids=lambda row: row.get("line", row.get("text")))
def test_hovering_says_what_a_thing_or_a_rule_is(session: Editor, row: dict[str, Any]) -> None:
    line = row.get("line", "")
    before = row.get("instead_of", line.replace(CURSOR, ""))
    place = session.at(row.get("text") or replaced(VALID, before, line))
    answer = session.wait(session.client.text_document_hover_async(types.HoverParams(**place)))
    said = answer.contents.value if answer else ""
    assert [words for words in row.get("says", ()) if words not in said] == []
    assert ("says" in row) == bool(said)


def test_of_very_many_names_the_first_are_offered_until_more_is_typed(session: Editor) -> None:
    place = session.at(f"modules:\n{module(0, f', produces: [{names(MOST + 1)}]')}  - needs: [{CURSOR}]\n")
    answer = session.wait(session.client.text_document_completion_async(types.CompletionParams(**place)))
    assert isinstance(answer, types.CompletionList) and (len(answer.items), answer.is_incomplete) == (MOST, True)


def test_what_is_needed_leads_to_its_producers(session: Editor) -> None:
    text = "modules:\n  - { slug: x, produces: [yy] }\n  - { slug: b, needs: [y¦y] }\n  - { slug: c, produces: [yy] }\n"
    place, client = session.at(text), session.client
    answer = session.wait(client.text_document_definition_async(types.DefinitionParams(**place)))
    assert [str(each.range) for each in answer] == ["1:26-1:28", "3:26-3:28"]
    params = types.ReferenceParams(types.ReferenceContext(include_declaration=True), **place)
    references = session.wait(client.text_document_references_async(params))
    assert [str(each.range) for each in references] == ["1:26-1:28", "2:23-2:25", "3:26-3:28"]


def test_a_module_is_renamed_and_what_cannot_be_says_why(session: Editor) -> None:
    marked = replaced(VALID, "slug: emails", f"slug: ema{CURSOR}ils")
    text = session.rename(marked, "mails")
    assert replaced(text, "slug: mails\n", "slug: emails\n").replace("    formerly: [emails]\n", "", 1) == VALID
    with pytest.raises(JsonRpcException, match="is already taken on line 8"):
        session.rename(marked, "scrap")
    flow = '  - { keywords: ["😀"], slug: a¦b, category: tools, label: { fr: A, en: B }, coming_soon: true }\n'
    assert 'en: B }, coming_soon: true, formerly: ["ab"] }' in session.rename(f"modules:\n{flow}", "cd")


def test_mistakes_lead_to_the_page_of_their_rule_where_it_is_known(session: Editor, other_session: Editor) -> None:
    text, pages = replaced(VALID, "category: sources", "catgory: sources"), "https://registry.example.com/en/docs/rules"
    uri = other_session.open(text, "a.modules.yaml")
    (problem,) = other_session.problems(uri)
    assert problem.code_description.href == f"{pages}#s-unknown-field"
    (mended, _) = other_session.actions(uri, problem.range)
    assert (mended.title, mended.kind) == ("did you mean category?", types.CodeActionKind.QuickFix)
    assert [*mended.diagnostics] == [problem]
    (problem,) = session.problems(session.open(text))
    assert problem.code_description is None


def test_of_very_many_problems_the_first_are_told_and_the_others_counted(session: Editor) -> None:
    text = "modules: []\nlegacy_features: [" + "1, " * 1_000 + "]\n"
    told, others = session.problems(session.open(text)), examine(text.encode(), "registry.yaml").others
    assert len(told) == MOST_PROBLEMS + 1 and others > 100
    assert told[-1].message == f"and {others} other problems, which are not shown"


def test_a_file_is_looked_at_once_nobody_types(session: Editor) -> None:
    uri, server = session.open("modules: []\n"), session.server
    session.problems(uri)
    typed = types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))

    async def type_twice() -> list[Document]:
        documents = []
        with patch.object(session.loop, "call_later") as later:
            for _ in range(2):
                server.took(typed)
                documents.append(server.documents[uri])
        assert later.call_args_list == [call(0.1, server.publish, uri, each) for each in documents]
        return documents

    outdated, last = session.wait(type_twice())
    session.tell(lambda _: server.publish(uri, outdated), None)
    assert "examined" not in outdated.__dict__ and len(session.diagnostics[uri]) == 1
    session.tell(session.client.text_document_did_close, typed)
    assert session.problems(uri, 1) == []
    session.tell(lambda _: server.publish(uri, last), None)
    assert len(session.diagnostics[uri]) == 2


PLACE = {"textDocument": {"uri": "file:///registry.yaml"}, "position": {"line": 1, "character": 11}}
OPENED = {"languageId": "yaml", "version": 1, "text": "modules:\n  - slug: a\n    needs: [x, y]\n"}
#: What a client says.
SPOKEN = [
    {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
    {"method": "initialized", "params": {}},
    {"method": "textDocument/didOpen", "params": {"textDocument": {**PLACE["textDocument"], **OPENED}}},
    {"id": 2, "method": "textDocument/rename", "params": {**PLACE, "newName": "b"}},
    {"id": 3, "method": "shutdown"},
]


def test_the_command_answers_on_its_standard_streams_and_a_refused_rename_leaves_no_trace() -> None:
    written = [json.dumps({"jsonrpc": "2.0", **message}) for message in SPOKEN]
    stdin = "".join(f"Content-Length: {len(each)}\r\n\r\n{each}" for each in written)
    ended = run("lsp", stdin=stdin, PUBLIC_URL="https://registry.example.com/")
    assert "a module is renamed in a valid file only" in ended.stdout
    assert "https://registry.example.com/en/docs/rules#s-" in ended.stdout
    assert (ended.returncode, ended.stderr, run("lsp").stdout) == (0, "", "")
