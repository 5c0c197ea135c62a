"""Avro decoders, generated once per schema, for values that were written with this schema.

They return the same values as fastavro in two fifths to four fifths of its time (benchmarks/RESULTS.md).
Fields that the reader does not name are skipped, which takes a fraction of decoding them.
"""

import json
import struct
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final

import fastavro
from fastavro.read import LOGICAL_READERS

from songnodes.messaging.record_fields import Fields, inner_fields, is_read
from songnodes.source_generator import SourceGenerator

Decode = Callable[[bytes, int], tuple[Any, int]]
"""Return the value that begins at a position of the bytes, and the position after it, which is beyond the
bytes when they are cut off. Raises ValueError, IndexError, OverflowError or struct.error for other bytes."""

MAX_DECODERS = 256
MAX_MOMENTS = 4096
LONG_BITS: Final = 64
_SHIFTS: Final = tuple(range(0, LONG_BITS, 7))  # of the bytes of an integer
#: Bits of a byte that is not the whole of a size or count: more bytes follow, or it is negative.
_MORE: Final = 0b1000_0001


def read_long(raw: bytes, position: int) -> tuple[int, int]:
    """Return the integer at a position, and the position after it. Raises OverflowError, IndexError."""
    number = 0
    for shift in _SHIFTS:
        byte = raw[position]
        position += 1
        if byte < 128:
            number |= byte << shift
            break
        number |= (byte & 127) << shift
    if byte > 127 or number >> LONG_BITS:
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


def decoder(schema: Any, fields: Fields = None) -> Decode:
    """Return the decoder of a schema. Its values have these fields only; of others, the bytes are skipped."""
    return _decoder(json.dumps(schema), json.dumps(fields))


@lru_cache(MAX_DECODERS)
def _decoder(schema: str, fields: str) -> Decode:
    generator = _Generator()
    generator.value(fastavro.parse_schema(json.loads(schema)), "v", 1, json.loads(fields))
    source = "\n".join(["def decode(b, p):", *generator.lines, "  return v, p"])
    scope = {**_SCOPE, **generator.constants}
    exec(source, scope)  # noqa: S102  # of our schemas, never of input
    decode: Decode = scope["decode"]
    return decode


@cache
def _moment_reader(kind: str, logical: str) -> Callable[[int], Any]:
    """Return the function from a number to its moment or day. The records of a page share most of them."""
    read = LOGICAL_READERS[f"{kind}-{logical}"]
    return lru_cache(MAX_MOMENTS)(lambda number: read(number, None, None))


class _Generator(SourceGenerator):
    """Writes the statements that read one value of the bytes `b` from the position `p` into a variable."""

    def __init__(self) -> None:
        super().__init__()
        self._named: dict[str, Any] = {}

    def value(self, schema: Any, value: str, depth: int, fields: Fields = None) -> None:
        """Add the statements that read a value into this variable."""
        schema = self._named.get(schema, schema) if isinstance(schema, str) else schema
        if isinstance(schema, list):
            self._optional(schema, value, depth, fields)
            return
        kind = schema if isinstance(schema, str) else schema["type"]
        if isinstance(kind, dict | list):
            self.value(kind, value, depth, fields)
        elif kind == "record":
            self._record(schema, value, depth, fields)
        elif kind in ("array", "map"):
            self._items(schema, kind, value, depth, fields)
        else:
            self._primitive(kind, value, depth)
        if isinstance(schema, dict) and (logical := schema.get("logicalType")):
            self.add(depth, f"{value} = {self.constant(_moment_reader(kind, logical))}({value})")

    def _optional(self, union: list[Any], value: str, depth: int, fields: Fields) -> None:
        """Unions are of null and one type."""
        (branch,) = (branch for branch in union if branch != "null")
        null = 2 * union.index("null")
        self.add(depth, "n = b[p]; p += 1", f"if n == {null}: {value} = None", f"elif n == {2 - null}:")
        self.value(branch, value, depth + 1, fields)
        self.add(depth, "else: raise ValueError('a type that the union does not have')")

    def _record(self, record: Any, value: str, depth: int, fields: Fields) -> None:
        self._named[record["name"]] = record
        pairs = []
        for field in record["fields"]:
            if not is_read(fields, field["name"]):
                self.skip(field["type"], depth)
                continue
            variable = self.unique_name("v")
            self.value(field["type"], variable, depth, inner_fields(fields, field["name"]))
            pairs.append(f"{field['name']!r}: {variable}")
        self.add(depth, f"{value} = {{{', '.join(pairs)}}}")

    def _items(self, schema: Any, kind: str, value: str, depth: int, fields: Fields) -> None:
        item, count = self.unique_name("v"), self.unique_name("n")
        self.add(depth, f"{value} = {'[]' if kind == 'array' else '{}'}")
        self._count_of_block(count, depth)
        self.add(depth, f"while {count}:")
        self.add(depth + 1, f"for _ in range({count}):")
        if kind == "array":
            self.value(schema["items"], item, depth + 2, fields)
            self.add(depth + 2, f"{value}.append({item})")
        else:
            key = self.unique_name("v")
            self._primitive("string", key, depth + 2)
            self.value(schema["values"], item, depth + 2, fields)
            self.add(depth + 2, f"{value}[{key}] = {item}")
        self._count_of_block(count, depth + 1)

    def skip(self, schema: Any, depth: int) -> None:
        """Add the statements that move the position behind a value."""
        schema = self._named.get(schema, schema) if isinstance(schema, str) else schema
        if isinstance(schema, list):
            (branch,) = (branch for branch in schema if branch != "null")
            null = 2 * schema.index("null")
            self.add(depth, "n = b[p]; p += 1", f"if n == {2 - null}:")
            self.skip(branch, depth + 1)
            self.add(depth, f"elif n != {null}: raise ValueError('a type that the union does not have')")
            return
        kind = schema if isinstance(schema, str) else schema["type"]
        if isinstance(kind, dict | list):
            self.skip(kind, depth)
        elif kind == "record":
            self._named[schema["name"]] = schema
            for field in schema["fields"]:
                self.skip(field["type"], depth)
        elif kind in ("array", "map"):
            self._skip_items(schema, kind, depth)
        else:
            self._skip_primitive(kind, depth)

    def _skip_items(self, schema: Any, kind: str, depth: int) -> None:
        count = self.unique_name("n")
        self._count_of_block(count, depth)
        self.add(depth, f"while {count}:")
        self.add(depth + 1, f"for _ in range({count}):")
        self.add(depth + 2, "b[p]")  # ends a loop of very many items behind the bytes
        if kind == "map":
            self._skip_primitive("string", depth + 2)
        self.skip(schema["items" if kind == "array" else "values"], depth + 2)
        self._count_of_block(count, depth + 1)

    def _skip_primitive(self, kind: str, depth: int) -> None:
        if kind in ("int", "long"):
            self.add(depth, "while b[p] > 127: p += 1", "p += 1")
        elif kind in ("string", "bytes"):
            self.add(depth, "n = b[p]", f"if n & {_MORE}: n, p = read_size(b, p); p += n")
            self.add(depth, "else: p += 1 + (n >> 1)")
        else:
            self.add(depth, f"p += {_SIZES[kind]}")

    def _count_of_block(self, count: str, depth: int) -> None:
        """Most blocks have less than 64 items, and none of ours has a size."""
        self.add(depth, f"{count} = b[p]", f"if {count} & {_MORE}: {count}, p = read_count(b, p)")
        self.add(depth, f"else: p += 1; {count} >>= 1")

    def _primitive(self, kind: str, value: str, depth: int) -> None:
        if kind in ("int", "long"):
            self.add(depth, f"{value} = b[p]")
            self.add(depth, f"if {value} < 128: p += 1; {value} = ({value} >> 1) ^ -({value} & 1)")
            self.add(depth, f"else: {value}, p = read_long(b, p)")
        elif kind in ("string", "bytes"):
            self.add(depth, "n = b[p]", f"if n & {_MORE}: n, p = read_size(b, p)")
            self.add(depth, "else: p += 1; n >>= 1", "e = p + n")
            self.add(depth, f"{value} = b[p:e]{'.decode()' if kind == 'string' else ''}; p = e")
        elif kind == "boolean":
            self.add(depth, f"{value} = b[p] != 0; p += 1")
        elif kind == "double":
            self.add(depth, f"{value} = double_from(b, p)[0]; p += 8")
        else:
            raise ValueError(f"no schema of ours has the type {kind}")


#: Bytes of the values of a type.
_SIZES: Final = {"boolean": 1, "double": 8}
_SCOPE: dict[str, Any] = {
    "read_count": read_count,
    "read_long": read_long,
    "read_size": read_size,
    "double_from": struct.Struct("<d").unpack_from,
}
