"""Whether the settings, and the files beside them, lose votes or let somebody in."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from service.doctor.model import About, Finding
from service.origins import is_this_machine
from service.problems import InvalidSetting
from service.settings import Settings
from service.storage import space
from service.storage.data_dir import SECRET_KEY
from service.storage.files import FOLDER

#: Domains where everybody can have an address.
_PUBLIC_DOMAINS = {
    *("gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr"),
    *("msn.com", "yahoo.com", "yahoo.fr", "icloud.com", "me.com", "aol.com", "gmx.com", "gmx.de", "gmx.fr", "gmx.net"),
    *("web.de", "proton.me", "protonmail.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr"),
    *("mail.ru", "yandex.ru", "qq.com", "163.com"),
}

#: How much room there should be beside what the store has, in bytes.
_ROOM = 128 << 20


def parts(settings: Settings) -> Iterator[Finding]:
    """Whether settings that need each other are all there."""
    for check in (settings.for_webhooks, settings.for_openid):
        try:
            check()
        except InvalidSetting as error:
            yield About("settings", error.name).problem(str(error), "`serve` does not start.", "as it says")


def cookies(settings: Settings) -> Iterator[Finding]:
    """Whether the session is sent over plain http."""
    about = About("secure-cookies", "SESSION_COOKIE_SECURE")
    url = settings.public_url or ""
    mends = "unset SESSION_COOKIE_SECURE"
    if settings.session_cookie_secure is not False:
        if settings.session_cookie_secure or url.startswith("https:"):
            yield about.well("cookies are for HTTPS alone")
    elif url.startswith("https:"):
        yield about.problem(
            "it is false, and PUBLIC_URL is https",
            "One link to http:// has a browser send its session in the clear, and whoever reads it is signed in.",
            mends,
        )
    elif not is_this_machine(url):
        yield about.warning(
            "it is false",
            "Whoever is on the way reads the session, and is signed in.",
            f"put a proxy that ends TLS in front, set PUBLIC_URL to its https address, and {mends}",
        )


def plain_http(settings: Settings) -> Iterator[Finding]:
    """Whether people reach the service without TLS."""
    url = settings.public_url
    if url and url.startswith("http:") and not is_this_machine(url):
        yield About("plain-http", "PUBLIC_URL").warning(
            f"PUBLIC_URL is {url}",
            "Whoever is on the way reads sessions and sign-in links, and is signed in by them.",
            "put a proxy that ends TLS in front (`module-registry deploy-files` has one for nginx)",
        )


def origins(settings: Settings) -> Iterator[Finding]:
    """Whether pages that anybody on the way can change may vote."""
    about = About("cors-origins", "CORS_ORIGINS")
    plain = [one for one in settings.cors_origins if one.startswith("http:") and not is_this_machine(one)]
    if plain and (settings.public_url or "https:").startswith("https:"):
        yield about.warning(
            f"{', '.join(plain)}: plain http",
            "Whoever is on the way can put a script into its pages, which votes for whoever is signed in.",
            "write https:// origins",
        )
    elif settings.cors_origins:
        yield about.well(f"{', '.join(settings.cors_origins)}")


def domains(settings: Settings) -> Iterator[Finding]:
    """Whether everybody can get an address that makes an active account."""
    about = About("oidc-domains", "OIDC_DOMAINS")
    public = sorted(_PUBLIC_DOMAINS & {one.lower() for one in settings.oidc_domains})
    if public:
        yield about.problem(
            f"{', '.join(public)}: everybody can have an address there",
            "Whoever the provider knows by one has an active account at once.",
            "list your own domains alone, and activate others by hand (`module-registry accounts activate ID`)",
        )
    elif settings.oidc_domains:
        yield about.well(", ".join(settings.oidc_domains))


def data_dir(settings: Settings) -> Iterator[Finding]:
    """Whether other users of the machine read what is in DATA_DIR."""
    if settings.redis_url is not None:
        return
    folder = settings.data_dir
    about = About("data-dir", f"DATA_DIR {folder}")
    means = "Other users of this machine read who voted for what, or the key that signs sessions."
    mends = f"`chmod go= {shlex.quote(str(folder))}`"
    try:
        mode = folder.stat().st_mode
        found = [path for path in (*folder.iterdir(), *(folder / FOLDER).glob("*")) if path.lstat().st_mode & 0o044]
    except FileNotFoundError:
        return  # said by whoever looks for a store in it
    except OSError as error:
        reason = f"it cannot be looked at ({error.strerror})"
        yield about.unseen(reason, means, "run doctor as the user of `serve`")
        return
    if found and not any((folder / name).exists() for name in (FOLDER, SECRET_KEY)):
        mends = "set DATA_DIR to a folder of its own: this one has no store, and holds other things"
    readable = [path for path in found if stat.S_ISREG(path.lstat().st_mode)]
    if mode & 0o055 and readable:
        names = ", ".join(sorted(str(path.relative_to(folder)) for path in readable)[:3])
        yield about.problem(f"mode {stat.S_IMODE(mode):04o}, and others can read {names}", means, mends)
    elif mode & 0o055:
        yield about.warning(
            f"mode {stat.S_IMODE(mode):04o}: others can enter or list it",
            "What is in it is closed by itself, as long as nobody copies something in.",
            mends,
        )
    else:
        yield about.well(f"mode {stat.S_IMODE(mode):04o}, for its owner alone")


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether the embedded store has room."""
    if settings.redis_url is not None:
        return
    about = About("disk", f"DATA_DIR {settings.data_dir}")
    try:
        if not settings.data_dir.is_dir():
            return
        free, used = space.free(settings.data_dir), _size(settings.data_dir / FOLDER)
        files = space.files(settings.data_dir)
    except PermissionError:
        return  # said by data_dir
    mends = "make room on its disk, or move it: stop `serve`, copy the folder, set DATA_DIR"
    seen = f"{free:,} bytes are free, and the store has {used:,}"
    if free < space.RESERVE or (files is not None and files < space.FILES):
        seen = seen if free < space.RESERVE else f"{files} more files can be made"
        yield about.problem(seen, "Votes are answered 503.", mends)
    elif free < used + _ROOM:
        means = "The store writes its file anew now and then, beside the old one; without room, it only grows."
        yield about.warning(seen, means, mends)
    else:
        yield about.well(seen)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*"))
