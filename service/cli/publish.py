"""`module-registry publish`: what is the same for everybody, as files that nginx serves."""

import os
import re
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import click

from service.cli.output import progress, say
from service.cli.shared import unwind_on_sigterm
from service.cli.store import opened_store
from service.cli.whole_file import alone
from service.problems import UnwritableFile
from service.publish import publishing
from service.settings.settings import Settings
from service.settings.values import public_url
from service.web.site import Published

#: Domains below which others have theirs. Of those that are longer this knows nothing.
_OF_MANY = re.compile(r"(ac|co|com|edu|gob|gov|net|or|org)\.[a-z]{2}")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--history", is_flag=True, help="Publish what changed last, and its feeds, which the store knows.")
@click.option("--api", metavar="URL", help="The service that pages ask for votes and accounts, on the same site.")
def publish(folder: Path, history: bool, api: str | None) -> None:
    """Write what is the same for everybody into DIR, as files that nginx serves without this service and a store.

    Documents, pages in both languages, addresses of the past, and nginx's configuration for them, in DIR/nginx. The
    registry is that of REGISTRY_FILE, and the settings are those of `serve`. DIR is a symbolic link to a folder beside
    it, which it leads to once that is whole; what has not changed is not written again. Reload nginx then.

    Without --api, pages have neither votes nor accounts. With it, PUBLIC_URL must be set, and be among the CORS_ORIGINS
    of that service.

    Exit code 0: published, or nothing has changed. 1: the registry has problems, DIR cannot be written, or is something
    else. 2: the registry cannot be read.
    """
    unwind_on_sigterm()
    settings = Settings.from_env(os.environ)
    published = Published(api and _on_same_site(api, settings.public_url), has_history=history)
    with ExitStack() as held:
        try:
            held.enter_context(alone(folder))
        except OSError as error:
            raise UnwritableFile(str(folder), f"cannot be written: {error.strerror}") from error
        app = publishing.application(settings, published, held.enter_context(opened_store()).url if history else None)
        place, number, is_new = publishing.publish(app, folder, partial(progress, "published"))
    say(f"{folder} leads to {place.name}{'' if is_new else ', as before'}: {number:,} addresses")
    if is_new:
        say("next: nginx -s reload; the page `publish` of the documentation has the first steps")


def _on_same_site(api: str, own: str | None) -> str:
    """The origin of a service to which browsers send its cookies from pages of `own` (RFC 6265bis, 5.2).

    Raises BadParameter where they do not, or nobody can tell.
    """
    try:
        origin = public_url(api)
    except ValueError as error:
        raise click.BadParameter(f"{api}: {error}", param_hint="--api") from None
    if own is None or _site(origin) != _site(own):
        what = own or "PUBLIC_URL, which is not set"
        reason = f"{origin} is another site than {what}, from whose pages no browser sends its cookies"
        raise click.BadParameter(reason, param_hint="--api")
    return origin


def _site(origin: str) -> tuple[str, str]:
    """Scheme and site, such as example.com or example.co.uk; an IP address is one by itself."""
    scheme, host = urlsplit(origin).scheme, urlsplit(origin).hostname or ""
    labels = host.split(".")
    last = 3 if _OF_MANY.fullmatch(".".join(labels[-2:])) else 2
    return scheme, host if labels[-1].isdigit() else ".".join(labels[-last:])
