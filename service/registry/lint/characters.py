"""Invisible characters, and characters that look like another one of the keyboard."""

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

#: Blanks other than the space. All of them print nothing, so that labels in any language stay as they are.
BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
#: Characters without width: Unicode's Default_Ignorable_Code_Point. The schema's pattern of text has them as well.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANK, _INVISIBLE = re.compile(f"[{BLANKS}]"), re.compile(f"[{INVISIBLE}]")

#: Characters whose name in Unicode is missing, or is not the one that people use.
_NAMES = {"\ufeff": "byte order mark", "\u0085": "next line", "\t": "tab"}

#: The characters of a text that are checked: names are shorter.
_MOST = 300


def describe(sign: str) -> str:
    """Return the code point of a character and its name in Unicode, such as `U+00A0 (no-break space)`."""
    name = _NAMES.get(sign) or unicodedata.name(sign, "").lower()
    return f"U+{ord(sign):04X}{f' ({name})' if name else ''}"


def replace_look_alike(sign: str) -> str:
    """Return the plain character for a look-alike, nothing for an invisible one, and any other character as it is."""
    if _BLANK.match(sign):
        return " "
    plain = unicodedata.normalize("NFKC", sign)
    usual = plain if len(plain) == 1 and plain.isascii() else sign
    return "" if _INVISIBLE.match(sign) else _MEANT.get(sign, usual)


def unmask(text: str) -> str:
    """Return the text with plain characters for look-alikes, and without invisible characters."""
    return text if text.isascii() else "".join(map(replace_look_alike, text[:_MOST])) + text[_MOST:]


def describe_stranger(text: str) -> str:
    """Describe the first look-alike, invisible character or letter of another alphabet in a name, if there is any."""
    for sign in "" if text.isascii() else text[:_MOST]:
        plain = replace_look_alike(sign)
        if plain != sign:
            if not plain.strip():
                return f"it has the invisible character {describe(sign)}"
            return f"its {sign} is {describe(sign)}, not {plain}"
        if not sign.isascii() and sign.isalpha() and not unicodedata.name(sign, "").startswith("LATIN "):
            return f"its {sign} is {describe(sign)}"
    return ""
