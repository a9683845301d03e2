"""What a value was meant to be, from the value alone: names, paths, days, and the items that a text lists."""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from collections.abc import Iterator
from difflib import SequenceMatcher
from unicodedata import combining, normalize

from service.registry.model import STATE_FLAGS
from service.registry.schema import is_name
from service.registry.text.characters import unmasked
from service.wording import closest, normalized

#: Words for nothing, once they are normalized.
_NOTHING = {"none", "null", "nil", "no", "false", "n/a", "na", "nothing", "empty", "aucun", "aucune", "rien", "_", "__"}
_NOTHING |= {"[]", "{}", "~", "none.", "vide", "non", "not_applicable"}

#: What people write for each state, once it is normalized; active is none.
_STATES = {
    **{flag: flag for flag in STATE_FLAGS},
    **{"on_demand": "is_on_demand", "ondemand": "is_on_demand", "meta": "is_meta", "stub": "is_on_demand"},
    **{"soon": "coming_soon", "comingsoon": "coming_soon", "is_coming_soon": "coming_soon", "upcoming": "coming_soon"},
    **{"alpha": "alpha_unavailable", "frozen": "alpha_unavailable", "unavailable": "alpha_unavailable"},
    **{"bientot": "coming_soon", "a_venir": "coming_soon", "prochainement": "coming_soon"},
    **{"a_la_demande": "is_on_demand", "sur_demande": "is_on_demand"},
    **{"gele": "alpha_unavailable", "fige": "alpha_unavailable", "indisponible": "alpha_unavailable"},
    **{
        "actif": "",
        "disponible": "",
        "active": "",
        "live": "",
        "enabled": "",
        "available": "",
        "released": "",
        "is_active": "",
    },
}

#: Fields that people put around a name, as in `- name: leads`.
WRAPPERS = {"name", "slug", "id", "key", "value", "artifact", "module"}

#: What is longer is no name, path or list of names that was meant, in characters.
LONGEST = 200
_MOST_ITEMS = 30


def is_nothing(text: str) -> bool:
    """Whether it says that there is none."""
    return len(text) <= 20 and normalized(unmasked(text)) in _NOTHING


def is_placeholder(text: str) -> bool:
    """Whether it says that somebody is still to write it."""
    words = ("todo", "tbd", "tbc", "fixme", "xxx", "changeme", "")
    return len(text) <= 20 and normalized(unmasked(text)).strip("_.?!<>") in words


#: Names that people give to fields, once they are normalized, and what these are called.
_SYNONYMS = {
    "slug": ("name", "id", "key", "identifier", "module", "module_id", "slug_name"),
    "category": ("group", "section", "cat"),
    "label": ("title", "names", "display_name", "labels"),
    "needs": ("inputs", "input", "consumes", "requires", "depends_on", "dependencies"),
    "produces": ("outputs", "output", "emits", "provides", "generates"),
    "pipelinable": ("chainable", "pipeline", "can_be_chained"),
    "api_endpoint": ("url", "uri", "path", "route", "api", "api_url", "api_path"),
    "multi_proxy": ("vpn", "uses_vpn", "vpn_pool"),
    "feature_page": ("page", "landing_page", "sales_page"),
    "formerly": ("previously", "former_slugs", "old_slugs", "aliases", "renamed_from"),
    "description": ("desc", "summary"),
    "keywords": ("tags", "search_terms", "synonyms"),
    "documentation": ("docs", "doc", "doc_url", "docs_url"),
    "owner": ("team", "maintainer", "owned_by"),
    "deprecated": ("deprecation", "sunset"),
    "removed_after": ("until", "end", "removal"),
    "since": ("from",),
    "because": ("reason", "why"),
    "date": ("removed_on", "day", "since"),
    "use": ("instead", "replacement", "replaced_by", "successor"),
    "fr": ("french", "fr_fr", "fra"),
    "en": ("english", "en_gb", "en_us", "eng"),
    "removed": ("deleted", "gone"),
}

#: The same in French, without accents.
_FRENCH = {
    "slug": ("identifiant",),
    "category": ("rubrique", "groupe"),
    "label": ("libelle", "etiquette", "titre", "intitule"),
    "needs": ("besoins", "besoin", "entrees", "entree", "requiert", "necessite", "consomme", "depend_de"),
    "produces": ("produits", "produit", "sorties", "sortie", "fournit", "genere"),
    "pipelinable": ("enchainable",),
    "coming_soon": ("bientot", "a_venir", "prochainement"),
    "is_on_demand": ("a_la_demande", "sur_demande"),
    "stage": ("etape", "avancement"),
    "api_endpoint": ("chemin", "url_api"),
    "feature_page": ("page_de_vente", "page_produit"),
    "formerly": ("anciennement", "anciens_noms", "ancien_nom", "anciens_slugs", "ancien_slug"),
    "description": ("descriptif", "resume"),
    "keywords": ("mots_cles", "mot_cle", "motscles", "mots_clefs"),
    "owner": ("proprietaire", "equipe", "responsable"),
    "deprecated": ("obsolete", "deprecie"),
    "removed_after": ("retire_apres", "supprime_apres"),
    "since": ("depuis",),
    "because": ("raison", "motif", "parce_que"),
    "date": ("jour", "retire_le", "supprime_le"),
    "use": ("utiliser", "remplace_par", "remplacement"),
    "fr": ("francais",),
    "en": ("anglais",),
    "removed": ("supprimes", "retires"),
}
_FIELDS = {name: field for names_of in (_SYNONYMS, _FRENCH) for field, names in names_of.items() for name in names}

#: Values of fields in French, without accents.
_FRENCH_VALUES = {
    "sources": ("source",),
    "enrich": ("enrichissement", "enrichir"),
    "signals": ("signaux", "signal"),
    "outreach": ("prospection", "demarchage"),
    "tools": ("outils", "outil"),
    "considering": ("a_l_etude", "a_l'etude", "envisage", "en_reflexion"),
    "planned": ("prevu", "prevue", "planifie", "planifiee"),
    "building": ("en_construction", "en_developpement", "en_cours"),
}
_VALUES = {name: value for value, names in _FRENCH_VALUES.items() for name in names}

#: Names that may as well stand for something that a registry does not have.
_AMBIGUOUS = {"aliases"}


def synonym(name: str) -> str | None:
    """The field that goes by another name with many people, some of whom write French."""
    return _FIELDS.get(normalized(plain(name))) if len(name) <= 30 else None


def is_ambiguous(name: str) -> bool:
    """Whether a name of a field does not say for certain which one is meant."""
    return normalized(plain(name)) in _AMBIGUOUS if len(name) <= 30 else False


def state(text: str) -> str | None:
    """The state that a value names: its field, or nothing for an active module. None if it names no state."""
    return _STATES.get(normalized(plain(unmasked(text)))) if len(text) <= 30 else None


def word(text: str, words: list[str]) -> str:
    """The word that is meant: its French, nearly the same, or begun alike, by five letters or four that are all of one.

    Nothing where there is none, or there are several.
    """
    text = ended(text)
    if len(text) <= 30 and (found := _VALUES.get(normalized(plain(text)))) in words:
        return found
    if re.search(r"[\s,;/|]", text):
        return ""
    if meant := closest(text, words):
        return meant
    text = normalized(text)
    lengths = {one: max(4, min(5, len(one), len(text))) for one in words}
    begin = [one for one, length in lengths.items() if one[:length] == text[:length]]
    return begin[0] if len(begin) == 1 else ""


def names(text: str) -> Iterator[str]:
    """Well-formed names that a malformed one may be meant for, the likeliest first."""
    if not re.search("[A-Za-z]", plain(text)):
        return  # a word of another alphabet, though its letters may look like others
    text = plain(_bare(text))
    whole, words = normalized(text) if not re.search(r"[\s-]{2}", text) else "", _of_words(text, "_")
    yield from filter(is_name, [words, whole] if _parted(text) != text else [whole, words])


def items(text: str) -> list[str]:
    """What a text lists that is no list: parted by commas and the like, or a line each."""
    text = text.strip().removeprefix("[").removesuffix("]")
    parts = re.split(r"[,;|\n]", text)
    return [part.strip(" \t\"'-*") for part in parts if part.strip(" \t\"'-*")]


def name_items(text: str) -> list[str]:
    """The names that a text lists, parted by whatever is in no name, or by and; empty if one of them is none."""
    parts = re.split(r"(?:[\s,;|/+&]|(?<![\w-])(?:and|et|ou|or|etc\.?)(?![\w-]))+", unmasked(text).strip(" []"))
    found = [next(names(part.strip("\"'`-*")), "") for part in parts if part] if len(parts) <= _MOST_ITEMS else []
    return found if all(found) and len(set(found)) == len(found) else []


def endpoint(text: str) -> Iterator[str]:
    """The path below /api that is meant. A query, a placeholder or a blank in it says that it is something else."""
    path = re.sub(r"^(?:GET|POST|PUT|PATCH|DELETE)\s+", "", _bare(text), flags=re.IGNORECASE)
    path = re.sub(r"^[a-z]+://[^/]*", "", path)
    if (at := path.find("/api/")) > 0:
        path = path[at:]
    segments = [segment for segment in path.split("/") if segment]
    if not segments or not all(re.fullmatch(r"[A-Za-z0-9_-]+", segment) for segment in segments):
        return
    first = segments[0].lower()
    alike = SequenceMatcher(None, first, "api").ratio() if len(first) <= 5 else 0
    if alike >= 0.75:
        segments = segments[1:]
    elif alike >= 0.6:
        return  # it may be meant for api, or for something below
    elif "/" not in path:
        segments = [re.sub("^api[_-]", "", first)]
    if segments:
        yield "/api/" + "/".join(segments)


def page(text: str) -> Iterator[str]:
    """The sales page that is meant, by its name, path or address."""
    path = re.sub(r"^https?://[^/]*", "", _bare(text))
    path = re.sub(r"(?:\.(?:html?|php|aspx?|jsp))?(?:[?#].*)?$", "", path.rstrip("/")).strip("/")
    if "/" in path and not path.lower().startswith("features/"):
        return
    yield _of_words(path.rpartition("/")[2], "-")


def documentation(text: str) -> Iterator[str]:
    """The path or address that is meant by one that lacks its beginning."""
    path = _bare(text)
    path = re.sub("^https(?::/|//?)(?!/)", "https://", path)
    first, slash, _ = path.removeprefix("https://").partition("/")
    if path.startswith(("https://", "/")):
        yield path
    if not slash or re.search(r"[\s:,;]", path):
        return
    if re.fullmatch(r"[A-Za-z0-9_-]+", first):
        yield f"/{path}"
    elif re.fullmatch(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", first):
        yield f"https://{path}"


def owner(text: str) -> Iterator[str]:
    """The team or handle that is meant."""
    text = _bare(text).lower()
    yield text
    yield re.sub(r"\s+", "-", plain(text))


def day(text: str) -> Iterator[str]:
    """The day that is meant, where the year comes first: elsewhere nobody knows which is the month."""
    if found := re.fullmatch(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[Tt ]\d\d:\d\d.*)?\s*", unmasked(text)):
        year, month, one = map(int, found.groups())
        yield f"{year}-{month:02}-{one:02}"


def no_such_day(text: str) -> str:
    """Why a day that is written as one is none; empty where it is not written so."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
    if not found:
        return ""
    year, month, one = map(int, found.groups())
    if not 1 <= month <= 12:
        return f"there is no month {found[2]}"
    last = monthrange(max(year, 1), month)[1]
    return f"{month_name[month]} {year} has {last} days" if one > last else ""


def _parted(text: str) -> str:
    """Text like `ANameOfWords`, with its words apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)


def has_words(text: str) -> bool:
    """Whether it is several words, so that nobody knows for certain which name is meant."""
    return " " in text.strip() or has_inner_capitals(text)


def has_inner_capitals(text: str) -> bool:
    """Whether its capitals may part words, as in EmailFinder, or be how one word is written, as in LinkedIn."""
    return not text.islower() and _parted(text) != text


def _of_words(text: str, sign: str) -> str:
    """The words of a text with a sign between them; nothing where a letter or a sign that means something would go."""
    text = _parted(plain(text)).lower().strip(" .!?()[]")
    return re.sub(r"[^a-z0-9]+", sign, text).strip(sign) if re.fullmatch(r"[a-z0-9\s_.'-]+", text) else ""


def _bare(text: str) -> str:
    """Text without look-alikes, and without the blanks and quotes around it, or a comma behind it."""
    return ended(unmasked(text)).strip("\"'`")


def ended(text: str) -> str:
    """Text without blanks around it, and without the comma or semicolon that other languages end a value with."""
    return text.strip().rstrip(",; ")


def plain(text: str) -> str:
    """Text without accents and ligatures. Long text stays as it is: to sort its marks takes their number squared."""
    if len(text) > LONGEST:
        return text
    return "".join(one for one in normalize("NFKD", text.translate(_LIGATURES)) if not combining(one))


_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"})
