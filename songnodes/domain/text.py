"""Text as it is shown and text as it is compared.

`repair` keeps the spelling of the source and undoes only damage. `norm_v1` is for comparing: it is part of
the identity of tracks and artists, so it is frozen by golden tests, and `anyascii` is pinned exactly.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from anyascii import anyascii
from ftfy import TextFixerConfig, fix_text

_FIXES = TextFixerConfig(normalization=None, explain=False)
_ENTITY = re.compile(r"&#?\w+;")
#: UTF-8 that was read as Mac Roman ("K√∂lsch", "Kah‚ÄêLo"): what ftfy leaves in lines of plain letters.
_MAC_ROMAN = re.compile(r"[¬√ƒ≈∆Œ–—][^\x00-\x7f]|‚[^\x00-\x7f]{2}")
#: Dashes and quotes in one form each; marks and invisible characters out. Before NFKC, which would make
#: a blank and a combining accent of "´", and the letters "TM" of "™".
_UNIFIED = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        **dict.fromkeys("‘’‚‛′ʼʻ`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("︱︳", "|"),
        **dict.fromkeys("\ufe0e\ufe0f\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad™®℠", None),
    }
)

_ACRONYM = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_DOLLAR_LETTER = re.compile(r"\$(?=[a-z])|(?<=[a-z])\$")
#: An apostrophe that became an underscore in a file name: "What It_s Like".
_LOST_APOSTROPHE = re.compile(r"(?<=[a-z])_(?=(?:s|t|re|ll|ve|m|d)\b)")
_KEY_SIGNS = str.maketrans({"'": None, "`": None, "&": " and "})
_NOT_KEY = re.compile(r"[^a-z0-9]+")
_LETTERS_AND_DIGITS = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"})


def repair(text: str) -> str:
    """Return the text as its author meant it; applied again it changes nothing.

    Mojibake and entities are undone; NFKC, plain dashes and quotes, single blanks, none at the ends.
    """
    if text.isascii() and text.isprintable() and "&" not in text and "`" not in text:
        return " ".join(text.split())  # most texts; nothing to repair in them
    for _ in range(4):  # a text can be escaped more than once: "&amp;amp;"
        repaired = _repair_once(text)
        if repaired == text:
            break
        text = repaired
    return text


def _repair_once(text: str) -> str:
    plain = text.isascii() and text.isprintable()  # most lines; nothing to repair in it
    if not plain:
        text = _MAC_ROMAN.sub(_from_mac_roman, text)
    if not plain or ("&" in text and _ENTITY.search(text)):
        text = fix_text(text, _FIXES)
    if not plain or "`" in text:
        text = unicodedata.normalize("NFKC", text.translate(_UNIFIED)).translate(_UNIFIED)
    return " ".join(text.split())


def _from_mac_roman(damaged: re.Match[str]) -> str:
    try:
        return damaged[0].encode("mac_roman").decode()
    except UnicodeError:
        return damaged[0]


@lru_cache(maxsize=1 << 14)
def norm_v1(text: str) -> str:
    """Return the form in which texts are compared: words of a-z and 0-9 with single blanks between.

    Accents, case, punctuation, apostrophes and script do not count: "Âme" is "ame", "D.A.N.C.E." is "dance",
    "Rock & Roll" is "rock and roll", "A$AP" is "asap", "日本" is "riben". Letters that have no Latin form,
    and texts of nothing but punctuation ("!!!"), become code points ("u21 u21 u21"), so that the result is
    empty only for an empty text. Applying it again changes nothing.
    """
    plain = text if text.isascii() else _latin(text)
    words = plain.casefold()
    if "." in words:
        words = _ACRONYM.sub(_undotted, words)
    if "$" in words:
        words = _DOLLAR_LETTER.sub("s", words)
    if "_" in words:
        words = _LOST_APOSTROPHE.sub("", words)
    key = _NOT_KEY.sub(" ", words.translate(_KEY_SIGNS)).strip()
    return key or " ".join(f"u{ord(char):x}" for char in text if not char.isspace() and char.isprintable())


def _latin(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char if char.isascii() else _transliterated(char) for char in folded)


@lru_cache(maxsize=1 << 14)
def _transliterated(char: str) -> str:
    latin: str = anyascii(char)
    if unicodedata.category(char) in _LETTERS_AND_DIGITS and not any(map(str.isalnum, latin)):
        return f" u{ord(char):x} "
    return latin


def _undotted(match: re.Match[str]) -> str:
    return match[0].replace(".", "")


def slug(parts: Sequence[str], limit: int = 80) -> str:
    """Return the parts as one readable word for ids and URLs, of at most `limit` characters."""
    return shorten("-".join(norm_v1(part).replace(" ", "-") for part in parts if part), limit)


def shorten(words: str, limit: int = 80) -> str:
    """Return words joined by "-", cut to `limit` characters, between words where that is possible."""
    if len(words) <= limit:
        return words
    cut = words.rfind("-", 0, limit + 1)
    return words[: cut if cut > 0 else limit]
