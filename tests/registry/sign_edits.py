"""Edits as those of syntax_edits.py, of signs that are no YAML where they stand: blanks, quotes, commas and tags."""

from __future__ import annotations

CATEGORY = "    category: enrich\n"
NOTHING, COMMENT = "on a line that has nothing else", "before a comment; write plain spaces"
HTML = "is how a web page writes a space, and was copied as well"
FR = '"Récupère le logo, les couleurs et les polices du site de chaque entreprise."'
EN = '"Picks up the logo, colors and typefaces of each company’s website."'
LABEL = '{ fr: "Logo et charte graphique", en: "Brand assets" }'
KEYWORDS = "keywords: [branding, typographie, fonts, identité visuelle, design]"
BESIDE, ONE_VALUE = "stand beside each other without brackets", "write one value: "

SIGNS: list[tuple[str, str, str, str, bool]] = [
    # Lines without content.
    (CATEGORY, f"{CATEGORY}¦\u00a0\n", "syntax", f"U+00A0 (no-break space) stands {NOTHING}; remove it", True),
    (CATEGORY, f"{CATEGORY}¦\u200b\n", "syntax", f"U+200B (zero width space) stands {NOTHING}", True),
    (CATEGORY, f"{CATEGORY}¦\u2060\n", "syntax", f"U+2060 (word joiner) stands {NOTHING}", True),
    (CATEGORY, f"{CATEGORY}    ¦\u00a0\n", "syntax", NOTHING, True),
    ("  - slug", "¦\u00a0\n  - slug", "syntax", NOTHING, True),
    (CATEGORY, f"¦\u00a0\n{CATEGORY}\u00a0 \n", "syntax", f"{NOTHING}, here and on 1 line below", True),
    (CATEGORY, f"¦\u00a0\u00a0 # a note\n{CATEGORY}", "syntax", f"U+00A0 (no-break space) stands {COMMENT}", True),
    (CATEGORY, f"{CATEGORY}  ¦\u200b# a note: [x\n", "syntax", COMMENT, True),
    (CATEGORY, f"{CATEGORY}¦\t\n", "syntax", f"a tab stands {NOTHING}, where YAML takes only spaces; remove it", True),
    (CATEGORY, f"{CATEGORY}    ¦\t\n", "syntax", "a tab stands on a line", True),
    ("  - slug", "¦\t\n  - slug", "syntax", "a tab stands on a line", True),
    (CATEGORY, f"¦\t\t\n{CATEGORY}\t \n", "syntax", "spaces, and on 1 line below; remove it", True),
    (CATEGORY, f"{CATEGORY}¦\t# a note\n", "syntax", "indented with a tab, where YAML takes only spaces", True),
    ("  - slug", "¦\t# a note\n  - slug", "syntax", "indented with a tab, where YAML takes only spaces", True),
    (CATEGORY, "¦\t\n\tcategory: enrich\n\t# a note\n", "syntax", "this line and 2 below it are indented", True),
    (CATEGORY, "¦&nbsp;&nbsp;&nbsp;&nbsp;category: enrich\n", "syntax", f"&nbsp; {HTML}; write spaces", True),
    (CATEGORY, "¦&nbsp; &nbsp; category: enrich\n", "syntax", f"&nbsp; {HTML}", True),
    ("    category", "  ¦&#160;&#160;category", "syntax", f"&#160; {HTML}", True),
    ("  - slug", "¦&nbsp; - slug", "syntax", f"&nbsp; {HTML}", True),
    (
        f"  - slug: brand_assets\n{CATEGORY}",
        f"¦&nbsp; - slug: brand_assets\n&nbsp;   {CATEGORY[4:]}",
        "syntax",
        HTML,
        True,
    ),
    # Signs for a colon.
    (
        "pipelinable: true",
        "pipelinable¦ → true",
        "syntax",
        "followed by →, U+2192 (rightwards arrow), not by a c",
        True,
    ),
    ("category: enrich", "category¦\u037e enrich", "syntax", "U+037E (greek question mark), not by a colon", True),
    ("owner: team", "owner¦ ⇒ team", "syntax", "⇒, U+21D2 (rightwards double arrow), not by a colon", True),
    ("slug: brand_assets", "slug¦ :brand_assets", "syntax", "space before the colon of slug, and none after it", True),
    ("category: enrich", "category¦ :enrich", "syntax", "none after it; write category: enrich", True),
    # Text in quotes, with more behind it.
    ("[leads]", '¦"leads" "emails"', "syntax", f'{BESIDE}; write ["leads", "emails"]', True),
    ("[leads]", "¦'leads', 'emails'", "syntax", f"{BESIDE}; write ['leads', 'emails']", True),
    ("[leads]", '¦"leads" and emails', "syntax", f'{BESIDE}; write ["leads", emails]', True),
    ("[leads]", '¦"leads": emails', "syntax", "write [ and ] around all of it, with commas between", False),
    (KEYWORDS, 'keywords: ¦"branding", visual identity, "x"', "syntax", '["branding", visual identity, "x"]', True),
    ("[leads]", "¦'[leads]' and emails", "syntax", "write [ and ] around all of it", False),
    ("slug: brand_assets", 'slug: "brand_assets" ¦x', "syntax", ONE_VALUE, False),
    ("category: enrich", 'category: "enrich" ¦soon', "syntax", ONE_VALUE, False),
    ("category: enrich", 'category: "enrich" ¦"tools"', "syntax", ONE_VALUE, False),
    ("[leads]", '\n      - "leads" ¦x', "syntax", ONE_VALUE, False),
    (LABEL, '"Logo" ¦/ "Assets"', "syntax", "write { and } around all of it, with fr: and en: before", False),
    ("[leads]", "¦“leads, emails”", "type", "its “ is U+201C (left double quotation mark), not", True),
    (LABEL, "¦“Logo”", "type", 'U+201C (left double quotation mark), not "; write {fr: ..., en: ...}', False),
    ("pipelinable: true", "pipelinable: ¦“true”", "yaml-misread", "as text, not as a boolean; write true", True),
    # Brackets that have nothing in them.
    (LABEL, "¦{", "syntax", "is never closed, and nothing follows it; write what belongs to label, and close", False),
    ("[leads]", "¦[ # a note", "syntax", "write what belongs to needs, and close it with ]", False),
    # Values that are comments, and text that ends with a line break.
    (f"fr: {FR}", "fr:¦ #1 des logos", "type", 'put it in quotes if it is text: "#1 des logos"', False),
    (f"en: {EN}", "en:¦ #FF0000 and others", "type", "has no value, since # begins a comment", False),
    ("slug: brand_assets", "slug:¦ #{slug}", "type", "no value, since # begins a comment; use lowercase", False),
    ("category: enrich", "category:¦ #enrich", "type", "since # begins a comment; use one of sources", False),
    ("[leads]", "\n      -¦ #leads", "type", "has no value, since # begins a comment; use lower", False),
    (f"fr: {FR}", "fr:¦ # the text", "type", "has no value; write one line of plain text", False),
    (FR, "¦>\n        Le logo\n        et plus", "pattern", "with >, its text ends with a line break: write >-", True),
    (FR, "¦|\n        Le logo", "pattern", "with |, its text ends with a line break: write >-", True),
    (FR, "¦|  # a note\n        Le logo\n        et plus", "pattern", "with |, its lines end as lines: write >-", True),
    (FR, "¦|-\n        Le logo\n        et plus", "pattern", "with |-, its lines end as lines: write >-", True),
    (FR, "¦>\n        Le logo\n\n        et plus", "pattern", "write one line of plain text", False),
    ("owner: team-companies", "owner: ¦>\n      team-companies", "pattern", "a line break: write >-", True),
    ("slug: brand_assets", "slug: ¦|\n      brand_assets", "pattern", "write >-", True),
    ("slug: brand_assets", "slug: ¦|\n      emails", "pattern", "use lowercase letters", False),
    # Aliases that are misspelled.
    ("owner: team-c", "feature_page: &page brand\n    owner: ¦*pages\n    # ", "alias", "did you mean *page?", True),
    (
        "owner: team-c",
        "feature_page: &page1 brand\n    formerly: &page2 [x]\n    owner: ¦*page\n    # ",
        *("alias", "did you mean *page", False),
    ),
    ("needs", "formerly: ¦*page\n    feature_page: &page1 x\n    needs", "alias", "or write &page at the value", False),
    # A diff with short names of its commits.
    (
        "    needs: [leads]\n",
        "¦diff --git a/r b/r\nindex 1..2\n--- a/r\n+++ b/r\n@@ -1 +1,2 @@\n     needs: [leads]\n+    formerly: [x]\n",
        *("syntax", "lines 135 to 141 are from a diff", True),
    ),
    # Look-alikes of commas, brackets and quotes.
    ("[leads]", "[leads¦، emails]", "look-alike", "، is U+060C (arabic comma), which separates nothing", True),
    ("[leads]", "[leads¦؛ emails]", "look-alike", "؛ is U+061B (arabic semicolon), which separates nothing", True),
    ("[leads]", "[¦،leads]", "pattern", "its ، is U+060C (arabic comma), not ,", False),
    ("[leads]", "¦leads، emails", "type", "its ، is U+060C (arabic comma), not ,; write [leads, emails]", True),
    (LABEL, '¦｛ fr: "Logo", en: "Assets" ｝', "syntax", "U+FF5B (fullwidth left curly bracket), which is no br", True),
    (LABEL, '¦｛ fr: "Logo", en: "Assets" }', "syntax", "which is no bracket to YAML; write { and }", True),
    (LABEL, '{ fr: "Logo", en: "Assets" ¦｝', "syntax", "which is no bracket to YAML; write }", True),
    (LABEL, "{ fr: Logo, en: Assets ¦｝", "syntax", "U+FF5D (fullwidth right curly bracket)", True),
    (
        "[leads]",
        "[leads¦］",
        "syntax",
        "U+FF3D (fullwidth right square bracket), which is no bracket to YAML; write ]",
        True,
    ),
    (LABEL, '¦｛ { fr: "Logo", en: "Assets" } ｝', "syntax", "which is no bracket to YAML", False),
    ("[leads]", "¦［leads］", "type", "its ［ is U+FF3B (fullwidth left square bracket), not [", True),
    ('"Brand assets"', "¦″Brand assets″", "look-alike", "U+2033 (double prime), which is no quote to YAML, but", True),
    ('"Brand assets"', "¦′Brand assets′", "look-alike", 'use straight quotes: "Brand assets"', True),
    ('"Brand assets"', "¦”Brand assets“", "look-alike", 'use straight quotes: "Brand assets"', True),
    (EN, "¦»Brand assets«", "look-alike", 'use straight quotes: "Brand assets"', True),
    # Typographic quotes around what YAML reads as something else.
    (
        EN,
        "¦“Logo #1”",
        "look-alike",
        'is no quote to YAML, and # begins a comment; use straight quotes: "Logo #1"',
        True,
    ),
    (EN, "¦‘Logo #1, and 2’", "look-alike", 'use straight quotes: "Logo #1, and 2"', True),
    (EN, "¦“The #1 “brand” #2”", "look-alike", 'use straight quotes: "..."', False),
    ('"Brand assets"', "“Brand ¦#1, all”", "syntax", 'no quote to YAML: use straight quotes: "Brand #1, all"', True),
    ('"Brand assets"', "“Brand¦: all, more”", "syntax", 'use straight quotes: "Brand: all, more"', True),
    ('"Brand assets"', "“Brand ¦{all}”", "syntax", 'use straight quotes: "Brand {all}"', True),
    (
        FR,
        "«\u00a0Le logo\u00a0¦: tout\u00a0»",
        "syntax",
        "U+00AB (left-pointing double angle quotation mark), wh",
        True,
    ),
    (EN, "“Brand¦: all”", "syntax", 'use straight quotes: "Brand: all"', True),
    (EN, "“Brand”¦: all “assets”", "syntax", 'put the text in quotes: "“Brand”: all “assets”"', True),
    # Tags of values that are refused.
    ("[leads]", "¦!!set {leads, emails}", "unknown-tag", "!!set is not allowed here; write [leads, emails]", True),
    ("[leads]", "¦!!binary leads", "unknown-tag", "!!binary is not allowed here; write [leads]", True),
    ("[leads]", "¦!!omap [leads: x]", "unknown-tag", "!!omap is not allowed here; write a list, such as [le", False),
    ("[leads]", "¦!!omap\n      - leads: x\n      - emails: y", "unknown-tag", "write a list, such as", False),
    ("pipelinable: true", "pipelinable: ¦!!null x", "unknown-tag", "!!null is not allowed here; write true", False),
    ("category: enrich", "category: ¦!kind enrch", "unknown-tag", "!kind is not allowed here; did you mean enr", True),
    (LABEL, "¦!!python/name:os.system x", "unknown-tag", "write {fr: ..., en: ...}", False),
    (LABEL, "¦!!python/object:a.B {fr: Logo, en: Assets}", "unknown-tag", "is not allowed here; remove the tag", True),
    ("slug: brand_assets", "slug: ¦!!null brand_assets", "unknown-tag", "remove the tag", True),
]
