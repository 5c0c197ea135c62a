"""Avro encoders, generated once per schema.

They take a sixth to two fifths of the time of fastavro, which visits the schema with each value and validates
an optional value before it writes it (benchmarks/RESULTS.md). They write the same bytes, and refuse every
value that fastavro refuses.
"""

import json
import struct
from collections.abc import Callable
from functools import cache, lru_cache
from operator import index
from typing import Any, Final

import fastavro
from fastavro.write import LOGICAL_WRITERS

from songnodes.source_generator import SourceGenerator

Encode = Callable[[Any, bytes], bytes]
"""Return the prefix and the bytes of a value. Raises TypeError, ValueError, KeyError, AttributeError and
OverflowError for a value that does not follow the schema."""

MAX_LONG: Final = 2**63 - 1
MAX_INT: Final = 2**31 - 1
MAX_ENCODERS = 256
CACHE_SIZE = 4096  # integers, moments and days
#: Numbers whose encoding is looked up: most counts and lengths of texts are smaller.
TABLE_SIZE: Final = 4096


@lru_cache(CACHE_SIZE)  # the records of a page share its moments
def zigzag(number: int) -> bytes:
    """Return the encoding of an integer of 64 bits. Raises OverflowError for a larger one."""
    if not -MAX_LONG - 1 <= number <= MAX_LONG:
        raise OverflowError(f"{number} has more than 64 bits")
    rest = (number << 1) ^ (number >> 63)
    out = bytearray()
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def encoder(schema: Any) -> Encode:
    """Return the encoder of a schema."""
    return _encoder(json.dumps(schema))


@lru_cache(MAX_ENCODERS)
def _encoder(schema: str) -> Encode:
    generator = _Generator()
    generator.value(fastavro.parse_schema(json.loads(schema)), "v", 1, is_optional=False)
    source = "\n".join(["def encode(v, prefix):", "  p = [prefix]", "  a = p.append", *generator.lines])
    scope = {**_SCOPE, **generator.constants}
    exec(f"{source}\n  return b''.join(p)\n", scope)  # noqa: S102  # of our schemas, never of input
    encode: Encode = scope["encode"]
    return encode


@cache
def _moment_writer(kind: str, logical: str) -> Callable[[Any], Any]:
    """Return the function from a moment or day to its number. The records of a page share most of them."""
    write = LOGICAL_WRITERS[f"{kind}-{logical}"]
    # typed: a fraction that equals a moment's number is refused where the number is not
    return lru_cache(CACHE_SIZE, typed=True)(lambda moment: write(moment, {}))


class _Generator(SourceGenerator):
    """Writes the statements that append the parts of one value.

    Within an optional value fastavro accepts the types of the schema only. Elsewhere it takes a number for a
    boolean, and a boolean or a fraction for an integer. Only bytes for a list are refused here and not there.
    """

    def __init__(self) -> None:
        super().__init__()
        self._named: dict[str, Any] = {}

    def value(self, schema: Any, value: str, depth: int, *, is_optional: bool) -> None:
        """Add the statements for the value in this variable."""
        schema = self._named.get(schema, schema) if isinstance(schema, str) else schema
        if isinstance(schema, list):
            self._optional(schema, value, depth)
            return
        kind = schema if isinstance(schema, str) else schema["type"]
        if isinstance(schema, dict) and (logical := schema.get("logicalType")):
            self.add(depth, f"{value} = {self.constant(_moment_writer(kind, logical))}({value})")
        if isinstance(kind, dict | list):
            self.value(kind, value, depth, is_optional=is_optional)
        elif kind == "record":
            self._record(schema, value, depth, is_optional)
        elif kind in ("array", "map"):
            self._items(schema, kind, value, depth, is_optional)
        else:
            self._primitive(kind, value, depth, is_optional)

    def _optional(self, union: list[Any], value: str, depth: int) -> None:
        """Unions are of null and one type."""
        (branch,) = (branch for branch in union if branch != "null")
        null = union.index("null")
        self.add(depth, f"if {value} is None: a({zigzag(null)!r})", "else:")
        self.add(depth + 1, f"a({zigzag(1 - null)!r})")
        self.value(branch, value, depth + 1, is_optional=True)

    def _record(self, record: Any, value: str, depth: int, is_optional: bool) -> None:
        self._named[record["name"]] = record
        for field in record["fields"]:
            inner, name = self.unique_name("v"), repr(field["name"])
            if "default" in field:
                self.add(depth, f"{inner} = {value}.get({name}, {self.constant(field['default'])})")
            elif isinstance(field["type"], list):
                self.add(depth, f"{inner} = {value}.get({name})")
            else:
                self.add(depth, f"{inner} = {value}[{name}]")
            self.value(field["type"], inner, depth, is_optional=is_optional)

    def _items(self, schema: Any, kind: str, value: str, depth: int, is_optional: bool) -> None:
        item = self.unique_name("v")
        if is_optional:
            self.add(depth, f"if not isinstance({value}, {kind.upper()}): raise TypeError({value})")
        self.add(depth, f"n = len({value})", "if n:")
        self.add(depth + 1, "a(TABLE[n] if n < SIZE else zigzag(n))")
        if kind == "array":
            self.add(depth + 1, f"for {item} in {value}:")
            self.value(schema["items"], item, depth + 2, is_optional=is_optional)
        else:
            key = self.unique_name("v")
            self.add(depth + 1, f"for {key}, {item} in {value}.items():")
            self._primitive("string", key, depth + 2, is_optional)
            self.value(schema["values"], item, depth + 2, is_optional=is_optional)
        self.add(depth, "a(b'\\0')")

    def _primitive(self, kind: str, value: str, depth: int, is_optional: bool) -> None:
        if is_optional and kind in _CLASS:
            self.add(depth, f"if {value}.__class__ is not {_CLASS[kind]}: {value} = {kind}_of({value})")
        if kind == "int" and is_optional:
            self.add(depth, f"if not {-MAX_INT - 1} <= {value} <= {MAX_INT}: raise OverflowError({value})")
        if kind in ("int", "long"):
            small = f"{value}.__class__ is int and 0 <= {value} < SIZE"
            self.add(depth, f"a(TABLE[{value}] if {small} else zigzag(integer({value})))")
        elif kind == "string":
            self.add(depth, f"e = {value}.encode()", "n = len(e)")
            self.add(depth, "a(TABLE[n] if n < SIZE else zigzag(n))", "a(e)")
        elif kind == "bytes":
            self.add(depth, f"e = memoryview({value})", "a(zigzag(len(e)))", "a(e)")
        elif kind == "boolean":
            self.add(depth, f"a(b'\\1' if {value} else b'\\0')")
        elif kind == "double":
            self.add(depth, f"a(pack({value} if {value}.__class__ is float else number({value})))")
        else:
            raise ValueError(f"no schema of ours has the type {kind}")


_CLASS = {
    "string": "str",
    "bytes": "bytes",
    "boolean": "bool",
    "int": "int",
    "long": "int",
    "double": "float",
}


def _instance_of(*types: type) -> Callable[[Any], Any]:
    """Return the function that accepts instances of subclasses of these types."""

    def accept(value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise TypeError(f"{type(value).__name__} in place of {types[0].__name__}")
        return value

    return accept


def _integer(value: Any) -> int:
    """Return the whole part of a number, as fastavro does."""
    return int(value) if isinstance(value, float) else index(value)


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{type(value).__name__} in place of a number")
    return float(value)


_SCOPE: dict[str, Any] = {
    "integer": _integer,
    "number": _number,
    "zigzag": zigzag,
    "TABLE": [zigzag(number) for number in range(TABLE_SIZE)],
    "SIZE": TABLE_SIZE,
    "ARRAY": (list, tuple),
    "MAP": dict,
    "pack": struct.Struct("<d").pack,
    "string_of": _instance_of(str),
    "bytes_of": _instance_of(bytes, bytearray),
    "boolean_of": _instance_of(bool),
    "int_of": _instance_of(int),
    "long_of": _instance_of(int),
    "double_of": _instance_of(float, int),
}
