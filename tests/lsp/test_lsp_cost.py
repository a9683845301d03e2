"""What a bad file costs while it is open in an editor: no more than to check it, in time and memory."""

import time
from timeit import repeat

import pytest
from registry.checking import assert_cheap
from registry.costly import SHAPES
from support import REPOSITORY

from service.lsp.document import Document
from service.lsp.server import diagnostics
from service.registry.lint.linter import MAX_BYTES
from service.registry.loading.loader import examine

#: Opens a text, changes it, and asks everything that can be asked in the middle of it.
OPEN = """
    from service.lsp import completion
    from service.lsp.document import Document
    from service.lsp.server import diagnostics

    text = sys.stdin.buffer.read().decode()
    middle, document = len(text) // 2, None
    for version in range(2):
        document = Document("registry.yaml", text + "#" * version, "utf-16", document)
        took(lambda: completion.complete(document, middle))  # while one types
        took(lambda: diagnostics(document))
        took(lambda: completion.complete(document, middle))
        took(lambda: completion.hover(document, middle))
        took(lambda: document.definitions(middle))
        took(lambda: [*document.fixes(0, len(text))])
"""


#: Each takes seconds: three are enough for an edit of the code.
SOME = [
    pytest.param(name, marks=pytest.mark.nightly if number % 40 else pytest.mark.long)
    for number, name in enumerate(SHAPES)
]


@pytest.mark.parametrize("shape", SOME)
def test_whatever_is_open_is_looked_at_in_the_time_and_memory_of_a_check(shape: str) -> None:
    data = SHAPES[shape][0]().encode()
    assert len(data) <= MAX_BYTES
    assert_cheap(OPEN, data=data)


@pytest.mark.long
def test_to_look_at_the_shipped_file_costs_little_more_than_to_check_it() -> None:
    """With a mistake in each entry, as many as are shown. The best of five: another process may take a core's time."""
    text = (REPOSITORY / "registry.yaml").read_text("utf-8").replace("    category: ", "    categroy: ")

    def look() -> None:
        assert len(diagnostics(Document("registry.yaml", text, "utf-16"))) > 50

    def check() -> None:
        assert len(examine(text.encode(), "registry.yaml").problems) > 50

    looked, checked = (min(repeat(each, timer=time.process_time, number=1)) for each in (look, check))
    assert looked < 2 * checked
