"""The stated domain of decoded values: what Avro can hold and no reader of ours can.

Avro writes an int of any size, every moment of its 64 bits, and floats that are no number. Arithmetic on a
moment next to the year 9999 overflows, and PostgreSQL has no 32-bit integer above 2**31 - 1.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

Check = Callable[[Any], str | None]
"""Return the reason why a value is outside of its domain, or None."""

#: Years of moments and dates; outside of them arithmetic or PostgreSQL's client gives infinities.
YEARS = range(1000, 9000)
_INT = range(-(2**31), 2**31)


def checker(schema: Any) -> Check | None:
    """Return the check of a parsed schema's values, None where every value is in the domain."""
    return _check(schema, {})


def _check(schema: Any, named: dict[str, Any]) -> Check | None:
    if isinstance(schema, list):
        return _of_union([_check(branch, named) for branch in schema])
    if isinstance(schema, str):
        return _PLAIN.get(schema) or named.get(schema)
    kind = schema["type"]
    if schema.get("logicalType"):
        return _year
    if kind == "record":
        fields = [(field["name"], _check(field["type"], named)) for field in schema["fields"]]
        named[schema["name"]] = of_record = _of_record([(name, check) for name, check in fields if check])
        return of_record
    if kind in {"array", "map"}:
        return _of_items(_check(schema["items" if kind == "array" else "values"], named))
    return _check(kind, named) if isinstance(kind, str | list | dict) else None


def _of_union(checks: list[Check | None]) -> Check | None:
    """The schemas have unions of null and one type only."""
    inner = next((check for check in checks if check), None)
    if inner is None:
        return None
    return lambda value: None if value is None else inner(value)


def _of_record(fields: list[tuple[str, Check]]) -> Check | None:
    if not fields:
        return None

    def check(value: Mapping[str, Any]) -> str | None:
        for name, of_field in fields:
            if reason := of_field(value[name]):
                return f"{name}: {reason}"
        return None

    return check


def _of_items(item: Check | None) -> Check | None:
    if item is None:
        return None

    def check(value: Any) -> str | None:
        items = value.values() if isinstance(value, Mapping) else value
        return next(filter(None, map(item, items)), None)

    return check


def _int(value: int) -> str | None:
    return None if value in _INT else f"{value} has more than 32 bits"


def _float(value: float) -> str | None:
    return None if math.isfinite(value) else f"{value} is no finite number"


def _year(value: object) -> str | None:
    # a moment that Python cannot hold stays the number that Avro has
    if isinstance(value, date | datetime) and value.year in YEARS:
        return None
    return f"{value} is not in the years {YEARS.start} to {YEARS.stop - 1}"


_PLAIN: Mapping[str, Check] = {"int": _int, "float": _float, "double": _float}
