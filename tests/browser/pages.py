"""Every page, as data: what the browser tests and the pictures walk."""

from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("fr", "en")
#: What a browser of somebody of each language asks for.
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
THEMES = ("light", "dark")
#: What a sheet of paper is wide, without margins of 10 mm, in CSS pixels.
A4 = 718


class Page(NamedTuple):
    """One page in one situation: who looks at it, by the id of an account of the demo, and what it answers.

    With `provider`, people can sign in with an OpenID Connect provider, which does not answer.
    In a path, {lang} is the language, {token} is that of a sign-in link, {thread} a request of the member's, and
    {changed} a module that has changed.
    """

    name: str
    path: str
    who: str | None = None
    status: int = 200
    provider: bool = False


PAGES = [
    Page("modules", "/{lang}/"),
    Page("modules-member", "/{lang}/", "member"),
    Page("modules-pending", "/{lang}/", "pending"),
    Page("modules-shipped", "/{lang}/", "admin"),
    Page("modules-nothing", "/{lang}/?state=meta&category=sources"),
    Page("module-active", "/{lang}/modules/emails"),
    Page("module-coming-soon", "/{lang}/modules/linkedin", "member"),
    Page("module-on-demand", "/{lang}/modules/phone_carrier"),
    Page("module-frozen", "/{lang}/modules/finance"),
    Page("module-meta", "/{lang}/modules/pipeline"),
    Page("module-deprecated", "/{lang}/modules/viewport_test"),
    Page("module-deprecated-coming-soon", "/{lang}/modules/review_patterns", "member"),
    Page("module-gone", "/{lang}/modules/speed_test", status=410),
    Page("module-gone-for-good", "/{lang}/modules/anticonstitutionnellement_geolocalise", status=410),
    Page("roadmap", "/{lang}/roadmap"),
    Page("roadmap-member", "/{lang}/roadmap", "member"),
    Page("changes", "/{lang}/changes"),
    Page("changes-of-module", "/{lang}/changes?module={changed}"),
    Page("changes-none", "/{lang}/changes?module=nothing_of_it"),
    Page("changes-older", "/{lang}/changes?cursor=1-0"),
    Page("sign-in", "/{lang}/sign-in"),
    Page("vote", "/{lang}/modules/linkedin/vote", "member"),
    Page("vote-signed-out", "/{lang}/modules/linkedin/vote"),
    Page("sign-in-link", "/sign-in?token={token}"),
    Page("link-used", "/sign-in?token=nothing", status=410),
    Page("sign-in-provider", "/{lang}/sign-in", provider=True),
    Page("provider-down", "/{lang}/sign-in/openid", status=503, provider=True),
    Page("provider-over", "/sign-in/openid/callback?state=nothing", status=410, provider=True),
    Page("request-form", "/{lang}/modules/whatsapp_campaign/request", "member"),
    Page("requests", "/{lang}/requests", "member"),
    Page("requests-none", "/{lang}/requests", "admin"),
    Page("thread", "/{lang}/requests/{thread}", "member"),
    Page("admin", "/{lang}/admin/", "admin"),
    Page("admin-requests", "/{lang}/admin/requests", "admin"),
    Page("admin-thread", "/{lang}/admin/requests/{thread}", "admin"),
    Page("admin-none", "/{lang}/admin/requests?status=declined&module=whatsapp_campaign", "admin"),
    Page("admin-audit", "/{lang}/admin/audit", "admin"),
    Page("admin-audit-filtered", "/{lang}/admin/audit?who=member&since=2026-01-01", "admin"),
    Page("admin-audit-none", "/{lang}/admin/audit?who=nobody", "admin"),
    Page("admin-audit-older", "/{lang}/admin/audit?cursor=1-0", "admin"),
    Page("admin-audit-wrong", "/{lang}/admin/audit?since=soon", "admin", 422),
    Page("forbidden", "/{lang}/admin/requests", "member", 403),
    Page("graph", "/{lang}/graph"),
    Page("pipelines", "/{lang}/pipelines"),
    Page("pipelines-plan", "/{lang}/pipelines?modules=scrap,filter,emails,socials,brand_assets,verify_emails"),
    Page("pipelines-missing", "/{lang}/pipelines?modules=emails,reviews,legal_data,finance,sms_campaign,pipeline"),
    Page("pipelines-unknown", "/{lang}/pipelines?modules=emials,nowhere,scrap", status=422),
    Page("docs", "/{lang}/docs/"),
    Page("docs-concept", "/{lang}/docs/concepts/module-registry"),
    Page("docs-reference", "/{lang}/docs/reference"),
    Page("docs-page", "/en/docs/operators"),
    Page("not-found", "/{lang}/modules/nowhere", status=404),
]
