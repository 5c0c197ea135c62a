"""From the bytes of a response to text."""

import codecs
import re
from dataclasses import dataclass

from producers.sources.errors import BinaryBody, EmptyBody

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
#: First bytes of what is saved as a page by mistake: gzip, zip, zstd, PDF, PNG, JPEG, GIF, WebP, MP3, Ogg.
MAGIC: tuple[bytes, ...] = (
    *(b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff"),
    *(b"GIF8", b"RIFF", b"ID3", b"OggS", b"\x7fELF"),
)
SNIFF_BYTES = 4096  # read for a charset and for control bytes; HTML asks for a meta in the first 1024
CONTROL_SHARE = 0.05  # text has none but tab, line feed and carriage return; a stray one is no binary file
CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE)
SURROGATE = re.compile("[\ud800-\udfff]")
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})
FALLBACK = "cp1252"  # what WHATWG reads where nothing is declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text, the encoding it was read in, and what was odd about it."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Read a body as text: byte order mark, charset of the response, of the page, UTF-8, at last cp1252.

    A declared charset that does not fit the bytes is a warning, not a failure. Raises EmptyBody, BinaryBody.
    """
    if not body or body.isspace():
        raise EmptyBody(size=len(body))
    marked = decode_marked(body)
    if marked is not None:
        return marked
    if body.startswith(MAGIC) or _looks_binary(body[:SNIFF_BYTES]):
        raise BinaryBody(begins=body[:8].hex(), size=len(body))
    warnings: list[str] = []
    for name in _declared(body, content_type):
        text = _strict(body, name)
        if text is not None:
            return Decoded(text=_sound(text, name), encoding=name, warnings=tuple(warnings))
        warnings.append(f"encoding: not {name} as declared")
    text = _strict(body, "utf-8")
    if text is not None:
        return Decoded(text=_without_nul(text), encoding="utf-8", warnings=tuple(warnings))
    warnings.append(f"encoding: not UTF-8, read as {FALLBACK}")
    return Decoded(text=clean(body.decode(FALLBACK, "replace")), encoding=FALLBACK, warnings=tuple(warnings))


def decode_marked(body: bytes) -> Decoded | None:
    """Return the text of a body that begins with a byte order mark, without the mark; None without one."""
    for mark, name in BOMS:
        if body.startswith(mark):
            text = clean(body.decode(name, "replace")).removeprefix("\ufeff")
            return Decoded(text=text, encoding=name)
    return None


def _declared(body: bytes, content_type: str | None) -> list[str]:
    encodings = []
    for raw in ((content_type or "").encode("ascii", "ignore"), body[:SNIFF_BYTES]):
        match = CHARSET.search(raw)
        if match:
            encodings.append(match[1].decode("ascii").lower())
    return list(dict.fromkeys(encodings))


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(FALLBACK if codecs.lookup(name).name == "iso8859-1" else name)
    except (LookupError, ValueError):
        return None


def _looks_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, CONTROLS))
    return controls > CONTROL_SHARE * len(head)


def _sound(text: str, encoding: str) -> str:
    """`clean`, of which strict UTF-8 needs only half."""
    return _without_nul(text) if codecs.lookup(encoding).name == "utf-8" else clean(text)


def _without_nul(text: str) -> str:
    return text.replace("\x00", "") if "\x00" in text else text


def clean(text: str) -> str:
    """Without the one character that neither libxml2 nor PostgreSQL takes, and without halves of pairs, which
    have no UTF-8 form: JSON escapes can spell both."""
    text = _without_nul(text)
    try:
        text.encode()  # a tenth of the time of a search, and nearly no text has any
    except UnicodeEncodeError:
        return SURROGATE.sub("\ufffd", text)
    return text
