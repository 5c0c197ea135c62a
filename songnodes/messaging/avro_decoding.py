"""Avro decoders, generated once per schema, for values that were written with this schema.

They return the same values as fastavro in two fifths to four fifths of its time (benchmarks/RESULTS.md).
"""

import json
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import fastavro
from fastavro.read import LOGICAL_READERS

from songnodes.source_generator import SourceGenerator

Decode = Callable[[bytes, int], tuple[Any, int]]
"""Return the value that begins at a position of the bytes, and the position after it, which is beyond the
bytes when they are cut off. Raises ValueError, IndexError, OverflowError or struct.error for other bytes."""

MAX_DECODERS = 256
LONG_BITS: Final = 64


def read_long(raw: bytes, position: int) -> tuple[int, int]:
    """Return the integer at a position, and the position after it. Raises OverflowError, IndexError."""
    number = shift = 0
    while True:
        byte = raw[position]
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:
            break
        shift += 7
        if shift > LONG_BITS:
            raise OverflowError("an integer of more than 64 bits")
    if number >> LONG_BITS:
        raise OverflowError("an integer of more than 64 bits")
    return (number >> 1) ^ -(number & 1), position


def read_count(raw: bytes, position: int) -> tuple[int, int]:
    """Return the number of items of a block, and the position of the first; a negative one has a size."""
    count, position = read_long(raw, position)
    if count < 0:
        _, position = read_long(raw, position)
    return abs(count), position


def read_size(raw: bytes, position: int) -> tuple[int, int]:
    """Return the number of bytes of a text, and the position of the first. Raises ValueError."""
    size, position = read_long(raw, position)
    if size < 0:
        raise ValueError("a text of negative length")
    return size, position


def decoder(schema: Any) -> Decode:
    """Return the decoder of a schema."""
    return _decoder(json.dumps(schema))


@lru_cache(MAX_DECODERS)
def _decoder(schema: str) -> Decode:
    generator = _Generator()
    generator.value(fastavro.parse_schema(json.loads(schema)), "v", 1)
    source = "\n".join(["def decode(b, p):", *generator.lines, "  return v, p"])
    scope = {**_SCOPE, **generator.constants}
    exec(source, scope)  # noqa: S102  # of our schemas, never of input
    decode: Decode = scope["decode"]
    return decode


class _Generator(SourceGenerator):
    """Writes the statements that read one value of the bytes `b` from the position `p` into a variable."""

    def __init__(self) -> None:
        super().__init__()
        self._named: dict[str, Any] = {}

    def value(self, schema: Any, value: str, depth: int) -> None:
        """Add the statements that read a value into this variable."""
        schema = self._named.get(schema, schema) if isinstance(schema, str) else schema
        if isinstance(schema, list):
            self._optional(schema, value, depth)
            return
        kind = schema if isinstance(schema, str) else schema["type"]
        if isinstance(kind, dict | list):
            self.value(kind, value, depth)
        elif kind == "record":
            self._record(schema, value, depth)
        elif kind in ("array", "map"):
            self._items(schema, kind, value, depth)
        else:
            self._primitive(kind, value, depth)
        if isinstance(schema, dict) and (logical := schema.get("logicalType")):
            convert = self.constant(LOGICAL_READERS[f"{kind}-{logical}"])
            self.add(depth, f"{value} = {convert}({value}, {self.constant(schema)}, None)")

    def _optional(self, union: list[Any], value: str, depth: int) -> None:
        """Unions are of null and one type."""
        (branch,) = (branch for branch in union if branch != "null")
        null = 2 * union.index("null")
        self.add(depth, "n = b[p]; p += 1", f"if n == {null}: {value} = None", f"elif n == {2 - null}:")
        self.value(branch, value, depth + 1)
        self.add(depth, "else: raise ValueError('a type that the union does not have')")

    def _record(self, record: Any, value: str, depth: int) -> None:
        self._named[record["name"]] = record
        variables = [(field, self.unique_name("v")) for field in record["fields"]]
        for field, variable in variables:
            self.value(field["type"], variable, depth)
        pairs = (f"{field['name']!r}: {variable}" for field, variable in variables)
        self.add(depth, f"{value} = {{{', '.join(pairs)}}}")

    def _items(self, schema: Any, kind: str, value: str, depth: int) -> None:
        item, count = self.unique_name("v"), self.unique_name("n")
        self.add(depth, f"{value} = {'[]' if kind == 'array' else '{}'}")
        self._count_of_block(count, depth)
        self.add(depth, f"while {count}:")
        self.add(depth + 1, f"for _ in range({count}):")
        if kind == "array":
            self.value(schema["items"], item, depth + 2)
            self.add(depth + 2, f"{value}.append({item})")
        else:
            key = self.unique_name("v")
            self._primitive("string", key, depth + 2)
            self.value(schema["values"], item, depth + 2)
            self.add(depth + 2, f"{value}[{key}] = {item}")
        self._count_of_block(count, depth + 1)

    def _count_of_block(self, count: str, depth: int) -> None:
        """Most blocks have less than 64 items, and none of ours has a size."""
        self.add(depth, f"{count} = b[p]", f"if {count} < 128 and not {count} & 1: p += 1; {count} >>= 1")
        self.add(depth, f"else: {count}, p = read_count(b, p)")

    def _primitive(self, kind: str, value: str, depth: int) -> None:
        if kind in ("int", "long"):
            self.add(depth, f"{value} = b[p]")
            self.add(depth, f"if {value} < 128: p += 1; {value} = ({value} >> 1) ^ -({value} & 1)")
            self.add(depth, f"else: {value}, p = read_long(b, p)")
        elif kind in ("string", "bytes"):
            self.add(depth, "n = b[p]", "if n < 128 and not n & 1: p += 1; n >>= 1")
            self.add(depth, "else: n, p = read_size(b, p)", "e = p + n")
            self.add(depth, f"{value} = b[p:e]{'.decode()' if kind == 'string' else ''}; p = e")
        elif kind == "boolean":
            self.add(depth, f"{value} = b[p] != 0; p += 1")
        elif kind == "double":
            self.add(depth, f"{value} = double_from(b, p)[0]; p += 8")
        else:
            raise ValueError(f"no schema of ours has the type {kind}")


_SCOPE: dict[str, Any] = {
    "read_count": read_count,
    "read_long": read_long,
    "read_size": read_size,
    "double_from": struct.Struct("<d").unpack_from,
}
