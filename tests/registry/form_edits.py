"""Edits as those of syntax_edits.py, of values in the form of other languages, and of lines that do not go together."""

from __future__ import annotations

from syntax_edits import EN, FR, LABEL

DOCUMENTATION = "/docs/modules/brand-assets"
LINK = "https://docs.example.com/brand"
DESCRIPTION = f"    description:\n      fr: {FR}\n      en: {EN}\n"

FORMS: list[tuple[str, str, str, str, bool]] = [
    # Another sign for the comma.
    (LABEL, '{ fr: "Logo"¦; en: "Logo" }', "syntax", "; stands where a comma belongs; write ,", True),
    (LABEL, '{ fr: "Logo" ¦| en: "Logo" }', "syntax", "| stands where a comma belongs", True),
    (
        LABEL,
        '{ fr: "Logo"¦，en: "Logo" }',
        "syntax",
        "，, U+FF0C (fullwidth comma), stands where",
        True,
    ),
    (LABEL, "{ fr: Logo¦; en: Logo }", "syntax", "; stands where a comma belongs", True),
    (LABEL, "{ fr: Logo ¦/ en: Logo }", "syntax", "/ stands where a comma belongs", True),
    (LABEL, '{ "fr": "Logo"¦; "en": "Logo" }', "syntax", "; stands where a comma belongs", True),
    ("[branding, typographie,", '["branding"¦; "typographie",', "syntax", "; stands where a comma belongs", True),
    (LABEL, '{ fr: "Logo"¦. en: "Logo" }', "syntax", ". stands where a comma belongs", True),
    # Other signs behind a value.
    (LABEL, '{ fr: "Logo", en: "Logo"¦; }', "syntax", "there is a ; too many", True),
    (LABEL, '{ fr: "Logo", en: "Logo" }¦;', "syntax", "there is a ; behind the value; remove it", True),
    ("[leads]", "[leads]¦.", "syntax", "there is a . behind the value; remove it", True),
    (EN, '"The logo"¦;', "syntax", "there is a ; behind the value; remove it", True),
    ("[leads]", "[leads] ¦// the leads", "syntax", "a comment begins with #, not with //; write #", True),
    (EN, '"The logo"¦-- new', "syntax", "a comment begins with #, not with --", True),
    # Commas and quotes too many.
    (LABEL, '{ fr: "Logo",¦, en: "Logo" }', "syntax", "there is a comma too many; remove it", True),
    (LABEL, '{ fr: "Logo",¦ , , en: "Logo" }'.replace(",¦ ", ", ¦"), "syntax", "there is a comma too many", True),
    (LABEL, '{ ¦, fr: "Logo", en: "Logo" }', "syntax", "a comma stands before the first of them", True),
    ("[branding, typographie,", "[branding,¦, typographie,", "syntax", "there is a comma too many", True),
    ('"Brand assets"', '"Brand assets"¦"', "syntax", "there is a quote too many; remove it", True),
    ('"Brand assets"', '"Brand 27"¦"', "syntax", 'write \\" for the first one if it means inches', False),
    (EN, '"Brand 27"¦"', "syntax", 'write \\" for the first one if it means inches', False),
    # Quotes of which one is typographic.
    (
        EN,
        '"Brand assets¦”',
        "syntax",
        "ends with ”, U+201D (right double quotation mark), which closes nothing; wr",
        True,
    ),
    (LABEL, '{ fr: "Logo¦”, en: "Logo" }', "syntax", "which closes nothing", True),
    (LABEL, '{ fr: "Logo", en: "Logo¦” }', "syntax", "which closes nothing", True),
    (LABEL, "{ fr: 'Logo¦’, en: 'Logo' }", "syntax", "ends with ’, U+2019", True),
    (EN, '¦"A « brand »', "syntax", "a quote is opened here and never closed", True),
    (EN, '¦“Brand assets"', "look-alike", 'and ends with a quote, "; write " at both ends', True),
    ('"Logo et charte graphique"', "¦‘Logo, charte’", "look-alike", 'use straight quotes: "Logo, charte"', True),
    ('"Logo et charte graphique"', "¦« Logo, charte, nom »", "look-alike", '"Logo, charte, nom"', True),
    # Text behind quotes, and brackets in text.
    ('"Brand assets"', '"Brand assets" ¦(beta)', "syntax", 'put all of it in quotes: "Brand assets (beta)"', True),
    ('"Brand assets"', '"Brand" ¦assets', "syntax", 'put all of it in quotes: "Brand assets"', False),
    ('"Logo et charte graphique"', '"Logo" ¦et plus', "syntax", 'put all of it in quotes: "Logo et plus"', False),
    (LABEL, '{ fr: "Logo" ¦(bêta), en: "Logo" (beta) }', "syntax", '"Logo (bêta)"', True),
    (LABEL, "{ fr: Logo¦: un, en: Logo: one }", "syntax", 'put the text in quotes: "Logo: un"', True),
    (LABEL, "{ fr: Logo, en: ¦[new] Logo }", "syntax", 'put all of it in quotes: "[new] Logo"', True),
    (LABEL, "{ fr: ¦?, en: Logo }", "syntax", "cannot begin with ?", True),
    (LABEL, "{ fr: Logo ¦[bêta], en: Logo [beta] }", "syntax", 'put the text in quotes: "Logo [bêta]"', True),
    (LABEL, "{ fr: Logo ¦{bêta}, en: Logo }", "syntax", 'put the text in quotes: "Logo {bêta}"', True),
    ("[branding, typographie,", "[branding ¦[new], typographie,", "syntax", '"branding [new]"', True),
    # Texts without their language.
    (LABEL, '{ fr: "Logo", ¦"Logo" }', "syntax", 'label: the text "Logo" has no language before it', True),
    (LABEL, '{ ¦"Logo", en: "Logo" }', "syntax", 'write fr: "Logo"', True),
    (LABEL, "{ fr: Logo, ¦Brand }", "syntax", "or put the text in quotes if the comma belongs to it", False),
    # A bracket that is closed behind another field.
    (
        "[brand_assets]\n    pipelinable: true",
        "¦[brand_assets\n    pipelinable: true]",
        "syntax",
        "the [ opened here is never closed",
        True,
    ),
    # A list or a mapping that is a text.
    ("    description:", "    description: ¦|", "type", "description is a text, since | stands behind its colon", True),
    ("    description:", "    description: ¦>-  # new", "type", "remove the >-", True),
    ("[leads]", "¦|\n      - leads", "type", "needs is a text", True),
    ("[branding, typographie,", "¦>\n      # some\n      - branding\n    # [x,", "type", "keywords is a text", True),
    # HTML and Markdown.
    (LABEL, "{ fr: ¦&quot;Logo&quot;, en: &quot;Logo&quot; }", "syntax", '&quot; is HTML for "', True),
    (FR, "¦&Eacute;cran &amp; logo", "syntax", "write Écran & logo", True),
    (FR, "¦&#39;Logo : nom&#39;", "syntax", "&#39; is HTML for '", True),
    (FR, "¦&amp; nom", "syntax", 'write "& nom"', True),
    ("slug: brand_assets", "slug: ¦&quot;brand_assets&quot;", "syntax", 'write "brand_assets"', True),
    ("slug: brand_assets", "slug: ¦**brand_assets**", "syntax", "write brand_assets", True),
    ("category: enrich", "category: ¦*enrich*", "syntax", "write enrich", True),
    ("[leads]", "[¦**leads**]", "syntax", "write leads", True),
    (DOCUMENTATION, f"¦[doc]({LINK})", "syntax", f"this is a link of Markdown; write {LINK}", True),
    (DOCUMENTATION, f'¦[the doc]({LINK} "title")  # new', "syntax", f"write {LINK}", True),
    ("slug: brand_assets", f"slug: ¦[brand_assets]({LINK})", "syntax", "write brand_assets", True),
    ("slug: brand_assets", f"slug: ¦[Brand assets]({LINK})", "syntax", "write the name alone", False),
    # A list or a mapping without its brackets, and a colon too many.
    ("[leads]", "¦- leads", "syntax", "a list with dashes begins below needs, not on its line; write [leads]", True),
    ("[leads]", "¦- leads - emails", "syntax", "write [leads, emails]", True),
    ("[leads]", "¦- leads, emails", "syntax", "write [leads, emails]", True),
    ("[leads]", "¦- leads\n           - emails", "syntax", "write - leads on a line of its own", True),
    ("[leads]", "¦- leads\n    - emails", "syntax", "write - leads on a line of its own", True),
    ("[leads]", "¦* leads", "syntax", "write [leads]", True),
    ("[leads]", "¦@leads", "syntax", "cannot begin with @; write [leads]", True),
    ("[leads]", "¦*leads*", "syntax", "write [leads]", True),
    ("[leads]", "leads¦:", "syntax", "a colon behind the value of needs; write [leads]", True),
    ("needs: [leads]", "needs¦ -> [leads]", "syntax", "needs is followed by ->, not by a colon", True),
    (LABEL, '¦fr: "Logo", en: "Logo"', "syntax", 'write label: { fr: "Logo", en: "Logo" }', True),
    (LABEL, "¦fr: Logo, en: Logo  # both", "syntax", "write label: { fr: Logo, en: Logo }", True),
    (LABEL, '¦"fr": "Logo", "en": "Logo"', "syntax", 'write label: { "fr": "Logo", "en": "Logo" }', True),
    (LABEL, '¦fr: "Logo" en: "Logo"', "syntax", "write { and } around it, with a comma between two fields", False),
    (LABEL, '¦fr: "Logo"\n      en: "Logo"', "syntax", "write fr on a line of its own", True),
    ("slug: brand_assets", "slug: brand_assets¦:", "syntax", "a colon behind the value of slug; write brand_a", True),
    ("category: enrich", "category: enrich¦:  # new", "syntax", "write enrich", True),
    ("- slug: brand_assets", "-¦- slug: brand_assets", "syntax", "a dash too many", True),
    ("- slug: brand_assets", "¦1. slug: brand_assets", "syntax", "an entry begins with 1., not with a dash", True),
    ("- slug: brand_assets", "- ¦brand_assets", "syntax", "write - slug: brand_assets", True),
    (
        "  - slug: brand_assets",
        "  - slug: x\n    category: tools\n    label: { fr: A, en: A }\n    coming_soon: true\n"
        "    needs:\n      - leads\n  - ¦brand_assets",
        *("syntax", "write - slug: brand_assets", True),
    ),
    # Lines that do not go together.
    ("[leads]", "\n      - leads\n    ¦- emails", "syntax", "the dash stands in column 5", True),
    ("[leads]", "\n    - leads\n  ¦- emails\n  - phones", "syntax", "and the one above in column 5", True),
    (
        "    description:",
        "    description: ¦The logo",
        "syntax",
        'has the text "The logo" beside it, and fr',
        False,
    ),
    (
        "    description:",
        '    description: ¦"The logo"',
        "syntax",
        "remove the text, or put it into what",
        False,
    ),
    (f"en: {EN}", "en: >\n    ¦Picks up the logo\n    of each company.", "syntax", "and write en: >-", True),
    (f"en: {EN}", "en: |-\n      ¦Picks up the logo.", "syntax", "is not indented deeper than en", True),
    ("    owner: ", "    ¦, owner: ", "syntax", "nothing is open above it; write owner: team", True),
    ("    needs", "    ¦, icon: x\n    needs", "syntax", "remove the line, or the comma if it is a field", False),
    ("[leads]", "\n    - leads\n     ¦- emails", "yaml-misread", "the dash stands in column 6", True),
    ("[leads]", "\n      - leads\n        ¦- emails\n         - phones", "yaml-misread", "2 dashes stand", True),
    (DESCRIPTION, DESCRIPTION.replace("    ", "  ¦", 1).replace("      ", "    "), "syntax", "indent it by 4", True),
    (DESCRIPTION, DESCRIPTION.replace("    ", "      ¦", 1).replace("\n      ", "\n        "), "syntax", "by 4", True),
]
