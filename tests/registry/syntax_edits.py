"""Edits of the shipped registry.yaml that break its syntax, as everyday pull requests do, and what is to be said.

Each is a piece of ENTRY, what is written instead, the rule, words of the message, and whether its edits mend the file.
¦ marks where the problem must be reported.
"""

from __future__ import annotations

ENTRY = """  - slug: brand_assets
    category: enrich
    label: { fr: "Logo et charte graphique", en: "Brand assets" }
    description:
      fr: "Récupère le logo, les couleurs et les polices du site de chaque entreprise."
      en: "Picks up the logo, colors and typefaces of each company’s website."
    keywords: [branding, typographie, fonts, identité visuelle, design]
    needs: [leads]
    produces: [brand_assets]
    pipelinable: true
    api_endpoint: /api/brand-assets
    documentation: /docs/modules/brand-assets
    owner: team-companies
"""
FR = '"Récupère le logo, les couleurs et les polices du site de chaque entreprise."'
EN = '"Picks up the logo, colors and typefaces of each company’s website."'
LABEL = '{ fr: "Logo et charte graphique", en: "Brand assets" }'
HEAD = "  - slug: brand_assets\n"
NEW = "  - slug: new_one\n    category: tools\n    label: { fr: A, en: A }\n    coming_soon: true\n\n"
ADDED = "".join(f"+{line}\n" for line in NEW.splitlines())

EDITS: list[tuple[str, str, str, str, bool]] = [
    # A bracket that is closed too late, behind another field.
    (
        ENTRY,
        "  - { slug: brand_assets, category: enrich, label: { fr: A, en: B }, needs: ¦[leads, "
        "produces: [brand_assets], api_endpoint: /api/brand-assets }\n",
        *("syntax", "the [ opened here is never closed; close it with ] before produces", True),
    ),
    (
        ENTRY,
        "  - { slug: brand_assets, category: enrich, label: ¦{ fr: A, en: B, needs: [leads], "
        "produces: [brand_assets], api_endpoint: /api/brand-assets }\n",
        *("syntax", "the { opened here is never closed; close it with } before needs", True),
    ),
    # A language without its colon, and what is no continuation of the text above it.
    ("en: " + EN, "en¦ Picks up the logo.", "syntax", "no colon after en; write en: Picks up the logo., or", False),
    ("en: " + EN, "en¦ France, en Belgique.", "syntax", "or indent the line deeper if it belongs to the text", False),
    (FR, "Collecte les fiches\n      ¦en France,\n      en Belgique.", "syntax", "is no field, nor deeper", False),
    (FR, "Collecte les fiches\n¦en France.", "syntax", "is no field, nor deeper than the text of fr", False),
    (f"{FR}\n      en: {EN}", ">-\n        Collecte.\n      en¦:B", "syntax", "no space after the colon of en", True),
    (
        LABEL,
        "\n         fr: A\n        ¦en: B",
        *("syntax", "en begins in column 9, and what belongs to label in column 10; indent it by 9 spaces", True),
    ),
    ("en: " + EN, "'en'¦ " + EN, "syntax", "there is no colon after en", True),
    (
        FR,
        ">-\n        Récupère le logo\n      ¦et les couleurs.",
        *("syntax", "is no field, nor deeper than the text of fr above it; indent it by 8 spaces", False),
    ),
    # Quotes of a key, and other parts that are torn or lost.
    (
        "category: enrich",
        '¦"category: "enrich"',
        "syntax",
        "the quote of category is not closed before the colon",
        True,
    ),
    ("category: enrich", '¦"category:" "enrich"', "syntax", "the quote of category is closed behind the colon", True),
    (
        "category: enrich\n",
        'category: enrich ¦"multi_proxy": true\n',
        *("syntax", "two fields stand on one line, category and multi_proxy", True),
    ),
    (
        f"    label: {LABEL}\n    description:\n      fr: {FR}\n      en: {EN}\n",
        f"    label: {LABEL}\n      ¦fr: A\n      en: B\n",
        *("syntax", "fr is indented deeper than label above it", False),
    ),
    (FR, ">- ¦Récupère le logo\n        et les couleurs.", "syntax", "text stands on the line of >-, which says", True),
    ("[leads]", "¦& leads [leads]", "syntax", "there is a space behind the &; write &leads", True),
    ("/api/brand-assets", "¦{{ prefix }}/brand", "syntax", "{{ ... }} is the place of a template", False),
    (
        ENTRY,
        "  - ¦slug: brand_assets, category: enrich, label: { fr: A, en: B }, needs: [leads], "
        "produces: [brand_assets], api_endpoint: /api/brand-assets }\n",
        *("syntax", "the } at the end of this entry closes a { that is not there", True),
    ),
    (
        ENTRY,
        "  ¦-{ slug: brand_assets, category: enrich, label: { fr: A, en: B }, needs: [leads], "
        "produces: [brand_assets], api_endpoint: /api/brand-assets }\n",
        *("syntax", "there is no space after the dash; write - {", True),
    ),
    (
        ENTRY,
        "  - { slug: brand_assets, category: enrich, label¦ { fr: A, en: B }, needs: [leads], "
        "produces: [brand_assets], api_endpoint: /api/brand-assets }\n",
        *("syntax", "there is no colon after label", True),
    ),
    # What a mail, or an example, has put there.
    (
        "    needs: [leads]\n    produces: [brand_assets]\n",
        "¦>     needs: [leads]\n>     produces:\n>       - brand_assets\n",
        *("syntax", "> stands before needs, here and on 2 lines below; remove it", True),
    ),
    ("    pipelinable: true\n", "    pipelinable: true\n    ¦...\n", "syntax", "... stands for lines that were", False),
    # Brackets and quotes that are opened and never closed, or closed otherwise.
    (
        LABEL,
        '¦{ fr: "Logo et charte graphique", en: "Brand assets"',
        "syntax",
        "the { opened here is never closed",
        True,
    ),
    ("[leads]", "¦[leads", "syntax", "the [ opened here is never closed", True),
    (
        "[leads]\n    produces: [brand_assets]",
        "¦[leads\n    produces: [brand_assets]",
        "syntax",
        "the [ opened here",
        True,
    ),
    ("[leads]", "[leads]¦]", "syntax", "a ] too many", True),
    ("[leads]", "[leads¦}", "syntax", "the } closes a [; write ]", True),
    ("[leads]", "¦leads]", "syntax", "ends with a ] that was never opened", True),
    (
        '{ fr: "Logo et charte graphique",',
        '{ fr: ¦"Logo et charte graphique,',
        "syntax",
        "a quote is opened here",
        True,
    ),
    ('"Brand assets" }', '¦"Brand assets }', "syntax", "a quote is opened here and never closed", True),
    (FR, "¦" + FR[:-1], "syntax", "a quote is opened here and never closed", True),
    (EN, "¦" + EN[:-1], "syntax", "a quote is opened here and never closed", True),
    (EN, "¦" + EN[1:], "syntax", "ends with a quote that was never opened", True),
    ('"Brand assets" }', '¦Brand assets" }', "syntax", "ends with a quote that was never opened", True),
    # Quotes in quotes.
    (FR, "'Récupère l¦'adresse du site'", "syntax", 'use double quotes: "Récupère l\'adresse du site"', True),
    ('"Brand assets"', "'Brand¦'s assets'", "syntax", 'use double quotes: "Brand\'s assets"', True),
    (FR, '"Le ¦"logo" du site."', "syntax", 'write \\" for a quote in the text', True),
    ('"Brand assets"', '"The ¦"brand" assets"', "syntax", 'write \\" for a quote in the text', True),
    (FR, '"Le logo" ¦du site', "syntax", "text follows the quote that ends this value", True),
    (FR, '"-50¦\\% pour tous"', "syntax", "\\% is none; write % without a backslash", True),
    (FR, '"Des ¦\\d+\\.\\d+"', "syntax", "\\d is none; write \\\\ for a backslash", True),
    (FR, '"Dans C:¦\\%TEMP%"', "syntax", "\\% is none; write \\\\ for a backslash", True),
    (FR, '"Dans C:¦\\docs\\site"', "syntax", "\\d is none; write \\\\ for a backslash", True),
    # Text without quotes that YAML reads as something else.
    (FR, "Récupère ¦: logo, couleurs", "syntax", 'put the text in quotes: "Récupère : logo, couleurs"', True),
    (FR, "Récupère¦: logo, couleurs", "syntax", 'put the text in quotes: "Récupère: logo, couleurs"', True),
    ('"Brand assets"', "Brand¦: assets", "syntax", 'put the text in quotes: "Brand: assets"', True),
    ('"Brand assets"', "Brand ¦#1", "syntax", "the # begins a comment here", True),
    (LABEL, "{ fr: Marque ¦#1, en: Brand #1 }", "syntax", "put text that has a # in it in quotes", True),
    ('"Brand assets"', "¦@Brand", "syntax", 'unquoted text cannot begin with @; put it in quotes: "@Brand"', True),
    ("owner: team-companies", "owner: ¦@team-companies", "syntax", "cannot begin with @; write team-companies", True),
    ("owner: team-companies", "owner: ¦`team-companies`", "syntax", "cannot begin with `; write team-companies", True),
    ("needs: [leads]", "needs: [¦@leads]", "syntax", "cannot begin with @; write leads", True),
    (FR, "¦`logo` et couleurs", "syntax", "unquoted text cannot begin with `", True),
    (FR, "¦% de logos", "syntax", "unquoted text cannot begin with %", True),
    (FR, "¦> 100 logos", "syntax", 'put it in quotes: "> 100 logos"', True),
    (FR, "¦- logos", "syntax", 'put it in quotes: "- logos"', True),
    (FR, "[Bêta] ¦logos", "syntax", 'put all of it in quotes: "[Bêta] logos"', True),
    ('"Brand assets"', "¦&More", "yaml-misread", 'write "&More" in quotes', True),
    ('"Brand assets"', "¦&More tools", "yaml-misread", 'write "&More tools" in quotes', True),
    ('"Brand assets"', "¦!New", "unknown-tag", 'write "!New" in quotes', False),
    ('"Brand assets"', "¦!New tools", "unknown-tag", 'write "!New tools" in quotes', False),
    ('"Brand assets"', "¦*Hot", "alias", 'write "*Hot" in quotes', False),
    ("[leads]", "¦*leads", "alias", "the alias *leads has no anchor; write [leads]", True),
    ("[leads]", "[¦*leads]", "alias", "write leads", True),
    ("[leads]", "¦*nothing", "alias", "write &nothing at the value", False),
    # Commas, colons, and the blanks behind them.
    ('graphique", en', 'graphique" ¦en', "syntax", "no comma before en", True),
    (LABEL, "{ fr: Logo ¦en: Brand assets }", "syntax", "no comma before en", True),
    ("category: enrich", "category¦ enrich", "syntax", "no colon after category; write category: enrich", True),
    ("keywords: [", "keywords¦ [", "syntax", "no colon after keywords", True),
    ("label: {", "label¦ {", "syntax", "no colon after label", True),
    ("description:", "description¦", "syntax", "no colon after description", True),
    ("category: enrich", "category¦:enrich", "syntax", "no space after the colon of category", True),
    ("- slug: brand_assets", "- slug¦:brand_assets", "syntax", "no space after the colon of slug", True),
    ("label: {", "label¦:{", "syntax", "no space after the colon of label", True),
    ("pipelinable: true", "pipelinable¦ = true", "syntax", "is followed by =, not by a colon", True),
    ("category: ", "category¦： ", "syntax", "U+FF1A (fullwidth colon), not the plain :", True),
    ('fr: "Logo', '¦fr; "Logo', "syntax", "no colon after fr", True),
    ('en: "Brand', '¦en "Brand', "syntax", "no colon after en", True),
    ('en: "Brand', '¦en:"Brand', "syntax", "no space after the colon of en", True),
    ("pipelinable: true\n    api", "pipelinable: true ¦api", "syntax", "two fields stand on one line", True),
    ("pipelinable: true\n    api", "pipelinable: true, ¦api", "syntax", "two fields stand on one line", True),
    ("category: enrich", '"category": "enrich"¦,', "syntax", "a comma stands behind the value", True),
    (LABEL, '¦( fr: "Logo", en: "Brand assets" )', "syntax", "no round brackets; write { and }", True),
    # Dashes and indentation.
    ("  - slug", "  ¦-slug", "syntax", "no space after the dash; write - slug:", True),
    ("  - slug", "  ¦– slug", "syntax", "U+2013 (en dash), not the plain -", True),
    ("  - slug", "  ¦— slug", "syntax", "U+2014 (em dash), not the plain -", True),
    ("  - slug", "  ¦* slug", "syntax", "an entry begins with *, not with a dash", True),
    ("  - slug", "  ¦• slug", "syntax", "an entry begins with •, not with a dash", True),
    ("  - slug", "  ¦slug", "syntax", "an entry begins here without its dash; write - slug: brand_assets", True),
    ("  - slug", "   ¦- slug", "syntax", "the dash stands in column 4", True),
    ("  - slug", " ¦- slug", "syntax", "the dash stands in column 2", True),
    ("  - slug", "    ¦- slug", "syntax", "the dash stands in column 5", True),
    ("  - slug", "  -  ¦slug", "syntax", "slug begins in column 6, and the fields below it in column 5", True),
    ("    category", "     ¦category", "syntax", "category begins in column 6, and the other fields in column 5", True),
    ("    category", "   ¦category", "syntax", "category begins in column 4", True),
    ("    needs", "     ¦needs", "syntax", "needs begins in column 6", True),
    ("    needs", "   ¦needs", "syntax", "needs begins in column 4", True),
    ("    owner", "     ¦owner", "syntax", "owner begins in column 6", True),
    (
        '      en: "P',
        '     ¦en: "P',
        "syntax",
        "en begins in column 6, and what belongs to description in column 7",
        True,
    ),
    ('      fr: "R', '       ¦fr: "R', "syntax", "fr begins in column 8", True),
    ("    category", "¦\tcategory", "syntax", "indented with a tab", True),
    ("    needs", "¦\tneeds", "syntax", "indented with a tab", True),
    ('      en: "P', '¦\t\ten: "P', "syntax", "indented with a tab", True),
    ("  - slug", "¦\t- slug", "syntax", "indented with a tab", True),
    ("- slug", "-¦\tslug", "syntax", "a tab follows the dash", True),
    ("    needs: [leads]\n    prod", "¦\tneeds: [leads]\n\tprod", "syntax", "this line and 1 below it", True),
    # Characters that are invisible, or look like others.
    ("    category", "  ¦\u00a0 category", "syntax", "U+00A0 (no-break space) stands in the indentation", True),
    ("    needs", "¦\u00a0\u00a0\u00a0\u00a0needs", "syntax", "U+00A0 (no-break space)", True),
    ("category: e", "category:¦\u00a0e", "syntax", "U+00A0 (no-break space) stands beside the key", True),
    ("  - slug", "  -¦\u00a0slug", "syntax", "U+00A0 (no-break space)", True),
    ("  - slug", "  ¦\u200b- slug", "syntax", "U+200B (zero width space)", True),
    ("needs:", "¦nee\u200bds:", "unknown-field", "it has the invisible character U+200B (zero width space)", True),
    ("category:", "¦c\u0430tegory:", "unknown-field", "its \u0430 is U+0430 (cyrillic small letter a), not a", True),
    ("slug: brand_assets", "slug: ¦br\u0430nd_assets", "pattern", "not a; write brand_assets", True),
    ("category: enrich", "category: ¦\u0435nrich", "enum", "U+0435 (cyrillic small letter ie), not e", True),
    ("category: enrich", "category: ¦enrich\u200b", "enum", "invisible character U+200B", True),
    ("pipelinable: true", "pipelinable: ¦tru\u0435", "type", "U+0435 (cyrillic small letter ie), not e", True),
    ("[leads]", "[¦le\u0430ds]", "pattern", "U+0430 (cyrillic small letter a), not a; write leads", True),
    ("/api/brand-assets", "¦/api/brand–assets", "pattern", "U+2013 (en dash), not -; write /api/brand-assets", True),
    ("slug: brand_assets", "slug: brand¦\u0007_assets", "encoding", "U+0007", True),
    ('"Brand assets"', "¦“Brand assets”", "look-alike", 'use straight quotes: "Brand assets"', True),
    ('"Logo et charte graphique"', "¦« Logo et charte »", "look-alike", "U+00AB", True),
    ('"Logo et charte graphique"', "¦“Logo, charte”", "look-alike", "the text ends at the comma", True),
    ("[branding, typographie,", "[¦“branding”, “typographie”,", "look-alike", "U+201C", True),
    # What was pasted, or left behind.
    (
        "    needs: [leads]\n",
        "¦<<<<<<< HEAD\n    needs: [leads]\n=======\n    needs: [emails]\n>>>>>>> other\n",
        "merge-conflict",
        "unresolved merge conflict, lines 135 to 139",
        False,
    ),
    (
        HEAD,
        f"¦<<<<<<< HEAD\n{NEW}=======\n{NEW.replace('new_one', 'other')}>>>>>>> main\n{HEAD}",
        "merge-conflict",
        "unresolved merge conflict, lines 128 to 140",
        False,
    ),
    ("    needs", "¦=======\n    needs", "merge-conflict", "a part of a merge conflict was left here, =======", False),
    ("    needs", "¦>>>>>>> main\n    needs", "merge-conflict", "was left here, >>>>>>>", False),
    ("    needs", "¦```\n    needs", "syntax", "the fence of a code block", True),
    (HEAD, f"¦```yaml\n{NEW}```\n{HEAD}", "syntax", "delete the two lines with ```", True),
    ("    needs", "¦+    needs", "syntax", "this line is from a diff, with + at the left margin", True),
    (HEAD, f"¦{ADDED}{HEAD}", "syntax", "lines 128 to 132 are from a diff, with + at the left margin", True),
    (
        "    needs: [leads]\n",
        "¦-    needs: [emails]\n+    needs: [leads]\n",
        "syntax",
        "delete the lines that begin with -, and remove the + in front of the others",
        False,
    ),
    (HEAD, f"¦@@ -127,0 +128,5 @@\n{ADDED}{HEAD}", "syntax", "lines 128 to 133 are from a diff", True),
    (HEAD, f"¦---\n{HEAD}", "second-document", "remove the --- line", True),
    ("    needs", "¦New since May\n    needs", "syntax", "neither a field, nor an entry, nor a comment", False),
]
