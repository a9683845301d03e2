"""Lists whose items begin with another sign than a dash and a blank, or in another column: edits as of `syntax_edits`.

Each is mended by its edits. ¦ marks where the problem must be reported.
"""

from __future__ import annotations

KEYWORDS = "    keywords: [branding, typographie, fonts, identité visuelle, design]\n"
NEEDS = "    needs: [leads]\n"


def _items(old: str, *items: str) -> tuple[str, str]:
    """A list on one line, and one of the same name with these lines."""
    return old, old.partition("[")[0].rstrip() + "\n" + "".join(f"{item}\n" for item in items)


_COLUMN = "the dash stands in column"
_NO_DASH, _NO_BLANK = "an item of the list begins here without its dash", "there is no space after the dash of an item"

ITEMS: list[tuple[str, str, str, str, bool]] = [
    (*_items(KEYWORDS, *items), rule, words, True)
    for rule, words, items in [
        ("syntax", f"{_COLUMN} 5, and the one above in column 7", ("      - a", "    ¦- CA", "      - b")),
        ("syntax", f"{_COLUMN} 3, and the one above in column 7", ("      - a", "  ¦- CA", "      - b")),
        ("syntax", f"{_COLUMN} 5, and", ("      - a", "    ¦- CA  # a comment", "      - b")),
        ("syntax", f"{_COLUMN} 5, and", ("      - a", "      # a comment", "    ¦- CA", "      - b")),
        ("syntax", f"{_COLUMN} 9, and", ('      - "a"', '        ¦- "CA"', '      - "b"')),
        ("yaml-misread", f"{_COLUMN} 9, and", ("      - a", "        ¦- CA", "      - b")),
        ("syntax", f"{_NO_BLANK}, here and on 2 lines below; write - a", ("      ¦-a", "      -CA", "      -b")),
        ("syntax", f"{_NO_BLANK}; write - bilan", ("      - CA", "      ¦-bilan")),
        ("syntax", f"{_NO_BLANK}; write - CA", ("      ¦-CA", "      - bilan")),
        ("syntax", f"{_NO_BLANK}; write - CA", ("    - a", "    ¦-CA", "    - b")),
        ("syntax", f"{_NO_BLANK}, here and on 1 line below", ("    ¦-CA", "    -bilan")),
        ("syntax", f"{_NO_BLANK}, here and on 1 line below", ('      ¦-"CA"', '      -"bilan"')),
        ("yaml-misread", f"{_NO_BLANK}; write - CA", ("      - a", "        ¦-CA", "      - b")),
        *(
            ("syntax", f"an item begins with {sign}, not with a dash, here and on 1 line below; write - CA", items)
            for sign in "•*–—·+"
            for items in [(f"      ¦{sign} CA", f"      {sign} bilan"), (f"    ¦{sign} CA", f"    {sign} bilan")]
        ),
        *(
            ("syntax", f"an item begins with {sign}, not with a dash; write - CA", ("      - a", f"      ¦{sign} CA"))
            for sign in "•*–—·+"
        ),
        ("syntax", "an item begins with •, not with a dash, here and on 1", ("      ¦•CA", "", "      •bilan")),
        ("syntax", "an item begins with •, not with a dash, here and on 1", ("      ¦• CA", "      - a", "      • b")),
        ("syntax", "an item begins with a number, not with a dash, here", ("      ¦1. CA", "      2. bilan")),
        ("syntax", "an item begins with a number, not with a dash, here", ("      ¦1) CA", "      2) bilan")),
        ("syntax", "an item begins with a number, not with a dash;", ("      - CA", "      ¦2. bilan")),
        ("yaml-misread", "an item begins with •, not with a dash;", ("      - CA", "        ¦• bilan")),
        ("syntax", f"{_NO_DASH}, here and on 1 line below; write - CA", ("      ¦CA", "      bilan")),
        ("syntax", f"{_NO_DASH}; write - CA", ("      ¦CA", "      - bilan")),
        ("syntax", f"{_NO_DASH}, here and on 1 line below", ("      - CA", "      ¦bilan", "      report")),
    ]
]
ITEMS += [
    (*_items(NEEDS, "      ¦-leads"), "syntax", f"{_NO_BLANK}; write - leads", True),
    (*_items(NEEDS, "      - leads", "      ¦-emails"), "syntax", f"{_NO_BLANK}; write - emails", True),
    (*_items(NEEDS, "      ¦• leads", "      • emails"), "syntax", "an item begins with •, not with a dash", True),
    (*_items(NEEDS, "      - leads", "      ¦– emails"), "syntax", "an item begins with –, not with a dash", True),
]
