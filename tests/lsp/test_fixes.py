"""What is offered to mend a mistake: the edits that the problem carries."""

from __future__ import annotations

from lsprotocol import types

from service.lsp.document import Document
from service.lsp.fixes import all_fixes, fixes
from service.lsp.server import make_server
from service.problems import Edit, Problem
from service.registry.loading import Examined

TEXT = "modules:\n  - slug: Scrap\n    owner: X\n"


def document(*problems: Problem) -> Document:
    """A file with just these problems."""
    made = Document("registry.yaml", TEXT, "utf-16")
    made.examined = Examined(made.examined.source, None, problems)
    return made


def problem(line: int, column: int, *fix: Edit, hint: str = "") -> Problem:
    value = TEXT.splitlines()[line - 1][column - 1 :]
    return Problem("registry.yaml", line, column, "pattern", "it is wrong", hint, "", fix, line, column + len(value))


SLUG = problem(2, 11, Edit(19, 24, "scrap"), hint="write scrap")
OWNER = problem(3, 12, Edit(36, 37, "x"))


def test_a_problem_under_the_cursor_is_mended_by_its_own_edits() -> None:
    made = document(SLUG, OWNER)
    (found,) = fixes(made, 21, 21)
    assert (found.title, found.edits, found.problems) == ("write scrap", SLUG.fix, (SLUG,))
    (found,) = fixes(made, 36, 36)
    assert (found.title, found.edits) == ("mend: it is wrong", OWNER.fix)
    assert list(fixes(made, 0, 3)) == []
    assert len(list(fixes(made, 0, len(TEXT)))) == 2
    uncertain = document(problem(2, 11, hint="think"))
    assert (list(fixes(uncertain, 0, len(TEXT))), all_fixes(uncertain)) == ([], None)


def test_all_at_once_takes_no_two_that_touch_each_other() -> None:
    found = all_fixes(document(OWNER, SLUG, problem(2, 11, Edit(22, 30, ""))))
    assert found is not None
    assert (found.edits, found.problems) == ((*SLUG.fix, *OWNER.fix), (OWNER, SLUG))


def test_an_editor_gets_them_as_code_actions_of_the_kind_that_it_wants() -> None:
    server, uri = make_server(), "file:///registry.yaml"
    server.documents[uri] = document(SLUG, OWNER)
    act = server.protocol.fm.features[types.TEXT_DOCUMENT_CODE_ACTION]
    where = types.Range(types.Position(1, 12), types.Position(1, 12))
    edit = types.TextEdit(types.Range(types.Position(1, 10), types.Position(1, 15)), "scrap")
    mend, everything = "write scrap", "mend everything that is certain"
    wanted = {"quickfix": [mend], "source": [everything], "refactor": [], None: [mend, everything]}
    for only, titles in wanted.items():
        context = types.CodeActionContext(diagnostics=[], only=[types.CodeActionKind(only)] if only else None)
        found = act(types.CodeActionParams(types.TextDocumentIdentifier(uri), where, context))
        assert [one.title for one in found] == titles
        assert all(one.edit.changes[uri][0] == edit and one.diagnostics[0].code == "pattern" for one in found)
