"""The configuration of nginx: three files beside this one, whose gaps are filled with what the application answers.

What is said with all addresses of a kind stands in its location. What one says by itself is in a map, by the address,
and what no 304 has, in a map by the status.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any, NamedTuple
from wsgiref.util import setup_testing_defaults

from werkzeug.test import run_wsgi_app

from service.web.languages import LANGUAGES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ASSETS = "/assets/"

#: The files, in which these stand for the folder, whose name is made of all that is in it, and for the link to it.
FILES = ("http.conf", "server.conf", "site.conf")
FOLDER, LINK = "@folder@", "@link@"

#: Kinds of answers: by their status where it is not 200, or else by the folder.
_BY_STATUS = {302: "moved", 308: "moved", 410: "gone"}
_BY_FOLDER = {"/api/": "entries", ASSETS: "assets"} | {f"/{lang}/": "pages" for lang in LANGUAGES}
_OF_FILES = (*dict.fromkeys(_BY_FOLDER.values()), "files")

#: What nginx says by itself, and what is about one request.
_NOT_KEPT = frozenset({"content-encoding", "content-length", "etag", "last-modified", "x-request-id"})

#: What is not the same of a file in each coding; and its time, which is none.
_CODING, _NO_TIME = "$registry_coding", 'add_header Last-Modified "";'

#: Lines for gaps of FILES, by their names.
_Gaps = dict[str, list[str]]

_PREFLIGHT = {"HTTP_ORIGIN": "https://example.org", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET"}
_PREFLIGHT |= {"HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "If-None-Match"}


class Answer(NamedTuple):
    """Status, headers that are to be said again, and body."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(application: WSGIApplication, address: str, method: str = "GET", **headers: str) -> Answer:
    """What an application answers; the names of `headers` are those of WSGI. A feed is at a path for each language."""
    path, query = ("/changes.atom", f"lang={address[1:3]}") if address.endswith(".atom") else (address, "")
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query} | headers
    setup_testing_defaults(environ)
    body, status, said = run_wsgi_app(application, environ)
    kept = {name: value for name, value in said if name.lower() not in _NOT_KEPT}
    return Answer(int(status[:3]), kept, b"".join(body))


def configured(application: WSGIApplication, answers: Mapping[str, Answer], cache_control: str) -> list[str]:
    """The text of each of FILES."""
    maps, kinds = _Maps(), _by_kind(answers)
    gaps = {"moved": maps.headers(kinds["moved"]), "gone": maps.headers(kinds["gone"], by="$registry_gone")}
    gaps |= _of_files(application, kinds, maps) | _alone(application, maps)
    own = next(iter(kinds["assets"])).rpartition("/")[0]
    replaced = rf"\1{_quoted(cache_control)};"
    gaps["other_version"] = [re.sub("(Cache-Control ).*", replaced, line) for line in gaps["assets_known"]]
    gaps["own"] = [rf"rewrite ^{ASSETS}[^/]+/(.*)\z {own}/$1$registry_suffix break;"]
    gone = (rf"~^{re.escape(address)}\z" for address in kinds["gone"])  # as it is: what has capitals has no file
    gaps["status"] = _entries({address: str(each.status) for address, each in kinds["moved"].items()})
    gaps["status"] += _entries(dict.fromkeys(gone, "410"))
    gaps["body"] = _entries({address: each.body.decode() for address, each in kinds["moved"].items() if each.body})
    gaps["maps"] = maps.lines()
    return [_filled(name, gaps) for name in FILES]


def _by_kind(answers: Mapping[str, Answer]) -> dict[str, dict[str, Answer]]:
    kinds = {kind: dict[str, Answer]() for kind in (*_BY_STATUS.values(), *_OF_FILES)}
    for address, answer in answers.items():
        folder = "" if address.endswith(".atom") else address[: address.find("/", 1) + 1]
        kinds[_BY_STATUS.get(answer.status, _BY_FOLDER.get(folder, "files"))][address] = answer
    return kinds


def _of_files(application: WSGIApplication, kinds: Mapping[str, dict[str, Answer]], maps: _Maps) -> _Gaps:
    """What is said with files of each kind, and to whoever has an entity tag."""
    gaps = {}
    for kind in _OF_FILES:
        address, most = max(kinds[kind].items(), key=lambda each: len(each[1].headers))
        keyed = kinds[kind]
        if kind == "assets":  # of which files of other versions have other addresses
            keyed = {rf"~\.{address.rpartition('.')[2]}\z": answer for address, answer in keyed.items()}
        gaps[kind] = [*maps.headers(keyed, most), f"add_header Content-Encoding {_CODING};", _NO_TIME]
        unchanged = ask(application, address, HTTP_IF_NONE_MATCH="*")
        coding = f"add_header Content-Encoding {maps.in_whole('Content-Encoding', _CODING)};"
        gaps[f"{kind}_known"] = [*maps.headers(keyed, unchanged), coding, _NO_TIME]
    return gaps


def _alone(application: WSGIApplication, maps: _Maps) -> _Gaps:
    """What is said where there is no file."""
    alone = {"language": ask(application, "/"), "preflight": ask(application, "/api/modules", "OPTIONS", **_PREFLIGHT)}
    alone |= {"missing": ask(application, "/404"), "missing_page": missing_page(application, LANGUAGES[0])}
    alone["language"].headers.pop("Location")
    alone["preflight"].headers["Allow"] = "GET, HEAD, OPTIONS"  # which Flask has in any order
    alone["missing"].headers.update(ask(application, "/api/modules/404").headers)  # which other origins may read
    problem = re.sub('"request_id":"[^"]*"', '"request_id":"$request_id"', alone["missing"].body.decode())
    said = [f"return 404 {_quoted(problem.replace(' at /404.', ' here.'))};"]
    return {name: maps.headers({"": answer}) for name, answer in alone.items()} | {"problem": said}


def missing_page(application: WSGIApplication, lang: str) -> Answer:
    """The page of what is not there, from which the other language's first page is reached."""
    page = ask(application, f"/{lang}/404", HTTP_ACCEPT="text/html")
    return page._replace(body=page.body.replace(b'/404"', b'/"'))


class _Maps:
    """Maps that are made of headers, each once."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], str] = {}

    def headers(self, answers: Mapping[str, Answer], unchanged: Answer | None = None, by: str = "$uri") -> list[str]:
        """Lines that add the headers of answers, each of which has an address or a pattern, `by` which it is found.

        With the answer to who has one already: what that does not say is in no 304. Without, they go with any status.
        """
        lines = []
        for name in dict.fromkeys(name for answer in answers.values() for name in answer.headers):
            values = {address: answer.headers.get(name, "") for address, answer in answers.items()}
            [(said, _)] = Counter(values.values()).most_common(1)
            if others := {address: value for address, value in values.items() if value != said}:
                said = self._variable(by, name, said, others)
            if unchanged and name not in unchanged.headers:
                said = self.in_whole(name, said)
            lines.append(f"add_header {name} {_quoted(said)}{'' if unchanged else ' always'};")
        return lines

    def in_whole(self, header: str, said: str) -> str:
        """What is said in a header of an answer that has a body, and in no 304."""
        return self._variable("$registry_whole", header, said, {"": ""})

    def _variable(self, source: str, header: str, default: str, others: Mapping[str, str]) -> str:
        key = source, f"default {_quoted(default)};", *_entries(others)
        return self._names.setdefault(key, f"$registry_{header.lower().replace('-', '_')}_{len(self._names)}")

    def lines(self) -> list[str]:
        """All maps, as they stand in the http block."""
        maps = [[f"map {source} {name} {{", *inner, "}"] for (source, *inner), name in self._names.items()]
        return [line for lines in maps for line in lines]


def _entries(values: Mapping[str, str]) -> list[str]:
    return [f"{_quoted(key)} {_quoted(value)};" for key, value in values.items()]


def _filled(name: str, gaps: Mapping[str, Iterable[str]]) -> str:
    text = Path(__file__).with_name(name).read_text("utf-8")
    return re.sub(r"(?m)^( *)@(\w+)@$", lambda gap: indent("\n".join(gaps[gap[2]]), gap[1]), text)


def _quoted(text: str) -> str:
    """A text as nginx has it, which is as JSON has it; variables in it are still variables."""
    return json.dumps(text, ensure_ascii=False)
