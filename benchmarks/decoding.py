"""Records decoded per second, with and without the check of their domain: `python -m benchmarks.decoding`.

One record of each topic on the way of a set, those with rows with 40 of them. The best of several interleaved
rounds of processor time: what the code takes, not what runs next to it.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

from songnodes.messaging import ranges, schemas
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
    codec._checks = dict.fromkeys(schemas.subjects(), _accept)
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


def main() -> None:
    """Print the table of RESULTS.md."""
    checked, bare = codecs.offline(), unchecked()
    print("| topic | bytes | records/s | without the check | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for topic in TOPICS:
        value = dict(value_fuzz.whole_records()[topic][1])
        if "rows" in value:
            value["rows"] = (value["rows"] * ROWS)[:ROWS]
        raw = checked.encode(topic, value)
        assert ranges.checker(schemas.newest(topic))(value) is None
        with_check, without = best_of([partial(codec.decode, topic, raw) for codec in (checked, bare)])
        rates = f"{1 / with_check:,.0f} | {1 / without:,.0f} | {without / with_check:.2f}"
        print(f"| {topic} | {len(raw)} | {rates} |")


if __name__ == "__main__":
    main()
