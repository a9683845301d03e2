"""Characters that are invisible, or look like one of a keyboard and are another."""

import re
import unicodedata


def _pairs(strange: str, plain: str) -> dict[str, str]:
    return dict(zip(strange, plain, strict=True))


_MEANT = (
    _pairs("“”„«»‘’‹›", '"""""\'\'\'\'')
    | dict.fromkeys("‐‑‒–—―−﹣", "-")
    | _pairs("∶ː꞉‚٫،、؛⁄∕", ":::,,,,;//")
    | _pairs("аеорсухіјѕԁһԛԝмткѵӏАВЕЗКМНОРСТУХІЈЅ", "aeopcyxijsdhqwmtkvlABE3KMHOPCTYXIJS")
    | _pairs("ονιαρτυκεηγχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oviaptukenyxwABEZHIKMNOPTYX")
    | _pairs("ɡıօսոհ", "giounh")
)

#: Blanks that are no space: of these only what prints nothing, so that labels in any language are left alone.
BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
#: What takes no room, by Unicode's list of what a program may leave out; the schema's pattern of text has it as well.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANK, _INVISIBLE = re.compile(f"[{BLANKS}]"), re.compile(f"[{INVISIBLE}]")

#: Characters that Unicode calls by another name than people, or by none.
_NAMES = {"\ufeff": "byte order mark", "\u0085": "next line", "\t": "tab"}

#: Text that is looked through, in characters: names are shorter.
_MOST = 300


def called(sign: str) -> str:
    """A character by its code point and its name in Unicode, such as `U+00A0 (no-break space)`."""
    name = _NAMES.get(sign) or unicodedata.name(sign, "").lower()
    return f"U+{ord(sign):04X}{f' ({name})' if name else ''}"


def meant(sign: str) -> str:
    """What a character stands for where a name or a sign of YAML is expected; itself, if it is no look-alike."""
    if _BLANK.match(sign):
        return " "
    plain = unicodedata.normalize("NFKC", sign)
    usual = plain if len(plain) == 1 and plain.isascii() else sign
    return "" if _INVISIBLE.match(sign) else _MEANT.get(sign, usual)


def unmasked(text: str) -> str:
    """The text with every look-alike replaced by what it stands for, and without what is invisible."""
    return text if text.isascii() else "".join(map(meant, text[:_MOST])) + text[_MOST:]


def stranger(text: str) -> str:
    """What is strange about a name: its first look-alike or invisible character, or letter of another alphabet."""
    for sign in "" if text.isascii() else text[:_MOST]:
        plain = meant(sign)
        if plain != sign:
            if not plain.strip():
                return f"it has the invisible character {called(sign)}"
            return f"its {sign} is {called(sign)}, not {plain}"
        if not sign.isascii() and sign.isalpha() and not unicodedata.name(sign, "").startswith("LATIN "):
            return f"its {sign} is {called(sign)}"
    return ""
