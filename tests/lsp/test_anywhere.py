"""Whatever stands in a file, and wherever the cursor is: there is an answer, and a suggestion that is taken fits."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from service.lsp import completion
from service.lsp.document import Document
from service.lsp.server import diagnostics
from service.problems import EditRefused

#: What files are made of, and what breaks them.
PIECES = ["\n", "\n  - ", "slug: a", "    ", ", ", ": ", "&a ", "\t", "\r", "- ", "<<: ", "deprecated: {", "use: "]
PIECES += [*'{}]"#é😀\ufeff\ue000', "needs: [", "modules:", "formerly:", "removed:", "legacy_features: [", "*a"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.integers(0, 200))
def test_of_any_text(text: str, offset: int) -> None:
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
