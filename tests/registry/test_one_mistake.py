"""One mistake in a valid registry.yaml gives one problem, in the right place and in words that stand alone."""

from __future__ import annotations

import pytest
from checking import VALID, problems, replaced, unmarked

LABEL = '{ fr: "Scraper Google Maps", en: "Google Maps scraper" }'
SCRAP = """  - slug: scrap
    category: sources
    label: { fr: "Scraper Google Maps", en: "Google Maps scraper" }
    produces: [leads]
    pipelinable: true
    api_endpoint: /api/scrap
    multi_proxy: true
    feature_page: scraper-google-maps-gratuit-export-csv
"""
FINANCE = """    pipelinable: true
    alpha_unavailable: true
    api_endpoint: /api/finance
"""
EMAIL_CAMPAIGN = """    label: { fr: "Campagne d’e-mails", en: "Email campaign" }
    needs: [verified_emails]
    is_on_demand: true
"""
PIPELINE = """    label: { fr: "Pipeline", en: "Pipeline" }
    is_meta: true
    api_endpoint: /api/pipeline
"""
DESCRIPTION = "{ fr: Suivez vos clients., en: Follow your customers. }"
CRM = """    coming_soon: true
    description: { fr: Suivez vos clients., en: Follow your customers. }
    keywords: [clients, deals]
    documentation: /docs/modules/crm
    owner: team-tools
    stage: building
"""
FUNDING = """    needs: [company_ids]
    produces: [funding_signals]
    coming_soon: true
"""
LEGACY = "legacy_features: [company, monitoring, pagespeed]\n"

#: Where, what is there, what is written instead (¦: where the problem must be), the rule, words of the message.
MISTAKES = [
    # A misspelled field name, each in turn.
    (SCRAP, "slug:", "¦slg:", "unknown-field", "did you mean slug?"),
    (SCRAP, "category:", "¦catgory:", "unknown-field", "did you mean category?"),
    (SCRAP, "label:", "¦lable:", "unknown-field", "did you mean label?"),
    (SCRAP, "fr:", "¦fre:", "unknown-field", "did you mean fr?"),
    (SCRAP, "en:", "¦eng:", "unknown-field", "did you mean en?"),
    (SCRAP, "en:", "¦de:", "unknown-field", "fr, en"),
    (SCRAP, "produces:", "¦produce:", "unknown-field", "did you mean produces?"),
    (SCRAP, "produces:", "¦outputs:", "unknown-field", "outputs"),
    (SCRAP, "pipelinable:", "¦pipeline_able:", "unknown-field", "did you mean pipelinable?"),
    (SCRAP, "api_endpoint:", "¦api-endpoint:", "unknown-field", "did you mean api_endpoint?"),
    (SCRAP, "api_endpoint:", "¦apiEndpoint:", "unknown-field", "did you mean api_endpoint?"),
    (SCRAP, "api_endpoint:", "¦endpoint:", "unknown-field", "did you mean api_endpoint?"),
    (SCRAP, "api_endpoint:", "¦path:", "unknown-field", "path"),
    (SCRAP, "api_endpoint: /api/scrap", "¦where: /api/finance", "unknown-field", "where"),
    (SCRAP, "multi_proxy:", "¦multiproxy:", "unknown-field", "did you mean multi_proxy?"),
    (SCRAP, "feature_page:", "¦features_page:", "unknown-field", "did you mean feature_page?"),
    (FINANCE, "alpha_unavailable:", "¦alpha_unavailble:", "unknown-field", "did you mean alpha_unavailable?"),
    (EMAIL_CAMPAIGN, "needs:", "¦need:", "unknown-field", "did you mean needs?"),
    (EMAIL_CAMPAIGN, "is_on_demand:", "¦on_demand:", "unknown-field", "did you mean is_on_demand?"),
    (EMAIL_CAMPAIGN, "is_on_demand:", "¦is_ondemand:", "unknown-field", "did you mean is_on_demand?"),
    (PIPELINE, "is_meta:", "¦meta:", "unknown-field", "did you mean is_meta?"),
    (FUNDING, "coming_soon:", "¦comming_soon:", "unknown-field", "did you mean coming_soon?"),
    (FUNDING, "coming_soon:", "¦is_coming_soon:", "unknown-field", "did you mean coming_soon?"),
    ("modules:\n", "modules:", "¦module:", "unknown-field", "did you mean modules?"),
    ("modules:\n", "modules:", "¦Modules:", "unknown-field", "did you mean modules?"),
    (LEGACY, "legacy_features:", "¦legacy_feature:", "unknown-field", "did you mean legacy_features?"),
    (LEGACY, "legacy_features:", "¦legacy:", "unknown-field", "did you mean legacy_features?"),
    (CRM, "description:", "¦descripton:", "unknown-field", "did you mean description?"),
    (CRM, "fr: Suivez", "¦fre: Suivez", "unknown-field", "did you mean fr?"),
    (
        CRM,
        "fr: Suivez",
        "¦de: Folgen, fr: Suivez",
        "unknown-field",
        'language "de" of description; known are fr',
    ),
    (CRM, "keywords:", "¦keyword:", "unknown-field", "did you mean keywords?"),
    (CRM, "keywords:", "¦tags:", "unknown-field", "tags"),
    (CRM, "documentation:", "¦documention:", "unknown-field", "did you mean documentation?"),
    (CRM, "owner:", "¦owners:", "unknown-field", "did you mean owner?"),
    (CRM, "stage:", "¦stages:", "unknown-field", "did you mean stage?"),
    # A misspelled value.
    (CRM, "building", "¦bilding", "enum", "did you mean building?"),
    (CRM, "building", "¦soon", "enum", "considering, planned, building"),
    (CRM, "team-tools", "¦Team Tools", "pattern", "write team-tools"),
    (CRM, "team-tools", "¦Team_Tools", "pattern", "write team_tools"),
    (SCRAP, "sources", "¦source", "enum", "did you mean sources?"),
    (SCRAP, "sources", "¦Sources", "enum", "did you mean sources?"),
    (SCRAP, "sources", "¦nonsense", "enum", "sources, enrich, signals, outreach, tools"),
    ("    produces: [emails]\n", "emails", "email", "artifact-missing", "emails produces email"),
    ("    needs: [emails]\n", "emails", "¦emials", "artifact-missing", "did you mean emails?"),
    ("    needs: [company_ids]\n", "company_ids", "¦company-ids", "pattern", "write company_ids"),
    ("    produces: [company_ids]\n", "company_ids", "¦company-ids", "pattern", "write company_ids"),
    ("    produces: [company_ids]\n", "company_ids", "¦Company IDs", "pattern", "write company_ids"),
    ("    produces: [company_ids]\n", "company_ids", "¦12", "yaml-misread", "12"),
    ("    produces: [company_ids]\n", "[company_ids]", "¦company_ids", "type", "write [company_ids]"),
    ("    produces: [company_ids]\n", "[company_ids]", "¦{ company_ids: 1 }", "type", "a mapping, not a list"),
    ("    produces: [company_ids]\n", " [company_ids]", "¦", "type", "has no value"),
    ("    produces: [company_ids]\n", "[company_ids]", "¦no", "type", "produces"),
    ("    produces: [company_ids]\n", "company_ids", "¦{ a: b }", "type", "a mapping, not text"),
    # Text that YAML reads as something else, and wrong types, for each field.
    (SCRAP, "scrap", "¦no", "yaml-misread", 'write "no" in quotes'),
    (SCRAP, "scrap", "¦2024-01-01", "yaml-misread", "a date"),
    (SCRAP, "scrap", "¦12", "yaml-misread", "a number"),
    (SCRAP, "scrap", "¦[scrap]", "type", "a list, not text"),
    (SCRAP, "scrap", "¦Scrap", "pattern", "write scrap"),
    (SCRAP, "scrap", '¦""', "blank", "slug is empty"),
    (SCRAP, "scrap", "¦~", "yaml-misread", "~"),
    (SCRAP, " scrap", "¦", "type", "slug has no value"),
    (SCRAP, "sources", "¦yes", "yaml-misread", "sources, enrich"),
    (SCRAP, "sources", "¦[sources]", "type", "a list, not text"),
    (SCRAP, " sources", "¦", "type", "category has no value"),
    (SCRAP, "sources", "¦1", "yaml-misread", "a number"),
    (SCRAP, LABEL, "¦Google Maps", "type", "{fr: ..., en: ...}"),
    (SCRAP, LABEL, "¦[Google, Maps]", "type", "a list"),
    (SCRAP, ' { fr: "Scraper Google Maps", en: "Google Maps scraper" }', "¦", "type", "label has no value"),
    (SCRAP, '"Scraper Google Maps"', '¦""', "blank", "label.fr"),
    (SCRAP, '"Scraper Google Maps"', '¦"  "', "blank", "label.fr"),
    (SCRAP, '"Google Maps scraper"', "¦[x]", "type", "label.en"),
    (SCRAP, '"Google Maps scraper"', "¦no", "yaml-misread", "label.en"),
    (SCRAP, '"Google Maps scraper"', "¦2024", "yaml-misread", 'write "2024" in quotes'),
    (SCRAP, '"Google Maps scraper"', "¦~", "yaml-misread", "label.en"),
    (
        SCRAP,
        '{ fr: "Scraper Google Maps", en: "Google Maps scraper" }',
        '¦{ fr: "x" }',
        "missing-field",
        "label has no en",
    ),
    (
        SCRAP,
        '{ fr: "Scraper Google Maps", en: "Google Maps scraper" }',
        '¦{ en: "x" }',
        "missing-field",
        "label has no fr",
    ),
    (SCRAP, "[leads]", "[leads, ¦leads]", "repeated-item", "leads"),
    ("    needs: [company_ids]\n", "[company_ids]", "[company_ids, ¦company_ids]", "repeated-item", "company_ids"),
    ("    needs: [company_ids]\n", "[company_ids]", "¦company_ids", "type", "write [company_ids]"),
    ("    needs: [company_ids]\n", "[company_ids]", "¦true", "type", "needs"),
    ("    needs: [company_ids]\n", "[company_ids]", "[company_ids, ¦12]", "yaml-misread", "12"),
    ("    needs: [company_ids]\n", "[company_ids]", "[company_ids, ¦~]", "yaml-misread", "~"),
    ("    needs: [company_ids]\n", " [company_ids]", "¦", "type", "needs has no value"),
    (SCRAP, "pipelinable: true", 'pipelinable: ¦"yes"', "yaml-misread", "write true without quotes"),
    (SCRAP, "pipelinable: true", 'pipelinable: ¦"true"', "yaml-misread", "write true without quotes"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦1", "type", "write true or false"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦ture", "type", "did you mean true?"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦[true]", "type", "a list"),
    (SCRAP, "pipelinable: true", "pipelinable:¦", "type", "has no value"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦null", "type", "pipelinable"),
    (SCRAP, "multi_proxy: true", 'multi_proxy: ¦"true"', "yaml-misread", "multi_proxy"),
    (SCRAP, "multi_proxy: true", "multi_proxy: ¦VPN", "type", "multi_proxy"),
    (SCRAP, "multi_proxy: true", "multi_proxy: ¦~", "type", "multi_proxy"),
    (FINANCE, "alpha_unavailable: true", 'alpha_unavailable: ¦"true"', "yaml-misread", "alpha_unavailable"),
    (FINANCE, "alpha_unavailable: true", "alpha_unavailable: ¦~", "type", "alpha_unavailable"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", 'is_on_demand: ¦"yes"', "yaml-misread", "is_on_demand"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "is_on_demand:¦", "type", "is_on_demand"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "is_on_demand: ¦[]", "type", "is_on_demand"),
    (PIPELINE, "is_meta: true", 'is_meta: ¦"true"', "yaml-misread", "is_meta"),
    (PIPELINE, "is_meta: true", "is_meta: ¦~", "type", "is_meta"),
    (FUNDING, "coming_soon: true", 'coming_soon: ¦"true"', "yaml-misread", "coming_soon"),
    (FUNDING, "coming_soon: true", "coming_soon: ¦Q3", "type", "coming_soon"),
    (FUNDING, "coming_soon: true", "coming_soon: ¦2024-06-01", "type", "coming_soon"),
    (FUNDING, "coming_soon: true", "coming_soon: ¦~", "type", "coming_soon"),
    (SCRAP, "/api/scrap", "¦api/scrap", "pattern", "/api/"),
    (SCRAP, "/api/scrap", "¦/api/scrap/", "pattern", "/api/scrap/"),
    (SCRAP, "/api/scrap", "¦https://example.org/api/scrap", "pattern", "https://"),
    (SCRAP, "/api/scrap", "¦[/api/scrap]", "type", "api_endpoint"),
    (SCRAP, "/api/scrap", "¦12", "yaml-misread", "api_endpoint"),
    (SCRAP, "/api/scrap", "¦true", "yaml-misread", "api_endpoint"),
    (SCRAP, "/api/scrap", '¦""', "blank", "api_endpoint"),
    (SCRAP, "api_endpoint: /api/scrap", "¦api_endpoint: null", "endpoint-needed", "null"),
    (SCRAP, "api_endpoint: /api/scrap", "¦api_endpoint:", "endpoint-needed", "api_endpoint"),
    (SCRAP, "/api/scrap", "/api/import", "duplicate-endpoint", "on line 13 (scrap)"),
    (SCRAP, "/api/scrap", "¦/api/modules", "own-route", "/api/modules"),
    (SCRAP, "/api/scrap", "¦/api/modules/x", "own-route", "/api/modules/x"),
    (SCRAP, "/api/scrap", "¦/api/features", "own-route", "/api/features"),
    (SCRAP, "/api/scrap", "¦/api/features/crm/interest", "own-route", "/api/features"),
    (SCRAP, "/api/scrap", "¦/api/modules-registry", "own-route", "/api/modules-registry"),
    (SCRAP, "scraper-google-maps-gratuit-export-csv", "¦Scraper_Google", "pattern", "write scraper-google"),
    (SCRAP, "scraper-google-maps-gratuit-export-csv", "¦/features/scraper", "pattern", "scraper"),
    (SCRAP, "scraper-google-maps-gratuit-export-csv", "¦a--b", "pattern", "feature_page"),
    (SCRAP, "scraper-google-maps-gratuit-export-csv", "¦2024-01-01", "yaml-misread", 'write "2024-01-01" in quotes'),
    (SCRAP, "scraper-google-maps-gratuit-export-csv", "¦yes", "yaml-misread", "feature_page"),
    (SCRAP, "scraper-google-maps-gratuit-export-csv", "¦None", "pattern", "write null"),
    (SCRAP, "scraper-google-maps-gratuit-export-csv", '¦""', "blank", "feature_page"),
    (SCRAP, "scraper-google-maps-gratuit-export-csv", "¦[a]", "type", "feature_page"),
    (CRM, DESCRIPTION, "¦Follow your customers.", "type", "write {fr: ..., en: ...}"),
    (CRM, DESCRIPTION, "¦[Suivez, Follow]", "type", "a list, not a mapping"),
    (CRM, "Suivez vos clients.", '¦""', "blank", "description.fr is empty"),
    (CRM, "Suivez vos clients.", '¦"Suivez\\nvos clients."', "pattern", "without control characters"),
    (CRM, "Suivez vos clients.", f"¦{'a' * 301}", "too-long", "301 characters"),
    (CRM, "Suivez vos clients.", "¦yes", "yaml-misread", 'write "yes" in quotes'),
    (CRM, "[clients, deals]", "¦clients", "type", "write [clients]"),
    (CRM, "[clients, deals]", "[clients, ¦no]", "yaml-misread", 'write "no" in quotes'),
    (CRM, "[clients, deals]", "[clients, ¦clients]", "repeated-item", "clients"),
    (CRM, "[clients, deals]", "¦[a, b, c, d, e, f, g, h, i, j, k, l, m]", "too-long", "13 items"),
    (CRM, "[clients, deals]", f"[clients, ¦{'a' * 41}]", "too-long", "41 characters"),
    (CRM, "/docs/modules/crm", "¦docs/modules/crm", "pattern", "write /docs/modules/crm"),
    (CRM, "/docs/modules/crm", "¦docs.example.org/crm", "pattern", "write https://docs.example.org/crm"),
    (CRM, "/docs/modules/crm", "¦docs/a b", "pattern", "https address"),
    (CRM, "/docs/modules/crm", "¦//docs.example.org", "pattern", "begins with one /"),
    (CRM, "/docs/modules/crm", "¦http://docs.example.org", "pattern", "https address"),
    (CRM, "/docs/modules/crm", "¦no", "yaml-misread", "write null"),
    (CRM, "team-tools", "¦[team-tools]", "type", "a list, not text"),
    (CRM, "team-tools", '¦"@tools"', "pattern", "such as team-contacts"),
    (CRM, "building", "¦true", "yaml-misread", "considering, planned, building"),
    (CRM, "building", "¦[building]", "type", "a list, not text"),
    # A required field that is missing.
    (CRM, DESCRIPTION, "¦{ fr: Suivez vos clients. }", "missing-field", "description has no en"),
    (CRM, DESCRIPTION, "¦{}", "missing-field", "description has no fr and no en"),
    (CRM, "    coming_soon: true\n", "", "stage-state", "add coming_soon: true, or remove stage"),
    (SCRAP, "- slug: scrap\n    category", "- ¦category", "missing-field", "has no slug"),
    (SCRAP, "- slug: scrap\n    category: sources\n", "- ¦slug: scrap\n", "missing-field", "scrap has no category"),
    (SCRAP, f"    label: {LABEL}\n", "", "missing-field", "scrap has no label"),
    (SCRAP, "    api_endpoint: /api/scrap\n", "", "endpoint-needed", "scrap"),
    (FINANCE, "    api_endpoint: /api/finance\n", "", "endpoint-needed", "finance"),
    (EMAIL_CAMPAIGN, "    is_on_demand: true\n", "", "endpoint-needed", "email_campaign"),
    (FUNDING, "    coming_soon: true\n", "", "endpoint-needed", "funding"),
    # States.
    (SCRAP, "pipelinable: true", "¦is_on_demand: true", "endpoint-forbidden", "is_on_demand is true, so api_endpoint"),
    (FINANCE, "pipelinable: true", "is_meta: true", "one-state", "is_meta and alpha_unavailable are both true"),
    (FINANCE, "pipelinable: true", "coming_soon: true", "one-state", "coming_soon and alpha_unavailable"),
    (FINANCE, "pipelinable: true", "is_on_demand: true", "one-state", "is_on_demand and alpha_unavailable"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "is_on_demand: true\n    coming_soon: true", "one-state", "both"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "is_on_demand: true\n    is_meta: true", "one-state", "both"),
    (FUNDING, "coming_soon: true", "coming_soon: true\n    is_meta: true", "one-state", "both"),
    (
        FUNDING,
        "coming_soon: true",
        "coming_soon: true\n    ¦api_endpoint: /api/funding",
        "endpoint-forbidden",
        "coming_soon",
    ),
    (
        EMAIL_CAMPAIGN,
        "is_on_demand: true",
        "is_on_demand: true\n    ¦api_endpoint: /api/x",
        "endpoint-forbidden",
        "/api/x",
    ),
    (FUNDING, "coming_soon: true", "coming_soon: true\n    ¦multi_proxy: true", "multi-proxy-state", "coming_soon"),
    (
        EMAIL_CAMPAIGN,
        "is_on_demand: true",
        "is_on_demand: true\n    ¦multi_proxy: true",
        "multi-proxy-state",
        "is_on_demand",
    ),
    (PIPELINE, "is_meta: true", "is_meta: true\n    ¦multi_proxy: true", "multi-proxy-state", "is_meta"),
    (SCRAP, "multi_proxy", "¦stage: planned\n    multi_proxy", "stage-state", "remove stage: a module that runs"),
    (SCRAP, "api_endpoint: /api/scrap\n    multi_proxy", "¦stage: planned #", "stage-state", "add coming_soon"),
    (PIPELINE, "is_meta", "¦stage: planned\n    is_meta", "stage-state", "is_meta is true, so stage"),
    # Across entries.
    (SCRAP, "slug: scrap", "slug: import", "duplicate-slug", "import"),
    (LEGACY, "company", "¦crm", "legacy-coming-soon", "crm"),
    (LEGACY, "company", "¦Company", "pattern", "write company"),
    (LEGACY, "company", "¦12", "yaml-misread", "12"),
    (LEGACY, "company", "¦~", "yaml-misread", "legacy_features"),
    (LEGACY, "company", "¦[company]", "type", "legacy_features"),
    (LEGACY, "company, monitoring", "monitoring, ¦monitoring", "repeated-item", "monitoring"),
    (LEGACY, "[company, monitoring, pagespeed]", "¦company", "type", "legacy_features"),
    (LEGACY, "[company, monitoring, pagespeed]", "¦{ company: 1 }", "type", "legacy_features"),
    (LEGACY, " [company, monitoring, pagespeed]", "¦", "type", "legacy_features"),
    (SCRAP, SCRAP, "  - ¦scrap\n" + SCRAP, "type", "module 1"),
    (SCRAP, SCRAP, "  -¦\n" + SCRAP, "type", "module 1"),
    (SCRAP, SCRAP, "  - ¦[scrap]\n" + SCRAP, "type", "module 1"),
    (SCRAP, "pipelinable: true", "pipelinable: true\n    ¦slug: other", "duplicate-key", "slug"),
    (SCRAP, "pipelinable: true", "pipelinable: true\n    ¦pipelinable: true", "duplicate-key", "pipelinable"),
    (SCRAP, "pipelinable: true", "pipelinable: true\n    ¦produces: []", "duplicate-key", "produces"),
    (SCRAP, "pipelinable: true", "¦no: true", "key-not-text", "no"),
    (SCRAP, "pipelinable: true", "¦12: true", "key-not-text", "12"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦!!python/object:x.Y true", "unknown-tag", "python"),
    (SCRAP, "[leads]", "¦!leads [leads]", "unknown-tag", "!leads"),
    (SCRAP, "sources", "¦*sources", "alias", "sources"),
    # What else follows from one mistake, and is not reported.
    ("  - slug: import\n    ", "  - slug: import\n    ", "    ¦", "duplicate-key", "begin each module with"),
    ("  - slug: finance\n    ", "  - slug: finance\n    ", "    ¦", "duplicate-key", "begin each module with"),
    ("  - slug: crm\n    ", "  - slug: crm\n    ", "    ¦", "duplicate-key", "category, label and coming_soon"),
    ("  - slug: crm\n", "- slug: crm\n", "- ¦slug: crm\n  - slug: crm\n", "missing-field", "nothing but a slug"),
    (SCRAP, LABEL, "¦{}", "missing-field", "label has no fr and no en"),
    (SCRAP, "slug: scrap\n", "¦id: scrap\n", "unknown-field", "id"),
    (SCRAP, "category:", "¦group:", "unknown-field", "did you mean category?"),
    (SCRAP, "label:", "¦title:", "unknown-field", "did you mean label?"),
    (FUNDING, "coming_soon:", "¦planned:", "unknown-field", "planned"),
    (EMAIL_CAMPAIGN, "is_on_demand:", "¦stub:", "unknown-field", "stub"),
    ("    produces: [company_ids]\n", "produces:", "¦outputs:", "unknown-field", "outputs"),
    ("    produces: [company_ids]\n", "[company_ids]", "¦!x [company_ids]", "unknown-tag", "!x"),
    ("    produces: [company_ids]\n", "[company_ids]", "¦*ids", "alias", "*ids"),
    ("    produces: [company_ids]\n", "pr", "¦coming_soon: true\n    pr", "endpoint-forbidden", "legal_ids"),
    ('    label: { fr: "Vitesse', "label", "coming_soon: true\n    label", "endpoint-forbidden", "pagespeed"),
    ("modules:\n", "modules:", "modules:\n¦modules:", "duplicate-key", "line 5"),
    (VALID, "modules:\n", "", "syntax", ""),
    (SCRAP, "api_endpoint:", "api_endpoint: null\n    ¦api_endpoint:", "duplicate-key", "api_endpoint"),
    (SCRAP, "pipelinable:", "pipelinable: 1\n    ¦pipelinable:", "duplicate-key", "pipelinable"),
    (SCRAP, "api_endpoint:", "api_endpoint: /api/modules\n    ¦api_endpoint:", "duplicate-key", "api_endpoint"),
    (SCRAP, SCRAP, f"  - ¦slug: old\n{SCRAP}    formerly: [old]\n", "missing-field", "nothing but a slug"),
    ("    produces: [company_ids]\n", "company_ids", "¦company ids!", "pattern", "company ids!"),
]


@pytest.mark.parametrize(("block", "old", "new", "rule", "words"), MISTAKES)
def test_one(block: str, old: str, new: str, rule: str, words: str) -> None:
    text, places = unmarked(replaced(VALID, block, replaced(block, old, new)))
    found = problems(text)
    lines = [f"{p.line}:{p.column} {p.rule}: {p.text}" for p in found]
    print(*lines, sep="\n")
    assert len(found) == 1, lines
    assert words in found[0].text
    assert found[0].rule == rule
    if places:
        assert (found[0].line, found[0].column) == places[0]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("yes", "true"),
        ("true", "true"),
        ("on", "true"),
        ("y", "true"),
        ("no", "false"),
        ("false", "false"),
        ("off", "false"),
        ("n", "false"),
    ],
)
def test_a_boolean_in_quotes_says_which_one_was_meant(word: str, meant: str) -> None:
    for written in (word, word.upper(), word.title()):
        (problem,) = problems(replaced(VALID, "pipelinable: true", f'pipelinable: "{written}"'))
        assert problem.rule == "yaml-misread"
        assert problem.message == f'scrap: pipelinable: YAML reads "{written}" as text, not as a boolean'
        assert problem.hint == f"write {meant} without quotes"


@pytest.mark.parametrize("word", ["ye", "yess", "1", "o"])
def test_other_words_in_quotes_are_no_booleans(word: str) -> None:
    (problem,) = problems(replaced(VALID, "pipelinable: true", f'pipelinable: "{word}"'))
    assert (problem.rule, problem.message) == ("type", f'scrap: pipelinable "{word}" is not a boolean')


def test_messages_cut_a_long_value_and_quote_one_of_sixty_characters_whole() -> None:
    for length, shown in ((60, "x" * 60), (61, "x" * 57 + "...")):
        (problem,) = problems(replaced(VALID, "category: sources", f"category: {'x' * length}"))
        assert problem.message == f'scrap: category "{shown}" is not a known one'
