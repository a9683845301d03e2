"""Scripts import in one direction: pages import parts, and parts import the client of the API."""

import re
from graphlib import CycleError, TopologicalSorter

import pytest
from contract import Client
from markup import public
from support import REPOSITORY

_PAGES = REPOSITORY / "service" / "web" / "pages"
_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_STATIC = re.compile(r'\b(?:from|import)\s*"\./([^"]+)"')
_ANY = re.compile(r'\b(?:from|import)\s*\(?\s*["\'`](?:\./)?([^"\'`]+)')

CODE = {file.name: _COMMENTS.sub("", file.read_text("utf-8")) for file in sorted((_PAGES / "assets").glob("*.js"))}

#: What each script imports, statically and dynamically. Types in comments are no imports.
IMPORTS = {name: set(_ANY.findall(code)) for name, code in CODE.items()}
STATIC = {name: set(_STATIC.findall(code)) for name, code in CODE.items()}

#: The scripts that a template names: each is the script of a page.
NAMED = {
    name
    for template in (_PAGES / "templates").glob("*.html")
    for name in re.findall(r'"([\w-]+\.js)"', template.read_text("utf-8"))
}

LAYERS = ("client", "part", "page")
LAYER = {"client.js": "client"}
LAYER |= {name: "part" for names in IMPORTS.values() for name in names if name not in LAYER}
LAYER |= dict.fromkeys(NAMED, "page")

each_script = pytest.mark.parametrize("script", CODE)


@each_script
def test_script_has_a_layer(script: str) -> None:
    assert script in LAYER, f"{script} has no layer: no template names it, and no script imports it"


@each_script
def test_script_imports_no_higher_layer(script: str) -> None:
    assert {*IMPORTS[script]} <= {*CODE}, f"{script} imports a file that is not in assets/"
    for imported in IMPORTS[script]:
        is_upward = LAYERS.index(LAYER[imported]) > LAYERS.index(LAYER.get(script, "page"))
        assert not is_upward, f"{script} is a {LAYER[script]} and imports {imported}, which is a {LAYER[imported]}"


def test_client_imports_nothing() -> None:
    assert IMPORTS["client.js"] == set()


def test_scripts_import_each_other_in_no_circle() -> None:
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("path", ["", "graph", "roadmap", "pipelines", "modules/scrap", "docs/"])
def test_page_loads_imported_scripts_at_once(client: Client, path: str) -> None:
    """A browser need not read a script to find its imports."""
    page = public(client, f"/en/{path}")
    scripts = [script["src"].rpartition("/")[2] for script in page.all("script[type=module]")]
    preloaded = page.all("link[rel=modulepreload]")
    names = [link["href"].rpartition("/")[2] for link in preloaded]
    imported = {name for script in (*scripts, *names) for name in STATIC[script]}
    assert sorted(names) == sorted(imported.difference(scripts))
    assert {link["fetchpriority"] for link in preloaded} == {"low"}, "they must not delay the first paint"
