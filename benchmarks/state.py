"""Values of tables encoded and decoded, packed and in Avro: `python -m benchmarks.state`.

The values are the state of all tables after the pages of the demo's small world. The best of several
interleaved rounds of processor time, per value.
"""

import io
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import cramjam
import fastavro

from benchmarks.decoding import best_of
from benchmarks.summary import table
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import SchemaValues

#: Of the tests, which are checked less strictly than this.
value_fuzz: Any = import_module("tests.support.value_fuzz")
page_records: Any = import_module("tests.support.page_records")
in_process: Any = import_module("tests.support.in_process_stages")
shapes: Any = import_module("demo.shapes.pages")
world: Any = import_module("demo.world.world")
sizes: Any = import_module("demo.world.sizes")

#: The end of a schema's name by the kind of key: of the tables with one kind, nothing.
SUFFIXES = {b"p": "", b"v": "", b"t": ".total", b"e": ".entry"}
SAMPLE = 300  # values per schema
HEAD = (
    *("schema", "µs to encode, Avro", "packed", "µs to decode, Avro", "packed"),
    *("bytes, Avro", "packed", "lz4, Avro", "packed"),
)


def stored_values() -> dict[str, list[Any]]:
    """Return the decoded values by schema."""
    pipeline = in_process.InProcessPipeline()
    for body in shapes.of_world(world.make(sizes.SIZES["small"], value_fuzz.AS_OF, value_fuzz.SEED)):
        page = page_records.page(body.body, url=body.url)
        pipeline.publish("bronze.pages", page["page_id"], page)
    pipeline.run()
    values: dict[str, list[Any]] = defaultdict(list)
    for stage_name, driver in pipeline.stages.items():
        driver.commit()
        for stage_table in driver._stage.tables.values():
            for key, value in stage_table.stores[0].scan(b""):
                values[f"{stage_name}.{stage_table.name}{SUFFIXES[key[:1]]}"].append(value)
    return {name: every_nth(sample) for name, sample in values.items()}


def every_nth(values: list[Any]) -> list[Any]:
    """Return a sample of values."""
    return values[:: max(1, len(values) // SAMPLE)][:SAMPLE]


def avro_encode(schema: Any, value: Any) -> bytes:
    """Return a value in Avro."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()


def avro_decode(schema: Any, raw: bytes) -> Any:
    """Return the value of Avro bytes."""
    return fastavro.schemaless_reader(io.BytesIO(raw), schema, None)


def for_all(call: Callable[[Any], object], values: list[Any]) -> None:
    """Call a function with each value."""
    for value in values:
        call(value)


def compressed(raws: list[bytes]) -> int:
    """Return the bytes per value after lz4, as producers send them."""
    return len(bytes(cramjam.lz4.compress(b"".join(raws)))) // len(raws)


def row(name: str, values: list[Any]) -> tuple[str, ...]:
    """Measure one schema."""
    versions = state_schemas(name)
    schema, codec = fastavro.parse_schema(versions[-1]), SchemaValues({b"k": versions})
    avro = [avro_encode(schema, value) for value in values]
    packed = [codec.encode(b"k", value) for value in values]
    decoded = [codec.decode(b"k", raw) for raw in packed]
    assert decoded == [avro_decode(schema, raw) for raw in avro], name
    calls = (
        partial(for_all, partial(avro_encode, schema), values),
        partial(for_all, partial(codec.encode, b"k"), values),
        partial(for_all, partial(avro_decode, schema), avro),
        partial(for_all, partial(codec.decode, b"k"), packed),
    )
    times = (f"{seconds / len(values) * 1e6:.1f}" for seconds in best_of(list(calls)))
    sizes_of = (sum(map(len, raws)) // len(raws) for raws in (avro, packed))
    return (name, *times, *map(str, sizes_of), *map(str, map(compressed, (avro, packed))))


def main() -> None:
    """Print the table of RESULTS.md."""
    print(table(HEAD, [row(name, values) for name, values in sorted(stored_values().items())]))


if __name__ == "__main__":
    main()
