"""More edits of the shipped registry.yaml, written after the code that tells what is wrong with them.

Each is a piece of the file, what is written instead, with ¦ in the line of the problem, and words of the message.
"""

from __future__ import annotations

VARIATIONS: dict[str, tuple[str, str, str]] = {
    "unclosed brace, comment after": (
        'label: { fr: "Vitesse du site", en: "Page speed" }',
        '¦label: { fr: "Vitesse du site", en: "Page speed"   # new',
        "never closed",
    ),
    "unclosed bracket then blank line before next entry": (
        "  owner: team-signals\n\n  - slug: pricing",
        "  owner: team-signals\n    formerly: ¦[speed\n\n  - slug: pricing",
        "never closed",
    ),
    "single quote unclosed": ('"Page speed" }', "¦'Page speed }", "never closed"),
    "missing comma between quoted keywords": ("[sentiment, analyse sémantique,", '["sentiment" ¦"analyse",', "comma"),
    "missing comma label one line french": ('fr: "Tendances des avis", en', 'fr: "Tendances des avis"¦ en', "comma"),
    "semicolon for colon": (
        'category: tools\n    label: { fr: "Trier"',
        '¦category; tools\n    label: { fr: "Trier"',
        "colon",
    ),
    "tab in nested list": (
        "    needs: [company_ids]\n    produces: [financials]",
        "    needs:\n¦\t- company_ids\n    produces: [financials]",
        "tab",
    ),
    "two entries without dash (indent 2)": ("  - slug: sms_campaign", "  ¦slug: sms_campaign", "without its dash"),
    "entry no dash, 4 spaces shift": ("  - slug: hiring\n    category", "    ¦slug: hiring\n    category", "- slug"),
    "en dash in middle of entries": ("  - slug: whatsapp\n", "  ¦– slug: whatsapp\n", "dash"),
    "minus sign": ("  - slug: whatsapp\n", "  ¦− slug: whatsapp\n", "U+2212"),
    "field 2 off": (
        "    stage: building\n    owner: team-sources",
        "      ¦stage: building\n    owner: team-sources",
        "column",
    ),
    "en one left": ('      en: "Flags articles', '     ¦en: "Flags articles', "column"),
    "both langs under label unindented": (
        'label: { fr: "API publique", en: "Public API" }',
        'label:\n    ¦fr: "API publique"\n    en: "Public API"',
        "label",
    ),
    "colon in french text": (
        'fr: "Signale les articles qui parlent de vos prospects."',
        "fr: ¦Nouveau : signale les articles.",
        "quote",
    ),
    "url with colon ok + colon": (
        'en: "Flags articles that mention your leads."',
        "en: ¦Flags articles: see https://x.org",
        "quote",
    ),
    "apostrophe": (
        'fr: "Montre quels messages ont été ouverts et quels liens ont été suivis."',
        "fr: ¦'Montre l'ouverture et qu'un lien a été suivi.'",
        "apostrophe",
    ),
    "hash in keywords": ("[statistiques, statistics,", "[statistiques, ¦#1, statistics,", "#"),
    "conflict 3-way diff3": (
        "    stage: considering\n    owner: team-sources\n\n  - slug: campaign",
        (
            "¦<<<<<<< HEAD\n"
            "    stage: planned\n"
            "||||||| base\n"
            "    stage: considering\n"
            "=======\n"
            "    stage: building\n"
            ">>>>>>> feature/bing\n"
            "    owner: team-sources\n"
            "\n"
            "  - slug: campaign"
        ),
        "conflict",
    ),
    "conflict crossing entries": (
        "    owner: team-platform\n\n  - slug: crm\n",
        (
            "¦<<<<<<< HEAD\n"
            "    owner: team-platform\n"
            "\n"
            "  - slug: new_a\n"
            "    category: tools\n"
            "    label: { fr: A, en: A }\n"
            "    coming_soon: true\n"
            "=======\n"
            "    owner: team-other\n"
            ">>>>>>> x\n"
            "\n"
            "  - slug: crm\n"
        ),
        "conflict",
    ),
    "fence tildes": ("  - slug: crm\n", "¦~~~\n  - slug: crm\n", "fence"),
    "diff git header pasted": (
        "  - slug: crm\n",
        (
            "¦diff --git a/registry.yaml b/registry.yaml\n"
            "index 1234567..89abcde 100644\n"
            "--- a/registry.yaml\n"
            "+++ b/registry.yaml\n"
            "  - slug: crm\n"
        ),
        "diff",
    ),
    "html comment": ("  # Active: tools\n", "  ¦<!-- Active: tools -->\n", "a comment begins with #"),
    "double slash comment": ("  # Active: tools\n", "  ¦// Active: tools\n", "a comment begins with #"),
    "nbsp after colon in flow": ('{ fr: "Trier", en', '{ ¦fr:\xa0"Trier", en', "U+00A0"),
    "thin space indentation": ("    needs: [reviews]", "  ¦\u2009 needs: [reviews]", "U+2009"),
    "zero width in key": ("    needs: [reviews]", "    ¦\u200bneeds: [reviews]", "U+200B"),
    "french quotes unquoted with comma in block": (
        'fr: "Signale les articles qui parlent de vos prospects."',
        "fr: ¦« Signale les articles, et plus »",
        "«",
    ),
    "curly single": ('label: { fr: "Trier", en: "Sort" }', "label: { fr: ¦‘Trier’, en: ‘Sort’ }", "U+2018"),
    "extra brace": ('en: "Sort" }', 'en: "Sort" }¦}', "too many"),
    "key without value colon missing at eol": (
        "    keywords: [réputation, sender",
        "    ¦keywords [réputation, sender",
        "colon",
    ),
    "double colon": (
        '    category: tools\n    label: { fr: "CRM',
        '    ¦category:: tools\n    label: { fr: "CRM',
        "category",
    ),
    "equals no spaces": (
        "    coming_soon: true\n    stage: building\n    owner: team-platform\n\n  - slug: crm",
        "    ¦coming_soon=true\n    stage: building\n    owner: team-platform\n\n  - slug: crm",
        "colon",
    ),
    "anchor after use": (
        "    needs: [company_ids]\n    produces: [company_data]",
        "    needs: ¦*ids\n    produces: &ids [company_data]",
        "before",
    ),
    "star emphasised": ('en: "Built-in CRM" }', "en: ¦**New** CRM }", "quotes"),
    "bang": ('en: "Built-in CRM" }', "en: ¦!important CRM }", "quotes"),
    "percent at line": ("  - slug: crm\n", "¦%TODO\n  - slug: crm\n", "comment begins with #"),
    "backslash path": ("documentation: /docs/modules/sort", 'documentation: ¦"\\docs\\modules\\sort"', "one /"),
    "block scalar bad header": (
        'fr: "Classe vos prospects selon la colonne de votre choix."',
        "fr: ¦>> Classe vos prospects",
        "quotes",
    ),
    "unterminated double at eof": (
        "legacy_features: [company, monitoring, pagespeed]",
        'legacy_features: [company, monitoring, ¦"pagespeed]',
        "never closed",
    ),
    "removed with tab": (
        "legacy_features: [",
        ("removed:\n¦\t- slug: old\n\t  date: 2026-01-01\n\t  because: { fr: A, en: B }\nlegacy_features: ["),
        "tab",
    ),
    "bad removed indentation": (
        "legacy_features: [",
        ("removed:\n  - slug: old\n     ¦date: 2026-01-01\n    because: { fr: A, en: B }\nlegacy_features: ["),
        "column",
    ),
    "brace unclosed in description flow": (
        (
            "    description:\n"
            '      fr: "Ajoute vos propres contacts à partir d’un tableur, sans les ressaisir."\n'
            '      en: "Adds your own contacts from a spreadsheet, without typing them in again."\n'
        ),
        '    description: ¦{ fr: "Ajoute vos contacts.", en: "Adds your contacts."\n',
        "never closed",
    ),
    "multi-line keywords unclosed": (
        "    keywords: [CSV, Excel, upload, téléverser, liste de contacts]\n",
        "    keywords: ¦[\n      CSV, Excel,\n      upload\n",
        "never closed",
    ),
    "multi-line list closes with brace": (
        "    keywords: [CSV, Excel, upload, téléverser, liste de contacts]\n",
        "    keywords: [\n      CSV, Excel,\n      upload\n    ¦}\n",
        "closes",
    ),
    "quote unclosed in slug": ("  - slug: linkedin\n", '  - slug: ¦"linkedin\n', "never closed"),
    "quote unclosed in endpoint": ("api_endpoint: /api/reviews", 'api_endpoint: ¦"/api/reviews', "never closed"),
    "missing comma in needs across quoted": (
        "needs: [verified_emails, phones]",
        'needs: ["verified_emails" ¦"phones"]',
        "comma",
    ),
    "space before colon missing after: stage": (
        "stage: building\n    owner: team-outreach",
        "¦stage:building\n    owner: team-outreach",
        "space",
    ),
    "colonless is_meta": (
        "    is_meta: true\n    api_endpoint: /api/veille",
        "    ¦is_meta true\n    api_endpoint: /api/veille",
        "colon",
    ),
    "colonless last field of entry": (
        "    owner: team-sources\n\n  - slug: import",
        "    ¦owner team-sources\n\n  - slug: import",
        "colon",
    ),
    "colonless nested en": ('      en: "Weeds out', '      ¦en "Weeds out', "colon"),
    "no space colon nested fr": ('      fr: "Écarte', '      ¦fr:"Écarte', "space"),
    "item dash missing space": (
        "    needs: [emails]\n    produces: [verified_emails]",
        "    needs:\n      ¦-emails\n    produces: [verified_emails]",
        "no space after the dash",
    ),
    "item en dash": (
        "    needs: [emails]\n    produces: [verified_emails]",
        "    needs:\n      ¦– emails\n    produces: [verified_emails]",
        "dash",
    ),
    "list items missing dash": (
        "    needs: [verified_emails, phones]",
        "    needs:\n      - verified_emails\n      ¦phones",
        "-",
    ),
    "3 fields indented one more": (
        "    needs: [emails]\n    produces: [verified_emails]\n    pipelinable: true",
        "     ¦needs: [emails]\n     produces: [verified_emails]\n     pipelinable: true",
        "column",
    ),
    "tab after key in indentation 2 spaces+tab of nested en": ('      en: "Weeds', '¦    \ten: "Weeds', "tab"),
    "nbsp in bracket list": ("needs: [verified_emails, phones]", "needs: [verified_emails,¦\xa0phones]", "U+00A0"),
    "bom mid": ("  - slug: reviews\n", "¦\ufeff  - slug: reviews\n", "U+FEFF"),
    "soft hyphen key": ("    produces: [reviews]", "    ¦pro\xadduces: [reviews]", "U+00AD"),
    "greek omicron in slug": ("  - slug: reviews\n", "  - slug: ¦reviεws\n", "U+03B5"),
    "smart quotes around endpoint in flow": (
        'label: { fr: "Veille", en: "Monitoring" }',
        "label: { fr: ¦”Veille”, en: ”Monitoring” }",
        "U+201D",
    ),
    "guillemets with colon": (
        'fr: "Relance vos recherches à intervalles réguliers et signale ce qui a changé."',
        "fr: ¦« Relance : à intervalles réguliers »",
        "quote",
    ),
    "low-high quotes": (
        'fr: "Relance vos recherches à intervalles réguliers et signale ce qui a changé."',
        "fr: ¦„Relance vos recherches“",
        "U+201E",
    ),
    "colon in keywords item": (
        "[alertes, alerts, surveillance, suivi, planification, schedule]",
        "[alertes, alerts, ¦suivi: planification: x, schedule]",
        "quote",
    ),
    "colon at end of text": (
        (
            'en: "Monitoring" }\n'
            "    description:\n"
            '      fr: "Relance vos recherches à intervalles réguliers et signale ce qui a changé."'
        ),
        'en: "Monitoring" }\n    description:\n      fr: ¦Relance vos recherches, dont:',
        "quote",
    ),
    "hash in block quote fine then brace": (
        'label: { fr: "Veille", en: "Monitoring" }',
        'label: { fr: ¦Veille #2, en: "Monitoring" }',
        "#",
    ),
    "at in keywords": ("[alertes, alerts,", "[alertes, ¦@alerts,", "quotes"),
    "percent value": ('en: "Monitoring" }', "en: ¦%Monitoring }", "quotes"),
    "backtick in flow": ('en: "Monitoring" }', "en: ¦`Monitoring` }", "quotes"),
    "conflict inside description": (
        '      fr: "Relance vos recherches à intervalles réguliers et signale ce qui a changé."\n',
        '¦<<<<<<< HEAD\n      fr: "Relance."\n=======\n      fr: "Relance tout."\n>>>>>>> b1\n',
        "conflict",
    ),
    "conflict one side empty, adds entry at end": (
        "\n# No longer coming soon",
        (
            "¦<<<<<<< HEAD\n"
            "=======\n"
            "\n"
            "  - slug: zz\n"
            "    category: tools\n"
            "    label: { fr: Z, en: Z }\n"
            "    coming_soon: true\n"
            ">>>>>>> add-zz\n"
            "\n"
            "# No longer coming soon"
        ),
        "conflict",
    ),
    "stash marker": (
        "    is_meta: true\n    api_endpoint: /api/veille",
        (
            "¦<<<<<<< Updated upstream\n"
            "    is_meta: true\n"
            "=======\n"
            "    is_meta: false\n"
            ">>>>>>> Stashed changes\n"
            "    api_endpoint: /api/veille"
        ),
        "conflict",
    ),
    "fence indented": ("  - slug: reviews\n", "  ¦```yaml\n  - slug: reviews\n", "fence"),
    "diff minus plus": (
        '    category: signals\n    label: { fr: "Avis clients"',
        '¦-    category: signal\n+    category: signals\n     label: { fr: "Avis clients"',
        "diff",
    ),
    "prose before": (
        "# yaml-language-server",
        "¦Here is the updated registry:\n\n# yaml-language-server",
        "begin it with # if it is a comment",
    ),
    "prose after": (
        "legacy_features: [company, monitoring, pagespeed]\n",
        "legacy_features: [company, monitoring, pagespeed]\n\n¦Let me know if this works!\n",
        "neither",
    ),
    "shell prompt": ("# yaml-language-server", "¦$ cat registry.yaml\n# yaml-language-server", "neither"),
    "modules indented": ("modules:\n  # Active", " ¦modules:\n  # Active", "column"),
    "equals arrow": (
        '    category: tools\n    label: { fr: "CRM',
        '    ¦category => tools\n    label: { fr: "CRM',
        "colon",
    ),
    "no dash, zero indentation": ("  - slug: reviews\n", "¦slug: reviews\n", "dash"),
    "dash zero indentation": ("  - slug: reviews\n", "¦- slug: reviews\n", "column"),
    "dup dash": ("  - slug: reviews\n", "  - ¦- slug: reviews\n", "dash"),
    "extra quote end": ('en: "Monitoring" }', 'en: "Monitoring"¦" }', "quote"),
    "escaped apostrophe": ('en: "Monitoring" }', "en: ¦'Team\\'s monitoring' }", "double quotes"),
    "merge undefined": ("  - slug: reviews\n", "  - <<: ¦*defaults\n    slug: reviews\n", "defaults"),
    "anchor duplicate/alias before": (
        "owner: team-signals\n\n  - slug: dead_check",
        "owner: ¦*sig\n\n  - slug: dead_check",
        "sig",
    ),
    "owner brace": (
        "owner: team-contacts\n\n  - slug: phones",
        "owner: ¦{team-contacts\n\n  - slug: phones",
        "never closed",
    ),
    "label closed by bracket": ('en: "Email finder" }', 'en: "Email finder" ¦]', "closes"),
    "label closed by paren": (
        'label: { fr: "Recherche d’e-mails", en: "Email finder" }',
        'label: { fr: "Recherche d’e-mails", en: "Email finder" ¦)',
        "the ) closes a {",
    ),
    "needs paren": (
        "    needs: [company_ids]\n    produces: [financials]",
        "    needs: ¦(company_ids)\n    produces: [financials]",
        "list",
    ),
    "open quote last keyword": ("prospection, cold email]", 'prospection, ¦"cold email]', "never closed"),
    "open quote first keyword": ("[newsletter, mailing,", '[¦"newsletter, mailing,', "never closed"),
    "documentation quote": (
        "documentation: /docs/modules/pricing",
        "documentation: ¦'/docs/modules/pricing",
        "never closed",
    ),
    "colonless needs block": (
        "    needs: [verified_emails, phones]",
        "    ¦needs\n      - verified_emails\n      - phones",
        "colon",
    ),
    "no space description flow": ('description:\n      fr: "Dégage', 'description:\n      ¦fr:"Dégage', "space"),
    "colonless nested flow desc": (
        (
            "    description:\n"
            '      fr: "Dégage ce que les clients louent et ce dont ils se plaignent le plus souvent."\n'
            '      en: "Brings out what customers praise and what they complain about most often."'
        ),
        '    description: { fr: "Dégage.", ¦en "Brings out." }',
        "colon",
    ),
    "comma instead of colon": (
        '    category: tools\n    label: { fr: "API',
        '    ¦category, tools\n    label: { fr: "API',
        "colon",
    ),
    "dash instead of colon": (
        '    category: tools\n    label: { fr: "API',
        '    ¦category - tools\n    label: { fr: "API',
        "colon",
    ),
    "hash no space ok comment glued": (
        ("    coming_soon: true\n    stage: planned\n    owner: team-platform\n\n  - slug: review_patterns"),
        ("    coming_soon: true\n    ¦stage planned # soon\n    owner: team-platform\n\n  - slug: review_patterns"),
        "colon",
    ),
    "comment without hash at dash level": ("  # Coming soon: listed", "  ¦Coming soon: listed", "comment"),
    "comment without hash at margin": ("# No longer coming soon, and", "¦No longer coming soon, and", "comment"),
    "comment without hash in entry": (
        "    needs: [technologies]",
        "    ¦was leads before\n    needs: [technologies]",
        "colon",
    ),
    "slug line 3 blanks": ("  - slug: tracking", "   ¦- slug: tracking", "column"),
    "dash 1": ("  - slug: tracking", " ¦- slug: tracking", "column"),
    "three off field to left": (
        ("    coming_soon: true\n    stage: planned\n    owner: team-outreach\n\n  - slug: whatsapp"),
        " ¦coming_soon: true\n    stage: planned\n    owner: team-outreach\n\n  - slug: whatsapp",
        "column",
    ),
    "field at 0": (
        ("    coming_soon: true\n    stage: planned\n    owner: team-outreach\n\n  - slug: whatsapp"),
        "¦coming_soon: true\n    stage: planned\n    owner: team-outreach\n\n  - slug: whatsapp",
        "column",
    ),
    "field at dash indent": (
        ("    coming_soon: true\n    stage: planned\n    owner: team-outreach\n\n  - slug: whatsapp"),
        "  ¦coming_soon: true\n    stage: planned\n    owner: team-outreach\n\n  - slug: whatsapp",
        "column",
    ),
    "field at 8": (
        ("    coming_soon: true\n    stage: planned\n    owner: team-outreach\n\n  - slug: whatsapp"),
        ("        ¦coming_soon: true\n    stage: planned\n    owner: team-outreach\n\n  - slug: whatsapp"),
        "column",
    ),
    "fr at 4 (dedented), en at 6": ('      fr: "Montre quels', '    ¦fr: "Montre quels', "indent"),
    "tab tail in list of fields": ("    keywords: [statistiques", "¦ \t keywords: [statistiques", "tab"),
    "nbsp before colon": (
        '    category: outreach\n    label: { fr: "Suivi',
        '    ¦category\xa0: outreach\n    label: { fr: "Suivi',
        "U+00A0",
    ),
    "nbsp end of slug": ("  - slug: tracking\n", "  - slug: ¦tracking\xa0\n", "U+00A0"),
    "ideographic space": (
        '    category: outreach\n    label: { fr: "Suivi',
        '¦\u3000\u3000category: outreach\n    label: { fr: "Suivi',
        "U+3000",
    ),
    "fullwidth comma": ("[statistiques, statistics,", "[¦statistiques， statistics,", "U+FF0C"),
    "smart quote open straight close": (
        'fr: "Suivi des ouvertures et des clics"',
        'fr: ¦“Suivi des ouvertures et des clics"',
        "quote",
    ),
    "straight open smart close": (
        'fr: "Suivi des ouvertures et des clics", en',
        'fr: ¦"Suivi des ouvertures et des clics”, en',
        "and ends with ”, U+201D",
    ),
    "smart quotes slug": ("  - slug: tracking\n", "  - slug: ¦“tracking”\n", "U+201C"),
    "apostrophe two in line": (
        'label: { fr: "Suivi des ouvertures et des clics", en: "Open and click tracking" }',
        "label: { fr: ¦'Suivi d'ouvertures', en: 'Client's tracking' }",
        "apostrophe",
    ),
    "double in double flow": ('en: "Open and click tracking" }', 'en: ¦"The "open" tracking" }', "quote"),
    "colon in label flow fr": ('{ fr: "Suivi des ouvertures et des clics",', "{ fr: ¦Suivi : ouvertures,", "quote"),
    "colon in keywords": ("[statistiques, statistics, taux", "[statistiques, ¦note: statistics: x, taux", "quote"),
    "conflict begins mid-entry ends in next": (
        "    owner: team-outreach\n\n  - slug: whatsapp\n    category: outreach\n",
        (
            "¦<<<<<<< HEAD\n"
            "    owner: team-outreach\n"
            "\n"
            "  - slug: whatsapp\n"
            "    category: outreach\n"
            "=======\n"
            "    owner: team-x\n"
            "\n"
            "  - slug: whatsapp\n"
            "    category: tools\n"
            ">>>>>>> y\n"
        ),
        "conflict",
    ),
    "conflict unfinished no end": (
        "    owner: team-outreach\n\n  - slug: whatsapp\n",
        "¦<<<<<<< HEAD\n    owner: team-outreach\n=======\n\n  - slug: whatsapp\n",
        "conflict",
    ),
    "rejected markers only middle and end": (
        "    owner: team-outreach\n\n  - slug: whatsapp\n",
        "    owner: team-outreach\n¦=======\n>>>>>>> main\n\n  - slug: whatsapp\n",
        "conflict",
    ),
    "fence only at end": ("monitoring, pagespeed]\n", "monitoring, pagespeed]\n¦```\n", "fence"),
    "plus on one new entry's first line": ("  - slug: whatsapp\n", "¦+  - slug: whatsapp\n", "diff"),
    "html 404 xml": (
        "# yaml-language-server: $schema=schemas/registry.schema.json\n",
        "¦<html>\n<body>404: Not Found</body>\n</html>\n",
        "web page",
    ),
    "git lfs pointer-ish version line": (
        "# yaml-language-server: $schema=schemas/registry.schema.json\n",
        "¦version https://git-lfs.github.com/spec/v1\n",
        "neither",
    ),
    "tag at list": ("    needs: [reviews]", "    needs: ¦!list [reviews]", "tag"),
    "anchor weird": ("    needs: [reviews]", "    needs: ¦& [reviews]", "&"),
    "star item": ("    needs: [reviews]", "    needs:\n      ¦* reviews", "*"),
    "pipe in text": ('fr: "Suivi des ouvertures et des clics"', "fr: ¦|Suivi", "quotes"),
    "pipe text block": (
        '      fr: "Montre quels messages ont été ouverts et quels liens ont été suivis."',
        "      fr: ¦| Montre quels messages",
        "quotes",
    ),
    "percent start": (
        '      fr: "Montre quels messages ont été ouverts et quels liens ont été suivis."',
        "      fr: ¦%d messages ouverts",
        "quotes",
    ),
    "escape windows": (
        '      fr: "Montre quels messages ont été ouverts et quels liens ont été suivis."',
        '      fr: "Montre ¦\\messages"',
        "\\\\",
    ),
}
