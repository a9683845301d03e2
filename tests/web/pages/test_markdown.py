"""Markdown becomes HTML that holds nothing but what Markdown can say."""

import re

from service.web.pages.markdown import anchor, text


def test_raw_html_is_text_links_lead_where_their_owner_says_and_columns_are_aligned_by_a_class() -> None:
    html = text("<script>alert(1)</script> & <b>").html
    assert html == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;</p>\n"
    assert '<a href="/there" hreflang="en">' in text("[x](y.md)", lambda _: {"href": "/there", "hreflang": "en"}).html
    html = text("| | n |\n|---|---:|\n| a | 1 |\n").html
    assert re.findall("<(t[hd](?: [^>]*)?)>", html) == ["td", 'th class="to-right"', "td", 'td class="to-right"']
    assert "style" not in html
    html = text("| a |\n|---|\n\n    code\n\n```sh\ncode\n```\n").html  # what may be wider than the page scrolls
    assert html.count('<div class="scroll" tabindex="0"><table>') == 1
    assert html.count('<pre tabindex="0">') == 2


def test_headings_have_ids_and_lead_to_themselves_and_equal_ones_stay_apart() -> None:
    made = text("# All of *it*\n\nFor *all*\nof us.\n\n[down](#same-1)\n\n## The `code`\n\n## Same\n\n### Same\n")
    assert made.title == "All of it"
    assert made.opening == "For all of us."
    assert "<h1" not in made.html
    assert '<a href="#s-same-1">down</a>' in made.html
    assert made.sections == [("s-the-code", "The code"), ("s-same", "Same")]
    assert '<h2 id="s-the-code"><a href="#s-the-code">The <code>code</code></a></h2>' in made.html
    assert '<h3 id="s-same-1">' in made.html
    # As GitHub makes them.
    assert anchor("Why a run may wait: “Will queue”, 2nd_part") == "why-a-run-may-wait-will-queue-2nd_part"
    assert anchor("Demander l’activation") == "demander-lactivation"
