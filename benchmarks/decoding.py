"""Records encoded and decoded: `python -m benchmarks.decoding`.

Decoded with and without the check of their domain; encoded and decoded by generated functions and fastavro.
One record of each topic on the way of a set, those with rows with 40 of them. The best of several interleaved
rounds of processor time: what the code takes, not what runs next to it.
"""

import io
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import fastavro

from songnodes.messaging import ranges, schemas
from songnodes.messaging.avro_decoding import decoder
from songnodes.messaging.avro_encoding import encoder
from songnodes.messaging.codec import Codec

#: Of the tests, which are checked less strictly than this.
codecs: Any = import_module("tests.support.codecs")
value_fuzz: Any = import_module("tests.support.value_fuzz")

TOPICS = (
    *("bronze.pages", "bronze.tracklists", "silver.playlists", "silver.appearances", "silver.credits"),
    *("silver.tracks", "gold.tracks"),
)
ROUNDS = 9
ROUND_S = 0.1
ROWS = 40


def unchecked() -> Codec:
    """Return a codec that takes every value that Avro can hold."""
    codec: Codec = codecs.offline()
    codec._check_of = lambda _subject, _reads: _accept
    return codec


def _accept(_value: Mapping[str, Any]) -> None:
    return None


def best_of(calls: list[Callable[[], object]]) -> list[float]:
    """Return the least processor seconds per call of each, in interleaved rounds."""
    seconds = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for at, call in enumerate(calls):
            number, start = 0, time.process_time()
            while (spent := time.process_time() - start) < ROUND_S:
                for _ in range(10):
                    call()
                number += 10
            seconds[at] = min(seconds[at], spent / number)
    return seconds


def example(topic: str) -> dict[str, Any]:
    """Return a record of a topic."""
    value = dict(value_fuzz.whole_records()[topic][1])
    if "rows" in value:
        value["rows"] = (value["rows"] * ROWS)[:ROWS]
    return value


def with_check(topic: str) -> str:
    """Return the row of a topic in the table of checks."""
    checked, bare = codecs.offline(), unchecked()
    raw = checked.encode(topic, example(topic))
    assert ranges.checker(schemas.newest(topic))(example(topic)) is None
    seconds, without = best_of([partial(codec.decode, topic, raw) for codec in (checked, bare)])
    return f"| {topic} | {len(raw)} | {1 / seconds:,.0f} | {1 / without:,.0f} | {without / seconds:.2f} |"


def write_with_fastavro(schema: Any, value: Any) -> bytes:
    """Return the bytes of a record."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()


def read_with_fastavro(schema: Any, raw: bytes) -> Any:
    """Return the record of these bytes."""
    return fastavro.schemaless_reader(io.BytesIO(raw), schema, None)


def with_fastavro(topic: str) -> str:
    """Return the row of a topic in the table of generated functions, in microseconds per record."""
    schema, value = fastavro.parse_schema(schemas.newest(topic)), example(topic)
    encode, decode = encoder(schemas.newest(topic)), decoder(schemas.newest(topic))
    raw = encode(value, b"")
    assert raw == write_with_fastavro(schema, value)
    assert decode(raw, 0) == (read_with_fastavro(schema, raw), len(raw))
    calls: list[Callable[[], object]] = [
        partial(encode, value, b""),
        partial(write_with_fastavro, schema, value),
        partial(decode, raw, 0),
        partial(read_with_fastavro, schema, raw),
    ]
    return f"| {topic} | {' | '.join(f'{seconds * 1e6:.1f}' for seconds in best_of(calls))} |"


def main() -> None:
    """Print the tables of RESULTS.md."""
    print("| topic | bytes | records/s | without the check | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for topic in TOPICS:
        print(with_check(topic))
    print("\n| topic | µs to encode | fastavro | µs to decode | fastavro |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for topic in TOPICS:
        print(with_fastavro(topic))


if __name__ == "__main__":
    main()
