"""Extreme values of every kind, and every place of a page or a record that can take one.

A place is a path ("rows", 0, "label"); an edit is a copy of the whole with one place replaced. A seed
names a sample.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from typing import Any

Path = tuple[str | int, ...]

LONG = 20_000  # characters
MANY = 2_500  # entries of a list: more than a set may have to be searched

#: Dates as pages write them, sentinels of databases among them.
DATES = (
    *("0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59.999Z", "1753-01-01"),
    *("1899-12-30", "1900-01-01", "1970-01-01T00:00:00.000", "0000-00-00", "2026-02-30", "2026-13-01"),
    *("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2026-07-08T21:00:00+99:99", "-2026-01-01"),
    *(
        "10000-01-01",
        "12026-07-08T00:00:00",
        "2026-W53-7",
        "2026-366",
        "1969-12-31T23:59:60Z",
        "２０２６-01-01",
    ),
)
#: Numbers as JSON has them; not a number and the infinities are written as Python does.
NUMBERS = (
    *(0, -1, 1, 2**31, -(2**31) - 1, 2**32, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64),
    *(10**30, 10**400, 0.5, -0.0, 1e-320, 1e308, -1e308, math.nan, math.inf, -math.inf),
)
TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\t\r\n",
        "\ufeff",
        "\u200b",
        "\ud800",
        "a\udfffb",
        "\u202eevil\u202c",
        "שלום עולם",
    ),
    *("́̂̃", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "👩‍👩‍👧‍👦", "\U0010ffff", "�", "'; DROP TABLE x; --", "\\", "%s%n{0}"),
    *(
        "null",
        "NaN",
        "-1",
        "1e999",
        "9" * 400,
        "٣",
        "𝟗",
        "½",
        "|",
        ",",
        " - ",
        " & ",
        "()",
        "(((((",
        "[",
        "]]",
        "\x1b[2J",
    ),
    *("x" * LONG, "A & " * (LONG // 4), "(" * LONG, "[" * LONG, "( " * (LONG // 2), " - " * (LONG // 3)),
    *("a-" * (LONG // 2), "́" * LONG, "feat. " * (LONG // 6), "X vs. " * (LONG // 6), "\n" * LONG, "0" * LONG),
    *("A & B (C Remix) [D] " * (LONG // 20), "1:" * (LONG // 2), "http://" + "a." * (LONG // 2)),
    *(
        "_" * LONG,
        "." * LONG,
        "$" * LONG,
        "&amp;" * (LONG // 5),
        "a aka " * (LONG // 6),
        "é" * 600,
        "ß" * 300,
    ),
)
LISTS: tuple[Any, ...] = (
    [],
    [None],
    [[]],
    [[[[[]]]]],
    {},
    {"": None},
    {"\x00": [{}]},
    [{}],
    ["", None, 1, {}],
)
SCALARS: tuple[Any, ...] = (None, True, False)


def json_values() -> tuple[Any, ...]:
    """All values that a place of a JSON answer can take."""
    return (*SCALARS, *NUMBERS, *DATES, *TEXTS, *LISTS)


def json_places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield every place of a JSON value, the whole included."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from json_places(item, (*path, key))


def replaced(value: Any, path: Path, new: Any) -> Any:
    """Return a copy with one place replaced."""
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def json_edit(value: Any, random: Random) -> tuple[str, bytes]:
    """Return one random edit of a JSON value as (description, body); some repeat a list's entries."""
    places = list(json_places(value))
    path = random.choice(places)
    old = _at(value, path)
    if isinstance(old, list) and old and random.random() < 0.3:
        new: Any = (old * MANY)[:MANY]
        return f"{path} repeated", json.dumps(replaced(value, path, new)).encode()
    new = random.choice(json_values())
    return f"{path} = {_shown(new)}", json.dumps(replaced(value, path, new)).encode()


_HTML_VALUE = re.compile(rb'(?<==")[^"<>]{1,200}(?=")|(?<=>)[^<>]*\S[^<>]*(?=<)')
_WIKI_VALUE = re.compile(r"[^\n\[\]{}|=#*;]*[^\s\[\]{}|=#*;][^\n\[\]{}|=#*;]*|(?<=\n)#+|\[\[|\]\]|\{\{|\}\}")


def html_edit(body: bytes, random: Random) -> tuple[str, bytes]:
    """Return one random edit of a text or an attribute of a page as (description, body)."""
    match = random.choice(list(_HTML_VALUE.finditer(body)))
    new = random.choice((*map(str, NUMBERS[:-3]), *DATES, *TEXTS))
    raw = new.encode("utf-8", "surrogatepass")
    around = body[max(0, match.start() - 40) : match.start()]
    return f"after {around!r} = {_shown(new)}", body[: match.start()] + raw + body[match.end() :]


def wikitext_edit(text: str, random: Random) -> tuple[str, str]:
    """Return one random edit of a line, value or mark of a wikitext as (description, text)."""
    match = random.choice(list(_WIKI_VALUE.finditer(text)))
    new = random.choice((*map(str, NUMBERS[:-3]), *DATES, *TEXTS))
    return f"{match[0]!r} = {_shown(new)}", text[: match.start()] + new + text[match.end() :]


# records


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of a record and what it may hold."""

    path: Path
    values: tuple[Any, ...]


MOMENTS = (
    *(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)),
    *(
        datetime(1753, 1, 1, tzinfo=UTC),
        datetime(1899, 12, 30, tzinfo=UTC),
        datetime(2262, 4, 12, tzinfo=UTC),
    ),
    datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
    *(2**63 - 1, -(2**63), 2**55, -1, 253_402_300_800_000, -62_135_596_800_001),
)
DAYS = (
    *(date.min, date.max, date(1970, 1, 1), date(1899, 12, 30), date(1753, 1, 1), date(4714, 1, 1)),
    *(2**31 - 1, -(2**31), 0, 2_932_897, -719_163),
)
FLOATS = (math.nan, math.inf, -math.inf, -1.0, 0.0, -0.0, 1e308, 5e-324, 2.0, 1e38)
LONGS = (0, -1, 1, 2**31, 2**31 - 1, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63))
BYTES = (b"", b"\x00", b"\xff\xfe", b"x" * LONG, b"<html>", b"[]", b"null")


def record_places(
    schema: Any, value: Any, names: dict[str, Any] | None = None, path: Path = ()
) -> Iterator[Place]:
    """Yield every place of a record with the extreme values of its Avro type, unions and lists included."""
    names = {} if names is None else names
    yield (
        Place(path=path, values=tuple(_of_type(schema, value, names))) if path else Place(path=(), values=())
    )
    yield from _inside(schema, value, names, path)


def record_edit(schema: Any, value: Mapping[str, Any], random: Random) -> tuple[str, dict[str, Any]]:
    """Return one random edit of a record as (description, record)."""
    place = random.choice([place for place in record_places(schema, value) if place.values])
    new = random.choice(place.values)
    edited: dict[str, Any] = replaced(value, place.path, deepcopy(new))
    return f"{place.path} = {_shown(new)}", edited


def _inside(schema: Any, value: Any, names: dict[str, Any], path: Path) -> Iterator[Place]:
    for branch in schema if isinstance(schema, list) else [schema]:
        kind = names.get(branch, branch) if isinstance(branch, str) else branch
        if not isinstance(kind, dict):
            continue
        if "name" in kind:
            names[kind["name"]] = kind
            names[f"{kind.get('namespace', '')}.{kind['name']}".lstrip(".")] = kind
        if kind["type"] == "record" and isinstance(value, Mapping):
            for field in kind["fields"]:
                if field["name"] in value:
                    inner = (*path, field["name"])
                    yield from record_places(field["type"], value[field["name"]], names, inner)
        elif kind["type"] == "array" and isinstance(value, list) and value:
            yield from record_places(kind["items"], value[0], names, (*path, 0))
        elif kind["type"] == "map" and isinstance(value, Mapping) and value:
            key = next(iter(value))
            yield from record_places(kind["values"], value[key], names, (*path, key))


def _of_type(schema: Any, value: Any, names: dict[str, Any]) -> Iterator[Any]:
    for branch in schema if isinstance(schema, list) else [schema]:
        kind = names.get(branch, branch) if isinstance(branch, str) else branch
        yield from _of_branch(kind, value, names)


def _of_branch(kind: Any, value: Any, names: dict[str, Any]) -> Iterator[Any]:
    plain = kind["type"] if isinstance(kind, dict) else kind
    logical = kind.get("logicalType") if isinstance(kind, dict) else None
    if logical:
        yield from DAYS if logical == "date" else MOMENTS
    elif plain == "array":
        yield []
        if isinstance(value, list) and value:
            yield (value * MANY)[:MANY]
        if "string" in (kind["items"], *([kind["items"]] if isinstance(kind["items"], str) else [])):
            yield from ([text] for text in TEXTS)
            yield [str(number) for number in range(MANY)]
    elif plain == "map":
        yield {}
        if kind["values"] == "string":
            yield from ({text: text} for text in TEXTS)
            yield {str(number): "x" for number in range(MANY)}
    elif plain == "enum":
        yield from kind["symbols"]
    elif plain != "record":
        yield from _PLAIN.get(plain, ())


_PLAIN: dict[str, tuple[Any, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "int": LONGS,
    "long": LONGS,
    "float": FLOATS,
    "double": FLOATS,
    "string": (*TEXTS, *DATES),
    "bytes": BYTES,
}


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _shown(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:40]}... ({len(text)} characters)"
