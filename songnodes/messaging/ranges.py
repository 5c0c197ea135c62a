"""The check of decoded values against their stated domain (`limits`).

Avro writes an int of any size, every moment of its 64 bits, floats that are no number, and the character NUL.
Arithmetic on a moment next to the year 9999 overflows; PostgreSQL has no 32-bit integer above 2**31 - 1, no
NUL in a text, and no index entry of 3 kB.

A check visits every value of every record, so each schema has a function of its own, generated once.
Functions that call each other took as long for numbers and dates alone (benchmarks/RESULTS.md).
"""

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, Final

from songnodes.messaging.limits import INT, MAX_ID_BYTES, MAX_ITEMS, YEARS, is_id
from songnodes.messaging.record_fields import Fields, inner_fields, is_read

#: Returned for a record whose only fault is the character NUL in a text that is no identifier.
NUL_IN_TEXT: Final = "\x00"
#: Characters from which the bytes of an id are counted: no character has more than 4 in UTF-8.
_LONG_ID = MAX_ID_BYTES // 4

Check = Callable[[Any], str | None]
"""Return the reason why a value is outside of its domain, NUL_IN_TEXT, or None."""


def checker(schema: Any, fields: Fields = None) -> Check:
    """Return the check of a parsed schema's values; of these fields only, if there are any."""
    lines = _Generator().lines(schema, "v0", "", 1, fields)
    source = "\n".join(["def check(v0):", "  nul = False", *lines])
    scope: dict[str, Any] = dict(_SCOPE)
    exec(f"{source}\n  return NUL if nul else None\n", scope)  # noqa: S102  # of our schemas, never of input
    check: Check = scope["check"]
    return check


class _Generator:
    """Writes the statements that check one value; `path` names it in the reason."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}
        self._count = 0

    def lines(
        self, schema: Any, value: str, path: str, depth: int, fields: Fields, *, null: bool = False
    ) -> list[str]:
        """Return the statements for the value in this variable; none where every value is in the domain."""
        if isinstance(schema, str):
            schema = self._named.get(schema, schema)
        if isinstance(schema, list):  # null and one type, in all schemas of ours
            (branch,) = (branch for branch in schema if branch != "null")
            return self.lines(branch, value, path, depth, fields, null=True)
        kind = schema if isinstance(schema, str) else schema["type"]
        if isinstance(kind, list | dict):
            return self.lines(kind, value, path, depth, fields, null=null)
        lines = list(self._of_kind(schema, kind, value, path, depth + null, fields))
        return _guarded(lines, value, depth, null)

    def _of_kind(
        self, schema: Any, kind: str, value: str, path: str, depth: int, fields: Fields
    ) -> Iterator[str]:
        pad = "  " * depth
        name = path.rpartition(".")[2]
        if isinstance(schema, dict) and schema.get("logicalType"):
            yield f"{pad}if type({value}) not in MOMENTS or {value}.year not in YEARS: "
            yield f"{pad}  return year({path!r}, {value})"
        elif kind == "record":
            self._named[schema["name"]] = schema
            for field in schema["fields"]:
                inner = self._variable()
                inside = f"{path}.{field['name']}" if path else field["name"]
                is_checked = is_read(fields, field["name"])
                within = inner_fields(fields, field["name"]) if is_checked else None
                # a record that is not checked may be named by a later field
                if (lines := self.lines(field["type"], inner, inside, depth, within)) and is_checked:
                    yield f"{pad}{inner} = {value}[{field['name']!r}]"
                    yield from lines
        elif kind in ("array", "map"):
            yield f"{pad}if len({value}) > {MAX_ITEMS}: return items({path!r}, {value})"
            yield from self._items(schema, kind, value, path, depth, fields)
        elif kind == "string":
            yield from _of_text(value, path, pad, is_identifier=is_id(name))
        elif kind in ("int", "float", "double"):
            test = f"{INT.start} <= {value} < {INT.stop}" if kind == "int" else f"isfinite({value})"
            yield f"{pad}if not {test}: return number({path!r}, {value})"

    def _items(
        self, schema: Any, kind: str, value: str, path: str, depth: int, fields: Fields
    ) -> Iterator[str]:
        pad = "  " * depth
        inner = self._variable()
        if kind == "map":
            yield f"{pad}for {inner} in {value}:"
            name = path.rpartition(".")[2]
            yield from _of_text(inner, f"{path} key", f"{pad}  ", is_identifier=is_id(name))
        items = schema["items" if kind == "array" else "values"]
        if lines := self.lines(items, inner, path, depth + 1, fields):
            yield f"{pad}for {inner} in {value}{'.values()' if kind == 'map' else ''}:"
            yield from lines

    def _variable(self) -> str:
        self._count += 1
        return f"v{self._count}"


def _guarded(lines: list[str], value: str, depth: int, null: bool) -> list[str]:
    return [f"{'  ' * depth}if {value} is not None:", *lines] if null and lines else lines


def _of_text(value: str, path: str, pad: str, *, is_identifier: bool) -> Iterator[str]:
    if is_identifier:
        test = f"'\\0' in {value} or len({value}) > {_LONG_ID} and len({value}.encode()) > {MAX_ID_BYTES}"
        yield f"{pad}if {test}: return identifier({path!r}, {value})"
    else:
        yield f"{pad}if '\\0' in {value}: nul = True"


def _year(path: str, value: object) -> str:
    # a moment that Python cannot hold stays the number that Avro has
    return f"{path}: {value} is not in the years {YEARS.start} to {YEARS.stop - 1}"


def _number(path: str, value: float) -> str:
    return f"{path}: {value} " + (
        "is no finite number" if isinstance(value, float) else "has more than 32 bits"
    )


def _identifier(path: str, value: str) -> str:
    if "\x00" in value:
        return f"{path}: an id with the character NUL"
    return f"{path}: an id of {len(value.encode())} bytes, {MAX_ID_BYTES} at most"


def _items(path: str, value: Any) -> str:
    return f"{path}: {len(value)} entries, {MAX_ITEMS} at most"


_SCOPE = {
    "MOMENTS": frozenset({datetime, date}),
    "YEARS": YEARS,
    "NUL": NUL_IN_TEXT,
    "isfinite": math.isfinite,
    "year": _year,
    "number": _number,
    "identifier": _identifier,
    "items": _items,
}
