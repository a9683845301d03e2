"""Parts that cannot be read, stand elsewhere or are in another language or alphabet: edits as of `syntax_edits`.

Each is one mistake, and what follows from it is not told.
"""

from __future__ import annotations

from syntax_edits import ENTRY, HEAD, LABEL

ENDPOINT = "    api_endpoint: /api/brand-assets\n"
FLAG = "    pipelinable: true\n"
CATEGORY = "    category: enrich\n"
BRACES = "slug: brand_assets, category: enrich, label: { fr: A, en: B }, needs: [leads], produces: [brand_assets]"

PARTS: list[tuple[str, str, str, str, bool]] = [
    # What an entry lacks is not told where a part of it cannot be read.
    (ENTRY, f"  - ¦{{ {BRACES}\n", "syntax", "the { opened here is never closed", False),
    (ENTRY, f"  - ¦{{ {BRACES}, api_endpoint: /api/brand\n", "syntax", "close it with } at the end of the", True),
    (ENTRY, f"  - ¦{{{BRACES},\n     coming_soon: true, # soon\n", "syntax", "at the end of its last line", True),
    (ENTRY, f"  - ¦{{{BRACES},\n     coming_soon: true,\n\n     keywords: [a]\n", "syntax", "never closed", False),
    (ENTRY, f"  - ¦{{ {BRACES}, api_endpoint: /api/brand)\n", "syntax", "never closed", False),
    (ENTRY, f"  - {{ {BRACES} ¦api_endpoint: /api/brand }}\n", "syntax", "no comma before api_endpoint", True),
    (ENTRY, f"  - {{ {BRACES}¦; api_endpoint: /api/brand }}\n", "syntax", "; stands where a comma belongs", True),
    (
        ENTRY,
        f"  - {{ {BRACES} ¦}}, api_endpoint: /api/brand }}\n",
        "syntax",
        "the } ends the entry here, and api",
        True,
    ),
    (ENDPOINT, ENDPOINT.replace("api_endpoint", "¦[api_endpoint]"), "key-not-text", "a key must be text", False),
    (ENDPOINT, ENDPOINT.replace("api_endpoint", "¦*api_endpoint"), "alias", "the alias *api_endpoint has no", False),
    (ENDPOINT, ENDPOINT.replace("api_endpoint", "¦{{ api_endpoint }}"), "key-not-text", "a template", False),
    (
        FLAG + ENDPOINT,
        '    pipelinable: ¦"true\n    api_endpoint: /api/brand-assets"\n',
        "type",
        "not a boolean",
        False,
    ),
    (FLAG + ENDPOINT, "    stage: ¦>\n      api_endpoint: /api/brand-assets\n", "enum", "is not a known one", False),
    (ENDPOINT, "    stage: &a ¦*b\n", "syntax", "not valid YAML", False),
    # Fields that stand in another, and a dash before one.
    (
        CATEGORY + f"    label: {LABEL}",
        "    label: { fr: A, en: B, ¦category: enrich }",
        "unknown-field",
        "inside l",
        True,
    ),
    (
        CATEGORY + f"    label: {LABEL}",
        "    label: { ¦category: enrich, fr: A, en: B }",
        "unknown-field",
        "inside l",
        True,
    ),
    (
        CATEGORY + f"    label: {LABEL}\n",
        "    label:\n      fr: A\n      en: B\n      ¦category: enrich\n",
        *("unknown-field", "category stands inside label; write it beside label", True),
    ),
    (LABEL, "{ fr: A, en: B, ¦category: enrich }", "unknown-field", "brand_assets has its category beside label", True),
    (LABEL, "{ fr: A, en: B, ¦category: tools }", "unknown-field", "brand_assets has its category beside label", False),
    ("    needs", "    ¦- needs", "syntax", "a dash stands before needs, which is a field of the entry", True),
    # Languages and their texts.
    (LABEL, "¦{ fr, fr }", "syntax", "label has fr and fr without a text; write { fr: ..., en: ... }", False),
    (LABEL, "¦{fr, en}", "syntax", "label has fr and en without a text", False),
    (LABEL, "¦{ fr }", "syntax", "label has fr without a text", False),
    (LABEL, '¦{ "Marque", "Brand" }', "syntax", "label has texts without their languages; write fr: before", False),
    (LABEL, "{ fr: Marque, ¦fr: Brand }", "duplicate-key", "write en: for the one in that language", False),
    ("      en: ", "      ¦fr: ", "duplicate-key", "write en: for the one in that language", False),
    # What people write to each other.
    (HEAD, "  ¦NOTE: to be checked\n" + HEAD, "syntax", "begins no comment; begin it with #", True),
    (HEAD, "¦NOTE: to be checked\n" + HEAD, "syntax", "begins no comment; begin it with #", True),
    (HEAD, " ¦TODO ask Anna\n\n" + HEAD, "syntax", "begins no comment; begin it with #", True),
    (HEAD, "  ¦Active: brands\n\n" + HEAD, "syntax", "is neither a field, nor an entry, nor a comment", False),
    (HEAD, f"{HEAD}  ¦NOTE: to be checked\n", "syntax", "begins no comment; begin it with #", True),
    (CATEGORY, f"{CATEGORY}    ¦NOTE: to be checked\n", "unknown-field", "begin the line with # if it is a com", True),
    # A sign behind a value, as other languages have it.
    ("category: enrich", "category: ¦enrich;", "enum", "did you mean enrich?", True),
    ("category: enrich", "category: ¦enrich,", "enum", "did you mean enrich?", True),
    ("pipelinable: true", "pipelinable: ¦true;", "type", "did you mean true?", True),
    ("slug: brand_assets", "slug: ¦brand_assets;", "pattern", "write brand_assets", True),
    ("/api/brand-assets", "¦/api/brand-assets,", "pattern", "write /api/brand-assets", True),
    ("team-companies", "¦team-companies;", "pattern", "write team-companies", True),
    ("[leads]", "[¦leads;]", "pattern", "write leads", True),
    # French.
    ("category: enrich", "¦catégorie: outils", "unknown-field", "write category: tools", True),
    ("category: enrich", "category: ¦outils", "enum", "did you mean tools?", True),
    ("category: enrich", "category: ¦Enrichissement", "enum", "did you mean enrich?", True),
    ("category: enrich", "category: ¦signaux", "enum", "did you mean signals?", True),
    ("category: enrich", "category: ¦divers", "enum", "use one of sources, enrich", False),
    ("pipelinable: true", "pipelinable: ¦vrai", "yaml-misread", "write true without quotes", True),
    ("pipelinable: true", "pipelinable: ¦Oui", "yaml-misread", "write true without quotes", True),
    ("pipelinable: true", 'pipelinable: ¦"non"', "yaml-misread", "write false without quotes", True),
    ("pipelinable: true", "pipelinable: ¦faux", "yaml-misread", "write false without quotes", True),
    (ENDPOINT, "    ¦état: bientôt\n", "unknown-field", "write coming_soon: true", True),
    (ENDPOINT, "    coming_soon: true\n    stage: ¦prévu\n", "enum", "did you mean planned?", True),
    (ENDPOINT, "    coming_soon: true\n    stage: ¦en construction\n", "enum", "did you mean building?", True),
    (ENDPOINT, "    coming_soon: true\n    ¦étape: à l'étude\n", "unknown-field", "write stage: considering", True),
    # States that contradict each other.
    (ENDPOINT, "    coming_soon: false\n    ¦stage: planned\n", "stage-state", "coming_soon is not true", False),
    (ENDPOINT, "    coming_soon: false\n    ¦state: planned\n", "unknown-field", "did you mean stage?", False),
    (ENDPOINT, "    coming_soon: false\n    ¦is_coming_soon: true\n", "unknown-field", "It is given as well", False),
    # Stray lines that begin an entry.
    (CATEGORY, f"{CATEGORY}  - ¦formerly: true\n", "missing-field", "remove this line if the fields belong", False),
    (HEAD, f"{HEAD}  - ¦formerly: true\n", "missing-field", "remove this line if the fields belong", False),
    (CATEGORY, f"{CATEGORY}  - ¦pipelinable: true\n", "missing-field", "pipelinable is given below as well", True),
    (CATEGORY, f"{CATEGORY}  - ¦pipelinable: false\n", "missing-field", "pipelinable is given below as", False),
    # Letters of another alphabet.
    ("slug: brand_assets", "slug: ¦brand_\u0430ssets", "pattern", "write brand_assets", True),
    ("slug: brand_assets", "slug: ¦brand_asse\u0442s", "pattern", "not t; write brand_assets", True),
    ("slug: brand_assets", "slug: ¦bran\u0434_assets", "pattern", "U+0434 (cyrillic small letter de); use l", False),
    ("/docs/modules/", "¦/d\u043ecs/modules/", "pattern", "write /docs/modules/brand-assets", True),
    ("slug: brand_assets", "slug: ¦cœur", "pattern", "write coeur", True),
]
