"""What is published, and the order of it: each address is asked for and written, then the configuration, and the link
leads there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.publish.configuration import ASSETS, FILES, FOLDER, LINK, Answer, ask, configured, missing_page
from service.publish.folder import Target
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.web.app import create_app
from service.web.languages import LANGUAGES
from service.web.pages import docs, table
from service.web.pages.changes import PATH as CHANGES
from service.web.site import Published
from service.web.state import State

if TYPE_CHECKING:
    from flask import Flask

Progress = Callable[[int], AbstractContextManager[Any]]

#: From so many addresses on, several processes ask for them, so many at once; and of how many versions before this one
#: the assets stay, for pages that are open or in a cache.
_MANY, _AT_ONCE, _VERSIONS = 2000, 50, 3

#: How the name of a file ends in each content coding, by the coding.
_SUFFIXES = {"identity": "", "br": ".br", "gzip": ".gz", "zstd": ".zst"}

#: How it ends before that, by what the file holds, where its address does not say so.
_ENDINGS = {"text/html": ".html", "application/json": ".json"}

#: An address, its answer without what is in files, and what tells these files from others.
_Written = tuple[str, Answer, str]


def application(settings: Settings, published: Published, store: RedisUrl | None = None) -> Flask:
    """What answers as `serve` does: nobody signs in, and a store is asked for what changed last alone.

    Raises what `create_app` does.
    """
    url = store or RedisUrl.parse("redis://localhost")  # which is asked for nothing
    settings = replace(settings, redis_url=url, secret_key=secrets.token_hex(), webhook_url=None, webhook_secret=None)
    return create_app(settings, published=published)


def addresses(state: State) -> list[str]:
    """Every address whose answer is the same for everybody, but for those that lead to one's own language."""
    registry, site = state.in_force.registry, state.site
    slugs = (*registry.by_slug, *registry.renames, *registry.tombstones)
    paths = ["", "docs", *(f"docs/{name}" for name in ("", "reference", *docs.TEXTS)), *map("modules/{}".format, slugs)]
    paths += [CHANGES, "changes.atom"] if site.published and site.published.has_history else []
    localised = [f"/{lang}/{path}" if path else f"/{lang}" for lang in LANGUAGES for path in paths]
    more = ["/docs", table.SECURITY] if site.security_contact else ["/docs"]
    return list(dict.fromkeys([*state.in_force.documents, *table.documents(registry, site), *more, *localised]))


def publish(app: Flask, path: Path, progress: Progress) -> tuple[Path, int, bool]:
    """Publish what an application answers to everybody; `progress` is given the number of addresses.

    Returns the folder, the number, and whether anything is another than before. Raises UnwritableFile, and what the
    store does where the latest changes are among it.
    """
    target, state = Target(path), app.extensions["module_registry"]
    listed, written = addresses(state), list[_Written]()
    with target.drafted():
        with progress(len(listed)) as bar, _all_written(partial(_written, app, target), listed) as those:
            for each in those:
                written.append(each)
                bar.update(1)
        names, answers, files = zip(*sorted(written), strict=True)
        missing = {lang: missing_page(app.wsgi_app, lang).body for lang in LANGUAGES}
        told = [*files, *(target.write(f"missing/{lang}.html", page) for lang, page in missing.items())]
        own = next(name for name in names if name.startswith(ASSETS)).split("/")[2]
        versions = [own, *(each for each in target.versions if each != own)][: 1 + _VERSIONS]
        target.keep(f"assets/{each}" for each in versions[1:])
        texts = configured(app.wsgi_app, dict(zip(names, answers, strict=True)), state.site.cache_control)
        digest = sha256("".join((*told, *versions, *texts)).encode()).hexdigest()
        folder = target.path.with_name(f"{target.path.name}.{digest[:24]}")
        for name, text in zip(FILES, texts, strict=True):
            target.write(f"nginx/{name}", text.replace(FOLDER, str(folder)).replace(LINK, str(target.path)).encode())
        return folder, len(written), target.finish(folder, revision=state.in_force.revision, assets=versions)


def _written(app: Flask, target: Target, address: str) -> _Written:
    answer = ask(app.wsgi_app, address)
    if answer.status in (302, 308):  # which are in the configuration
        return address, answer, ""
    coded = {each: ask(app.wsgi_app, address, HTTP_ACCEPT_ENCODING=each).body for each in _SUFFIXES}
    name = f"/gone{address}" if answer.status == 410 else _file_of(address, answer.headers["Content-Type"])
    told = "".join(target.write(name + _SUFFIXES[coding], body) for coding, body in coded.items())
    return address, answer._replace(body=b""), told


def _file_of(address: str, content_type: str) -> str:
    """The name of the file of an address: what has no ending gets that of its type, and a folder has an index.

    `/api/modules` is a document and a folder; and a module may be called index.
    """
    ending = _ENDINGS.get(content_type.partition(";")[0], "")
    if address.endswith("/"):
        return f"{address}index{ending}"
    return f"{address}/index{ending}" if address in ("/api/modules", "/api/modules/index") else address + ending


#: What processes that are forked have without a copy.
_writing: list[Callable[[str], _Written]] = []


def _write(address: str) -> _Written:
    return _writing[-1](address)


@contextmanager
def _all_written(write: Callable[[str], _Written], listed: list[str]) -> Iterator[Iterable[_Written]]:
    """Addresses as they are written, by all cores where they are many."""
    if len(listed) < _MANY:
        yield map(write, listed)
        return
    _writing.append(write)
    with get_context("fork").Pool() as pool:
        yield pool.imap_unordered(_write, listed, _AT_ONCE)
