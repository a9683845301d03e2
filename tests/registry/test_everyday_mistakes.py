"""Mistakes of everyday edits: one problem each, where it can be mended, and in words that help and do no harm."""

from __future__ import annotations

import pytest
from checking import VALID, problems, replaced, unmarked
from test_one_mistake import CRM, DESCRIPTION, EMAIL_CAMPAIGN, FINANCE, FUNDING, LABEL, LEGACY, PIPELINE, SCRAP

EMAILS = "    needs: [leads]\n    produces: [emails]\n"
MULTICHANNEL = "    needs: [verified_emails, phones]\n"
IMPORT = """  - slug: import
    category: sources
    label: { fr: "Import de fichier", en: "File import" }
    produces: [leads]
    pipelinable: true
    api_endpoint: /api/import
"""
MORE = SCRAP.replace("slug: scrap", "slug: more").replace("/api/scrap", "/api/more")
ANCHORED = SCRAP.replace("  - slug", "  - &scrap\n    slug")
PAGE = "scraper-google-maps-gratuit-export-csv"
DAYS = "since: 2026-03-01, removed_after: 2026-09-01"
REASON = "because: { fr: Une raison., en: A reason. }"
FR, EN = '"Scraper Google Maps"', '"Google Maps scraper"'


def entry(fields: str) -> tuple[str, str, str]:
    """A line more in an entry that is coming soon."""
    return CRM, "    coming_soon: true\n", f"    coming_soon: true\n    {fields}\n"


def removed(entry: str) -> tuple[str, str, str]:
    return LEGACY, LEGACY, f"{LEGACY}removed:\n  - {entry}\n"


#: As the table of test_one_mistake.py: where, what is there, what is written instead, the rule, words of the message.
EVERYDAY = [
    # Lists.
    (EMAILS, "[leads]", "¦leads, phones", "type", "write [leads, phones]"),
    (EMAILS, "[leads]", "¦leads phones", "type", "write [leads, phones]"),
    (EMAILS, "[leads]", "¦leads and phones", "type", "write [leads, phones]"),
    (EMAILS, "[leads]", "¦{ leads }", "type", "write [leads]"),
    (EMAILS, "[leads]", "[¦leads phones]", "pattern", "write leads, phones"),
    (EMAILS, "[leads]", "[¦leads emails]", "pattern", "write leads, emails; but emails produces emails itself"),
    (EMAILS, "[leads]", "[¦leads nothing emails]", "pattern", "but no module produces nothing and emails"),
    (EMAILS, "[leads]", '[¦"leads, phones"]', "pattern", "write leads, phones"),
    (EMAILS, "[leads]", "[¦leads;phones]", "pattern", "write leads, phones"),
    (EMAILS, "[leads]", "\n      - ¦leads phones", "pattern", "write leads, phones"),
    (EMAILS, "[leads]", "[¦[leads]]", "type", "write leads"),
    (EMAILS, "[leads]", "[¦Lead]", "pattern", "did you mean leads?"),
    (EMAILS, "[leads]", "¦coming_soon", "type", "write a list, such as [leads]"),
    (EMAILS, "[emails]", "[¦{ a: b }]", "type", "lowercase letters"),
    (EMAILS, "[leads]", "¦leads et/ou phones", "type", "write [leads, phones]"),
    (EMAILS, "[leads]", "¦leads, phones, etc.", "type", "write [leads, phones]"),
    (EMAILS, "[leads]", "[¦leads and/or phones]", "pattern", "write leads, phones"),
    (EMAILS, "[leads]", "¦none, leads", "type", "write [leads], or [] where there is none"),
    (EMAILS, "[leads]", "¦leads ou aucun", "type", "write [leads], or [] where there is none"),
    (EMAILS, "[leads]", "[¦none, leads]", "artifact-missing", "remove none: it says that nothing is needed"),
    (EMAILS, "[emails]", '[¦""]', "blank", "an item of produces is empty; write a name, or remove it"),
    (EMAILS, "[leads]", '[leads, ¦" "]', "blank", "an item of needs is empty; write a name, or remove it"),
    (CRM, "[clients, deals]", '[¦""]', "blank", "an item of keywords is empty; write a word or a short phrase, or re"),
    (LEGACY, "pagespeed", '¦""', "blank", "an item of legacy_features is empty; write a name, or remove it"),
    (EMAILS, "[leads]", "¦none", "type", "write [], or leave the field out"),
    (EMAILS, "[leads]", "¦None", "type", "write [], or leave the field out"),
    (EMAILS, "[leads]", "¦null", "type", "write [], or leave the field out"),
    (EMAILS, "[leads]", "¦no", "type", "write [], or leave the field out"),
    (EMAILS, "[leads]", "[¦none]", "artifact-missing", "write [], or leave needs out"),
    (EMAILS, "[emails]", "¦emails, contacts", "type", "write [emails, contacts]"),
    (EMAILS, "[emails]", "[¦emails contacts]", "pattern", "write emails, contacts"),
    (EMAILS, "[emails]", "¦none", "type", "such as [leads]"),
    (EMAILS, "needs: [leads]", "needs:¦", "type", "write a list, such as [leads], or leave the field out"),
    (EMAILS, "[leads]", '¦""', "type", "write [], or leave the field out"),
    (EMAILS, "[leads]", "¦'[leads]'", "type", "write [leads]"),
    (EMAILS, "[leads]", "\n      ¦leads: true", "type", "a mapping, not a list"),
    (EMAILS, "[leads]", "\n      - ¦name: leads", "type", "write leads"),
    (EMAILS, "[leads]", "[¦leads.]", "pattern", "write leads"),
    (EMAILS, "[leads]", "[¦Scrap]", "pattern", "scrap is a module, and produces leads: write leads"),
    (MULTICHANNEL, "[verified_emails, phones]", "¦verified_emails + phones", "type", "[verified_emails, phones]"),
    (MULTICHANNEL, "[verified_emails, phones]", "[¦verified emails, phones]", "pattern", "write verified_emails"),
    (CRM, "[clients, deals]", "¦clients, deals", "type", "write [clients, deals]"),
    (CRM, "[clients, deals]", "¦clients; new deals", "type", "write [clients, new deals]"),
    (CRM, "[clients, deals]", "¦2024", "type", 'write ["2024"]'),
    (CRM, "[clients, deals]", "[clients, ¦2024]", "yaml-misread", 'write "2024" in quotes'),
    (CRM, "[clients, deals]", "\n      - clients\n      - ¦clients", "repeated-item", "again"),
    (CRM, "[clients, deals]", "[clients, ¦API: REST]", "type", 'put it in quotes: "API: REST"'),
    (CRM, "[clients, deals]", "\n      - ¦API: REST", "type", 'put it in quotes: "API: REST"'),
    (LEGACY, "monitoring", "¦company: old", "type", "a mapping, not text"),
    (LEGACY, "[company, monitoring, pagespeed]", "¦company, monitoring, pagespeed", "type", "monitoring, pagespeed]"),
    (LEGACY, "[company, monitoring, pagespeed]", "¦company monitoring pagespeed", "type", "monitoring, pagespeed]"),
    (LEGACY, "[company, monitoring, pagespeed]", "¦none", "type", "write []"),
    # Paths and pages.
    (SCRAP, "/api/scrap", "¦/api/", "pattern", "segments"),
    (SCRAP, "/api/scrap", "¦/api", "pattern", "segments"),
    (SCRAP, "/api/scrap", "¦/scrap", "pattern", "write /api/scrap"),
    (SCRAP, "/api/scrap", "¦Scrap", "pattern", "write /api/scrap"),
    (SCRAP, "/api/scrap", "¦/API/scrap", "pattern", "write /api/scrap"),
    (SCRAP, "/api/scrap", "¦/api//scrap", "pattern", "write /api/scrap"),
    (SCRAP, "/api/scrap", "¦/apo/scrap", "pattern", "segments"),
    (SCRAP, "/api/scrap", '¦"/api/scrap "', "pattern", "write /api/scrap"),
    (SCRAP, "/api/scrap", "¦POST /api/scrap", "pattern", "write /api/scrap"),
    (SCRAP, "/api/scrap", "¦/api/scrap?zone=1", "pattern", "segments"),
    (SCRAP, "/api/scrap", "¦/api/{slug}", "pattern", "segments"),
    (SCRAP, "/api/scrap", "¦/api/import/", "pattern", "/api/import is taken"),
    (SCRAP, "/api/scrap", "¦/api/modules/", "pattern", "/api/modules is the service's own"),
    (SCRAP, "/api/scrap", "¦{ path: /api/scrap }", "type", "write /api/scrap"),
    (SCRAP, "/api/scrap", "¦/api/scrap, /api/more", "pattern", "a module has one api_endpoint"),
    (SCRAP, "/api/scrap", "¦\\api\\scrap", "pattern", "segments"),
    (SCRAP, "api_endpoint: /api/scrap", "¦api_endpoints: [/api/scrap]", "unknown-field", "write api_endpoint: /api/"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "¦states: [on_demand]", "unknown-field", "write is_on_demand: true"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "¦status:\n      - On demand", "unknown-field", "write is_on_demand: true"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "¦states: [on_demand, soon]", "unknown-field", "a field of its own"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "¦statuses: x", "unknown-field", "a field of its own"),
    (FUNDING, "coming_soon: true", "coming_soon: true\n    api_endpoint: ¦TBD", "pattern", "write null"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", 'is_on_demand: true\n    api_endpoint: ¦""', "blank", "write null"),
    (CRM, "/docs/modules/crm", "¦[/docs/modules/crm]", "type", "write /docs/modules/crm"),
    (CRM, "team-tools", "¦team-tools, team-sales", "pattern", "a module has one owner"),
    (SCRAP, "/api/scrap", "¦none", "pattern", "needs one"),
    (PIPELINE, "/api/pipeline", "¦none", "pattern", "write null"),
    (SCRAP, PAGE, "¦https://example.com/features/scraper-google-maps", "pattern", "write scraper-google-maps"),
    (SCRAP, PAGE, "¦Scraper Google Maps", "pattern", "write scraper-google-maps"),
    (SCRAP, PAGE, "¦TODO", "pattern", "use lowercase words"),
    (SCRAP, PAGE, "¦scraper-google-maps.html", "pattern", "write scraper-google-maps"),
    (SCRAP, PAGE, "¦scraper.php?page=1", "pattern", "write scraper"),
    (SCRAP, PAGE, "¦scraper/#top", "pattern", "write scraper"),
    (SCRAP, PAGE, "¦true", "yaml-misread", "use lowercase words"),
    (SCRAP, "/api/scrap", "¦api_scrap", "pattern", "write /api/scrap"),
    (SCRAP, "/api/scrap", "¦api-maps", "pattern", "write /api/maps"),
    (CRM, "owner: team-tools", "owner: ¦[team-tools, team-data]", "type", "a module has one owner"),
    (CRM, "/docs/modules/crm", "¦https//docs.example.com/crm", "pattern", "write https://docs.example.com/crm"),
    (CRM, "/docs/modules/crm", "¦https:/docs.example.com/crm", "pattern", "write https://docs.example.com/crm"),
    # Keywords.
    (
        CRM,
        "[clients, deals]",
        "¦clients deals",
        "type",
        "write [clients deals], or [clients, deals] if these are several",
    ),
    (CRM, "[clients, deals]", "¦clients / R&D", "type", 'or [clients, "R&D"] if these are several'),
    (
        CRM,
        "[clients, deals]",
        "¦{ fr: [clients, deals], en: [deals] }",
        "type",
        "write [clients, deals]: they are one list",
    ),
    (CRM, "[clients, deals]", "¦clients; deals", "type", "write [clients, deals]"),
    (CRM, "[clients, deals]", f"[¦{'clients; deals; ' * 3}more; others]", "too-long", "shorten it"),
    (CRM, "[clients, deals]", "[¦clients; deals; customers; pipelines; follow-up]", "too-long", "commas between"),
    (
        CRM,
        "[clients, deals]",
        "\n      - ¦clients; deals; customers; pipelines; follow-up",
        "too-long",
        "commas between",
    ),
    # Booleans.
    (SCRAP, "pipelinable: true", "pipelinable: ¦true false", "type", "write true or false"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦untrue", "type", "write true or false"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦not true", "type", "write true or false"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦[true]", "type", "write true"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦flase", "type", "did you mean false?"),
    # One of several words.
    (SCRAP, "sources", "¦social", "enum", "use one of sources, enrich, signals, outreach, tools"),
    (SCRAP, "sources", "¦signaux", "enum", "did you mean signals?"),
    (SCRAP, "sources", "¦out", "enum", "use one of sources"),
    (SCRAP, "sources", "¦enrichissement", "enum", "did you mean enrich?"),
    (CRM, "building", "¦plan", "enum", "did you mean planned?"),
    (SCRAP, "sources", "¦tools, outreach", "enum", "one category"),
    (SCRAP, "sources", "¦[tools, outreach]", "type", "one category"),
    (SCRAP, "sources", "¦[sources]", "type", "write sources"),
    (SCRAP, "sources", "¦sources/tools", "enum", "one category"),
    (CRM, "building", "¦building, planned", "enum", "one stage"),
    (CRM, "building", "¦[building]", "type", "write building"),
    # Slugs, of which one that is taken is never proposed.
    (SCRAP, "slug: scrap", "slug: ¦Import", "pattern", "import is taken"),
    (SCRAP, "slug: scrap", "slug: ¦Google Maps", "pattern", "write google_maps"),
    (SCRAP, "slug: scrap", "slug: ¦googleMaps", "pattern", "write google_maps"),
    (SCRAP, "slug: scrap", "slug: ¦téléphones", "pattern", "write telephones"),
    (SCRAP, "slug: scrap", "slug: ¦scrap, more", "pattern", "use lowercase letters"),
    # Of which no letter is dropped, since a slug stays for good.
    (SCRAP, "slug: scrap", "slug: ¦œuvre", "pattern", "write oeuvre"),
    (SCRAP, "slug: scrap", "slug: ¦æther", "pattern", "write aether"),
    (SCRAP, "slug: scrap", "slug: ¦Straße", "pattern", "write strasse"),
    (SCRAP, "slug: scrap", "slug: ¦наш_модуль", "pattern", "use lowercase letters"),
    (SCRAP, "slug: scrap", "slug: ¦sжs", "pattern", "use lowercase letters"),
    (SCRAP, "slug: scrap", "slug: ¦сор", "pattern", "use lowercase letters"),
    (SCRAP, "slug: scrap", "slug: ¦s日s", "pattern", "use lowercase letters"),
    (SCRAP, "slug: scrap", "slug: ¦c#", "pattern", "use lowercase letters"),
    (SCRAP, "slug: scrap", "slug: ¦sms☺", "pattern", "use lowercase letters"),
    (SCRAP, "slug: scrap", "slug: ¦søk", "pattern", "use lowercase letters"),
    (SCRAP, "slug: scrap", "slug: ¦sms (new)", "pattern", "use lowercase letters"),
    (SCRAP, "slug: scrap", "slug: ¦linkedIn", "pattern", "write linked_in"),
    (SCRAP, "slug: scrap", "slug: ¦maÉcole", "pattern", "write ma_ecole"),
    (SCRAP, "slug: scrap", "slug: ¦sms - mails", "pattern", "write sms_mails"),
    (EMAILS, "[emails]", "[¦c#]", "pattern", "use lowercase letters"),
    (SCRAP, PAGE, "¦emailFinder", "pattern", "write email-finder"),
    (SCRAP, PAGE, "¦email & finder", "pattern", "use lowercase words"),
    (SCRAP, "/api/scrap", "¦/v1/scrap", "pattern", "write /api/v1/scrap"),
    # What a template or an example left to be filled in.
    (SCRAP, "slug: scrap", "slug: ¦${SLUG}", "pattern", 'slug "${SLUG}" is a placeholder that was not filled in'),
    (SCRAP, "slug: scrap", "slug: ¦$SLUG", "pattern", "is a placeholder that was not filled in; use lowercase"),
    (SCRAP, "slug: scrap", "slug: ¦<slug>", "pattern", "placeholder that was not filled in"),
    (SCRAP, "slug: scrap", "slug: ¦<your slug here>", "pattern", "placeholder that was not filled in"),
    (SCRAP, "slug: scrap", "slug: ¦__SLUG__", "pattern", "placeholder that was not filled in"),
    (SCRAP, "slug: scrap", "slug: ¦YOUR_SLUG", "pattern", "placeholder that was not filled in"),
    (SCRAP, "slug: scrap", 'slug: ¦"{slug}"', "pattern", "placeholder that was not filled in"),
    (SCRAP, "/api/scrap", "¦/api/<slug>", "pattern", '"/api/<slug>" has <slug>, a placeholder that was not filled in'),
    (SCRAP, "/api/scrap", "¦__PATH__", "pattern", "placeholder that was not filled in"),
    (SCRAP, "sources", "¦<category>", "enum", "placeholder that was not filled in; use one of sources"),
    (SCRAP, "pipelinable: true", "pipelinable: ¦${FLAG}", "type", "not filled in; write true or false"),
    (EMAILS, "[leads]", "¦$NEEDS", "type", "not filled in; write a list, such as [leads]"),
    (EMAILS, "[leads]", "[¦<artifact>]", "pattern", "not filled in; use lowercase letters"),
    (CRM, "owner: team-tools", "owner: ¦${OWNER}", "pattern", "placeholder that was not filled in"),
    (SCRAP, "slug: scrap", "¦name: ${SLUG}", "unknown-field", "slug"),
    (SCRAP, "slug: scrap", "¦name: scrap", "unknown-field", "did you mean slug?"),
    (LEGACY, "pagespeed", "¦Crm", "pattern", "crm is taken"),
    (*entry("formerly: [¦LinkedIn]"), "pattern", "linkedin is taken"),
    (*entry("formerly: [¦SalesDesk]"), "pattern", "write sales_desk"),
    ("produces: [social_profiles]", "social_profiles", "¦SocialProfiles", "pattern", "write social_profiles"),
    (*entry("formerly: [¦Old-CRM]"), "pattern", "write old_crm"),
    (*entry("formerly: ¦old_crm, older_crm"), "type", "write [old_crm, older_crm]"),
    (*entry("formerly: ¦none"), "type", "write []"),
    (*entry("¦formerly: [crm]"), "formerly-loop", "remove it"),
    (*entry("¦previously: [old_crm]"), "unknown-field", "did you mean formerly?"),
    (*entry("¦renamed_from: old_crm"), "unknown-field", "write formerly: [old_crm]"),
    # Fields by other names.
    (SCRAP, "api_endpoint: /api/scrap", "¦url: https://example.org/api/scrap", "unknown-field", "write api_endpoint:"),
    (SCRAP, "produces: [leads]", "¦output: [leads]", "unknown-field", "did you mean produces?"),
    (SCRAP, "multi_proxy: true", "¦vpn: true", "unknown-field", "did you mean multi_proxy?"),
    (EMAILS, "needs: [leads]", "¦need: leads", "unknown-field", "write needs: [leads]"),
    (CRM, "keywords:", "¦tags:", "unknown-field", "did you mean keywords?"),
    (CRM, "owner:", "¦team:", "unknown-field", "did you mean owner?"),
    (EMAILS, "needs:", "¦besoins:", "unknown-field", "did you mean needs?"),
    (EMAILS, "needs: [leads]", "¦besoin: leads", "unknown-field", "write needs: [leads]"),
    (EMAILS, "produces:", "¦Produits:", "unknown-field", "did you mean produces?"),
    (CRM, "keywords:", "¦mots_clés:", "unknown-field", "did you mean keywords?"),
    (CRM, "keywords:", "¦mots-cles:", "unknown-field", "did you mean keywords?"),
    (CRM, "owner:", "¦propriétaire:", "unknown-field", "did you mean owner?"),
    (CRM, "coming_soon:", "¦bientôt:", "unknown-field", "did you mean coming_soon?"),
    (CRM, "stage:", "¦étape:", "unknown-field", "did you mean stage?"),
    (SCRAP, "category:", "¦catégorie:", "unknown-field", "did you mean category?"),
    (SCRAP, "label:", "¦étiquette:", "unknown-field", "did you mean label?"),
    (SCRAP, LABEL, f"{{ ¦français: {FR}, en: {EN} }}", "unknown-field", "did you mean fr?"),
    (SCRAP, LABEL, f"{{ fr: {FR}, ¦English: {EN} }}", "unknown-field", "did you mean en?"),
    (SCRAP, f"label: {LABEL}", "¦titre: Trier", "unknown-field", "did you mean label? write {fr: ..., en: ...}"),
    (*removed("{ slug: old, date: 2026-03-01, ¦raison: { fr: A, en: B } }"), "unknown-field", "did you mean because?"),
    (*entry("¦aliases: [old_crm]"), "unknown-field", "did you mean formerly?"),
    # What the state of the module does not allow, by another name.
    (
        *entry("¦path: /api/crm"),
        "unknown-field",
        "did you mean api_endpoint? As coming_soon is true, it is not allowed",
    ),
    (*entry("¦proxy: true"), "unknown-field", "did you mean multi_proxy? As coming_soon is true, it is not allowed"),
    (SCRAP, "multi_proxy: true", "¦stge: planned", "unknown-field", "As coming_soon is not true, it is not allowed"),
    # Fields and entries of other places.
    (*entry("¦since: 2026-03-01"), "unknown-field", "write it in deprecated"),
    (*entry("¦because: { fr: A, en: B }"), "unknown-field", "only entries of removed have it"),
    (
        SCRAP,
        SCRAP,
        f"{SCRAP}  - ¦slug: instagram\n    date: 2026-09-02\n    because: {{ fr: Fermé., en: Closed. }}\n",
        "unknown-field",
        "instagram stands under modules, and has date and because, as removed modules do",
    ),
    (
        *removed(f"¦{SCRAP.lstrip(' -').replace('scrap', 'more')}".rstrip()),
        "unknown-field",
        "more stands under removed",
    ),
    (*removed("¦slug: more\n    category: tools\n    coming_soon: true"), "unknown-field", "move it up into modules"),
    (
        SCRAP,
        SCRAP,
        SCRAP.replace("- slug: scrap", "- ¦slug:\n    scrap:").replace("\n    ", "\n      "),
        "unknown-field",
        "write - slug: scrap, and the other fields right below it",
    ),
    (
        SCRAP,
        SCRAP,
        SCRAP.replace("- slug: scrap", "- ¦slug:\n  scrap:")
        .replace("\n    ", "\n        ")
        .replace("\n  s", "\n      s"),
        "unknown-field",
        "write - slug: scrap, and the other fields right below it",
    ),
    (
        SCRAP,
        SCRAP,
        SCRAP.replace("- slug: scrap", "- ¦slug:").replace("\n    ", "\n      "),
        "unknown-field",
        "write the slug behind slug:",
    ),
    (
        SCRAP,
        SCRAP,
        f"{SCRAP}  - ¦slug: old\n    api_endpoint: /api/old\n    date: 2026-09-02\n    because: {{ fr: A, en: B }}\n",
        "unknown-field",
        "old stands under modules, and has date and because",
    ),
    (
        *removed(
            SCRAP.strip(" -").replace("scrap", "old").replace("category", "¦category")
            + f"    date: 2026-03-01\n    {REASON}"
        ),
        "unknown-field",
        "leave nothing of it but slug, date, use and because",
    ),
    (*removed(f"¦slug: old\n    deprecated: {{ {DAYS}, {REASON} }}"), "unknown-field", "write its day as date:"),
    (
        LEGACY,
        LEGACY,
        f"{LEGACY}¦deleted:\n  - slug: old\n    date: 2026-03-01\n    {REASON}\n",
        "unknown-field",
        "did you mean removed?",
    ),
    (*entry("¦removed: true"), "unknown-field", "an entry in removed"),
    # Text that a comma ends.
    (SCRAP, FR, "Google, ¦Maps", "unknown-field", 'write fr: "Google, Maps"'),
    (SCRAP, FR, "Google, ¦Maps, et plus", "unknown-field", 'write fr: "Google, Maps, et plus"'),
    (SCRAP, EN, "Google, ¦and more", "unknown-field", 'write en: "Google, and more"'),
    (CRM, "Suivez vos clients.", "Clients,\n      ¦suivis", "unknown-field", 'write fr: "Clients, suivis"'),
    # States.
    (FUNDING, "coming_soon: true", "¦status: coming_soon", "unknown-field", "write coming_soon: true"),
    (FUNDING, "coming_soon: true", "¦state: coming soon", "unknown-field", "write coming_soon: true"),
    (FUNDING, "coming_soon: true", "stage: ¦coming_soon", "enum", "write coming_soon: true"),
    (FUNDING, "coming_soon: true", "coming_soon: ¦planned", "type", "write coming_soon: true, and stage: planned"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "¦kind: on-demand", "unknown-field", "write is_on_demand: true"),
    (PIPELINE, "is_meta: true", "¦type: meta", "unknown-field", "write is_meta: true"),
    (SCRAP, "multi_proxy: true", "¦status: active", "unknown-field", "a module that says no state is active"),
    (SCRAP, "sources", "¦coming_soon", "enum", "write coming_soon: true for the state, and use one of sources"),
    (SCRAP, "/api/scrap", "¦coming_soon", "pattern", "write coming_soon: true instead"),
    (CRM, "coming_soon: true", "coming_soon: true\n    ¦state: active", "unknown-field", "coming_soon is true, so"),
    (
        SCRAP,
        "multi_proxy: true",
        "¦state: beta",
        "unknown-field",
        "a state is a field of its own, such as coming_soon: true",
    ),
    (
        SCRAP,
        "multi_proxy: true",
        "¦état: bêta",
        "unknown-field",
        "a state is a field of its own, such as coming_soon: true",
    ),
    (SCRAP, "multi_proxy: true", "¦enabled: true", "unknown-field", "a module that says no state is active"),
    (SCRAP, "multi_proxy: true", "¦active: false", "unknown-field", "a state is a field of its own"),
    (
        SCRAP,
        "    api_endpoint: /api/scrap\n    multi_proxy: true\n",
        "    ¦active: false\n",
        "unknown-field",
        "a state is",
    ),
    (FINANCE, "alpha_unavailable: true", "¦frozen: true", "unknown-field", "did you mean alpha_unavailable?"),
    (EMAIL_CAMPAIGN, "is_on_demand: true", "¦stub: true", "unknown-field", "did you mean is_on_demand?"),
    (CRM, "stage: building", "¦state: building", "unknown-field", "did you mean stage?"),
    # Days, and the end of a module.
    (*entry(f"deprecated: {{ since: 2026-03-01, removed_after: ¦2026/09/01, {REASON} }}"), "pattern", "2026-09-01"),
    (*entry(f"deprecated: {{ since: 2026-03-01, removed_after: ¦2026-9-1, {REASON} }}"), "pattern", "2026-09-01"),
    (
        *entry(f"deprecated: {{ since: ¦2026-03-01T00:00:00Z, removed_after: 2026-09-01, {REASON} }}"),
        "pattern",
        "write 2026-03-01",
    ),
    (*entry(f"deprecated: {{ since: ¦01/03/2026, removed_after: 2026-09-01, {REASON} }}"), "pattern", "YYYY-MM-DD"),
    (*entry(f"deprecated: {{ {DAYS}, {REASON}, use: ¦LinkedIn }}"), "pattern", "write linkedin"),
    (*entry(f"deprecated: {{ {DAYS}, {REASON}, use: ¦linkdin }}"), "successor-unknown", "did you mean linkedin?"),
    (*entry(f"deprecated: {{ {DAYS}, {REASON}, use: ¦none }}"), "successor-unknown", "write null"),
    (*entry(f"deprecated: {{ {DAYS}, {REASON}, use: ¦[linkedin] }}"), "type", "write linkedin"),
    (*entry(f"deprecated:\n    ¦{DAYS.replace(', ', chr(10) + '    ')}\n    {REASON}"), "unknown-field", "outside"),
    (*removed(f"{{ slug: ¦Crm, date: 2026-03-01, {REASON} }}"), "pattern", "crm is taken"),
    (*removed(f"{{ slug: old, date: ¦2026.03.01, {REASON} }}"), "pattern", "write 2026-03-01"),
    (*removed(f"¦old:\n      date: 2026-03-01\n      {REASON}"), "unknown-field", "write - slug: old"),
    (
        *removed("slug: old\n    date: 2026-03-01\n    because:\n    ¦fr: A\n    en: B"),
        "unknown-field",
        "outside because",
    ),
    # Entries that are torn, and what stands in the wrong place.
    (SCRAP, "- slug: scrap", "- ¦scrap:", "unknown-field", "write - slug: scrap"),
    (
        SCRAP,
        SCRAP,
        SCRAP.replace("slug: scrap", "¦scrap:").replace("\n    ", "\n      "),
        "unknown-field",
        "- slug: scrap",
    ),
    (SCRAP, "- slug: scrap", "- ¦module:\n    slug: scrap", "unknown-field", "module"),
    (SCRAP, LABEL, f"{{ fr: {FR} }}\n    ¦en: {EN}", "unknown-field", "en stands outside label"),
    (SCRAP, LABEL, f"{FR}\n    ¦en: {EN}", "unknown-field", "en stands outside label"),
    (SCRAP, LABEL, f"\n      fr: {FR}\n    ¦en: {EN}", "unknown-field", "en stands outside label"),
    (SCRAP, LABEL, f"\n    ¦fr: {FR}\n    en: {EN}", "unknown-field", "fr and en stand outside label"),
    (SCRAP, SCRAP, f"{SCRAP}  - ¦formerly: true\n", "missing-field", "no slug, no category and no label"),
    (SCRAP, SCRAP, f"{SCRAP}  - ¦formerly: [old]\n", "missing-field", "remove the -"),
    (SCRAP, SCRAP, f"{SCRAP}  - ¦pipelinable: true\n", "missing-field", "remove the -"),
    (SCRAP, SCRAP, f"{SCRAP}  - ¦{{}}\n", "missing-field", "no slug, no category and no label"),
    (SCRAP, SCRAP, f"  - ¦slug: scrap\n{SCRAP}", "missing-field", "remove the line"),
    (SCRAP, "    label", "  - ¦slug: scrap\n    label", "missing-field", "in the middle of its fields"),
    (SCRAP, "    label", "  - ¦slug: other\n    label", "missing-field", "in the middle of its fields"),
    (SCRAP, "    pipelinable", "  - ¦slug: other\n    pipelinable", "missing-field", "in the middle of its fields"),
    (SCRAP, "slug: scrap", "slug: ¦{{ slug }}", "key-not-text", "template"),
    (SCRAP, FR, "¦{{ label.fr }}", "key-not-text", "template"),
    (SCRAP, "[leads]", "[¦{{ artifact }}]", "key-not-text", "template"),
    (FUNDING, "coming_soon: true", "coming_soon: ¦!!python/bool true", "unknown-tag", "remove the tag"),
    (FUNDING, "coming_soon: true", "coming_soon: ¦*soon", "alias", "*soon"),
    (SCRAP, "- slug", "- ¦!Module\n    slug", "unknown-tag", "remove the tag"),
    (SCRAP, FR, '¦"\\u200b"', "blank", "label.fr is empty"),
    (SCRAP, FR, '¦"\u00ad\u2060"', "blank", "label.fr is empty"),
    (SCRAP, FR, '¦"\u2800\u3164"', "blank", "label.fr is empty"),
    (CRM, "Suivez vos clients.", '¦"\u200b"', "blank", "description.fr is empty"),
    (SCRAP, FR, '¦"\U000e0041\U000e0042"', "blank", "label.fr is empty"),
    (SCRAP, FR, '¦"\ufff9 \u0301"', "blank", "label.fr is empty"),
    (CRM, "[clients, deals]", '[clients, ¦"\U000e0100"]', "blank", "an item of keywords is empty"),
    (
        SCRAP,
        "slug: scrap",
        "slug: ¦scr\U000e0041aper",
        "pattern",
        "the invisible character U+E0041 (tag latin capital let",
    ),
    (SCRAP, f"label: {LABEL}", f"¦label_fr: {FR}\n    label_en: {EN}", "unknown-field", "stand outside label"),
    (SCRAP, f"label: {LABEL}", f"¦label.fr: {FR}\n    label.en: {EN}", "unknown-field", "stand outside label"),
    (CRM, f"description: {DESCRIPTION}", "¦description_fr: A\n    description_en: B", "unknown-field", "outside"),
    # Merges and aliases.
    (SCRAP, SCRAP, "  - slug: scrap\n    <<: ¦*defaults\n    produces: [leads]\n", "alias", "*defaults"),
    (SCRAP, SCRAP, "  - slug: scrap\n    <<: ¦*defaults\n", "alias", "*defaults"),
    (SCRAP, SCRAP, f"{ANCHORED}  - ¦<<: *scrap\n    slug: more\n", "duplicate-endpoint", "by the merge"),
    (SCRAP, SCRAP, f"{ANCHORED}  - ¦<<: *scrap\n    api_endpoint: /api/more\n", "duplicate-slug", "by the merge"),
    (SCRAP, SCRAP, f"{ANCHORED}  - ¦*scrap\n", "duplicate-slug", "on line 9"),
    (
        SCRAP,
        SCRAP,
        f"{ANCHORED}    formerly: [old, older]\n  - ¦<<: *scrap\n    slug: more\n    api_endpoint: /api/more\n",
        "formerly-in-use",
        "it came by the merge: write formerly: [] beside << as well",
    ),
    (
        SCRAP,
        SCRAP,
        f"{SCRAP}    formerly: &f [old]\n{MORE}    formerly: ¦*f\n",
        "formerly-in-use",
        'more: formerly lists "old", which is a former slug of scrap on line ',
    ),
    (
        SCRAP,
        SCRAP,
        f"{SCRAP}    formerly: [&f old]\n{MORE}    formerly: [older, ¦*f]\n",
        "formerly-in-use",
        "remove one of the two",
    ),
    (
        SCRAP,
        SCRAP,
        f"{ANCHORED}    formerly: [¦crm]\n  - <<: *scrap\n    slug: more\n    api_endpoint: /api/more\n",
        "formerly-in-use",
        "is the slug of a module",
    ),
    (
        SCRAP,
        SCRAP,
        f"{ANCHORED}  - ¦*scrap\n",
        "duplicate-slug",
        "*scrap repeats all of scrap: remove it, or write - <<",
    ),
    (
        SCRAP,
        SCRAP,
        SCRAP.replace("slug: ", "slug: &s ") + MORE.replace("slug: more", "slug: ¦*s"),
        "duplicate-slug",
        "",
    ),
    (SCRAP, SCRAP, f"{ANCHORED}  - <<: *scrap\n    slug: more\n    ¦coming_soon: true\n", "endpoint-forbidden", "more"),
    (
        SCRAP,
        SCRAP,
        f"{ANCHORED}  - ¦<<: *scrap\n    slug: more\n    coming_soon: true\n    multi_proxy: false\n",
        "endpoint-forbidden",
        "it came by the merge: write api_endpoint: null beside << as well",
    ),
    (
        SCRAP,
        SCRAP,
        f"{ANCHORED}  - ¦<<: *scrap\n    slug: more\n    coming_soon: true\n    api_endpoint: null\n",
        "multi-proxy-state",
        "write multi_proxy: false beside << as well",
    ),
    (
        PIPELINE,
        PIPELINE,
        f"{PIPELINE}  - &base\n    slug: base\n    category: tools\n    label: {{ fr: A, en: B }}\n    is_meta: true\n"
        "  - <<: *base\n    slug: more\n    ¦is_on_demand: true\n",
        "one-state",
        "is_meta came by the merge: write is_meta: false beside << as well",
    ),
    (SCRAP, "[leads]", "[&l leads, ¦*l]", "repeated-item", "again"),
    # Across entries.
    (EMAILS, "[leads]", "[¦leads (optional)]", "pattern", "use lowercase letters, digits and _"),
    (EMAILS, "[leads]", "[¦leads contacts]", "pattern", "write leads, contacts; but no module produces contacts"),
    (EMAILS, "[leads]", "[¦scrap]", "artifact-missing", "a module, not an artifact; scrap produces leads: write leads"),
    (EMAILS, "[leads]", "[¦linkedin]", "artifact-missing", "once it is not coming soon"),
    (EMAILS, "[leads]", "[¦crm]", "artifact-missing", "crm produces nothing"),
    ("    needs: [emails]\n", "[emails]", "[¦verify_emails]", "artifact-missing", "does not wait for itself"),
    ("    needs: [emails]\n", "[emails]", "[¦scrap, emails]", "artifact-missing", "write leads"),
    (LEGACY, "pagespeed", "¦crm", "legacy-coming-soon", "remove the legacy id"),
    (SCRAP, "produces", "produces: [leads]\n    ¦produces", "duplicate-key", "keep one of the two"),
    (EMAILS, "    needs", "    needs: [phones]\n    ¦needs", "duplicate-key", "or put the items of both into one list"),
    (
        SCRAP,
        f"label: {LABEL}",
        f"label: {{ fr: {FR} }}\n    ¦label: {{ en: {EN} }}",
        "duplicate-key",
        "put both parts into one label",
    ),
    (
        SCRAP,
        f"label: {LABEL}",
        f"label:\n      fr: {FR}\n    ¦label:\n      en: {EN}",
        "duplicate-key",
        "put both parts into one label",
    ),
    (
        SCRAP,
        f"label: {LABEL}",
        f"label:\n      fr: {FR}\n    ¦label: {{ en: {EN} }}",
        "duplicate-key",
        "put both parts into one label",
    ),
    (
        SCRAP,
        f"label: {LABEL}",
        f"label: {LABEL}\n    ¦label: {{ en: {EN} }}",
        "duplicate-key",
        "keep one of the two",
    ),
    (
        CRM,
        f"description: {DESCRIPTION}",
        "description: { fr: A, }\n    ¦description: { en: B }",
        "duplicate-key",
        "put both parts into one description",
    ),
    (SCRAP, SCRAP, f"{ANCHORED}  - <<: ¦scrap\n    slug: more\n    api_endpoint: /api/more\n", "merge", "<<: *scrap"),
    (
        SCRAP,
        SCRAP,
        f"{ANCHORED.replace('&scrap', '').replace('slug', '&scrap slug')}  - <<: ¦*scrap\n    slug: more\n",
        *("merge", 'the anchor marks "slug" alone'),
    ),
    # Values inside of others.
    (EMAILS, "[leads]", "\n      - ¦leads: required", "type", "an item of needs is a mapping, not text; write leads"),
    (EMAILS, "[leads]", "\n      - leads\n      -¦", "type", "an item of needs has no value; write one"),
    (CRM, "[clients, deals]", "¦{ fr: { a: b } }", "type", "a mapping, not a list"),
    (CRM, "[clients, deals]", "¦{ fr: [a], en: [{ b: c }] }", "type", "a mapping, not a list"),
    (CRM, "[clients, deals]", "¦{ fr: [clients], en: [deals] }", "type", "they are one list for both languages"),
    (CRM, "team-tools", "¦Anna Petit <anna@a.example>", "pattern", "is not well formed; use lowercase letters"),
]


@pytest.mark.parametrize(("block", "old", "new", "rule", "words"), EVERYDAY)
def test_everyday(block: str, old: str, new: str, rule: str, words: str) -> None:
    text, places = unmarked(replaced(VALID, block, replaced(block, old, new)))
    found = problems(text)
    print(*(f"{p.line}:{p.column} {p.rule}: {p.text}" for p in found), sep="\n")
    assert [p.rule for p in found] == [rule]
    assert words in found[0].text
    assert [(p.line, p.column) for p in found] == places


@pytest.mark.parametrize(
    ("block", "old", "new"),
    [
        (CRM, "[clients, deals]", "clients deals"),
        (CRM, "[clients, deals]", "clients / deals"),
        (CRM, "coming_soon: true", "coming_soon: true\n    state: active"),
        entry("aliases: [old_crm]"),
        entry("path: /api/crm"),
        entry("proxy: true"),
        entry("because: { fr: A, en: B }"),
        (SCRAP, "sources", "social"),
        (SCRAP, "/api/scrap", "api_maps"),
        (SCRAP, PAGE, "true"),
        (SCRAP, SCRAP, f"{SCRAP}  - slug: old\n    date: 2026-09-02\n    because: {{ fr: A, en: B }}\n"),
        (EMAILS, "[leads]", "[leads contacts]"),
        ("    api_endpoint: /api/emails\n", "/api/emails", "coming_soon"),  # others need what it produces
        (EMAILS, "[emails]", "[emails others]"),
        (EMAILS, "[leads]", "leads, none"),
        (SCRAP, "slug: scrap", "slug: sms - mails"),
        (SCRAP, "slug: scrap", "slug: ${SLUG}"),
        (SCRAP, "slug: scrap", "name: ${SLUG}"),
        (SCRAP, "slug: scrap", "slug: YOUR_SLUG"),
        (SCRAP, "slug: scrap", "slug: sжs"),
        (SCRAP, "slug: scrap", "slug: сор"),
        (SCRAP, "slug: scrap", "slug: c#"),
        (SCRAP, "slug: scrap", "slug: ScrapIt"),
        (SCRAP, PAGE, "<page>"),
        (SCRAP, 'fr: "Scraper Google Maps"', 'fr:" ""'),
        (SCRAP, "/api/scrap", "/v1/scrap"),
        (SCRAP, "/api/scrap", "zones"),
        (EMAILS, "[emails]", "[emial]"),  # which others need as emails
        (EMAILS, "[emails]", "[email]"),
    ],
)
def test_what_is_not_certain_is_not_mended(block: str, old: str, new: str) -> None:
    assert [problem.fix for problem in problems(replaced(VALID, block, replaced(block, old, new)))] == [()]


def moved(line: str, source: str, target: str) -> str:
    """The valid file, with a line of the entry `source` as the second of the entry `target`."""
    first = VALID.index(f"  - slug: {source}\n")
    at = VALID.index(line, first)
    text = VALID[:at] + VALID[at + len(line) :]
    return replaced(text, f"  - slug: {target}\n", f"  - slug: {target}\n{line}")


@pytest.mark.parametrize(
    ("line", "source", "target", "rule"),
    [
        ("    coming_soon: true\n", "bing_places", "campaign", "duplicate-key"),
        ("    coming_soon: true\n", "crm", "directories", "duplicate-key"),
        ("    api_endpoint: /api/scrap\n", "scrap", "import", "duplicate-key"),
        ("    category: sources\n", "scrap", "import", "duplicate-key"),
        ("    is_on_demand: true\n", "email_campaign", "finance", "one-state"),
        ("    api_endpoint: /api/finance\n", "finance", "email_campaign", "endpoint-forbidden"),
    ],
)
def test_a_line_that_a_merge_put_into_the_next_entry_is_one_problem(
    line: str, source: str, target: str, rule: str
) -> None:
    (problem,) = problems(moved(line, source, target))
    assert problem.rule == rule
    assert source in problem.hint
    assert "move" in problem.hint
    assert problem.fix == ()
