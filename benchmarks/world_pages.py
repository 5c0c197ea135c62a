"""Pages of an invented world in files: `python -m benchmarks.world_pages --out DIR [--size large]`.

The large world has 40,000 sets: 64,579 pages with 1.2 million rows. A file has the pages of some sets and the
records that are parsed from them, as Avro without the header, whose schema ids each registry gives anew. So
one generation serves many runs, which publish without rendering and parsing. Files that exist are kept.
"""

import argparse
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

from benchmarks.own_servers import publish
from demo.shapes import pages
from demo.shapes.pages import Body
from demo.world import site_playlists, world
from demo.world.sizes import SIZES
from demo.world.world import World
from operations.rebuild import silver
from operations.rebuild.part_files import Part, PartRecord, PartWriter, read_part
from producers import responses, sources
from producers.responses import Response
from producers.sources.page import Material
from songnodes.domain.records import Page
from songnodes.errors import Poison
from songnodes.messaging import schemas, topics
from songnodes.messaging.codec import HEADER, MAGIC, Codec
from songnodes.settings import Settings

#: Of the tests, which are checked less strictly than this.
codecs: Any = import_module("tests.support.codecs")

SETS_PER_FILE = 1_000  # even: the sets of one night are neighbours
PROCESSES = 2
PART = Part(0, 0)


@dataclass(frozen=True, slots=True)
class Generated:
    """Number of pages of a file, of those without records, of rows, and processor seconds of parse."""

    pages: int
    refused: int
    rows: int
    parse_s: float


def bodies(made: World, first: int, end: int) -> Iterator[Body]:
    """Yield the pages of a range of sets."""
    listed = ""
    for number in range(first, end):
        true = made.set(number)
        for site_playlist in site_playlists.of_set(made, true):
            yield from pages.of_playlist(made, site_playlist)
        if true.event and true.event.listed and true.event.native_id != listed:
            listed = true.event.native_id
            yield pages.of_event(true.event)


def page_of(body: Body) -> Page:
    """Return the record that `songnodes ingest` publishes for a saved page."""
    material = Material(body.body, url=body.url, content_type=body.content_type)
    page_ref = sources.recognise(material)
    if page_ref is None:
        raise ValueError(body.name)
    response = Response(
        url=body.url,
        status=200,
        headers={"content-type": body.content_type},
        content_type=body.content_type,
        body=body.body,
        fetched_at=body.fetched_at,
        fetcher="saved",
    )
    return responses.page(response, material, page_ref)


def generate(directory: Path, size: str, as_of: date, number: int) -> Generated:
    """Write the file of one range of sets."""
    invented = world.make(SIZES[size], as_of)
    codec: Codec = codecs.offline()
    first = number * SETS_PER_FILE
    page_count = refused = rows = 0
    parse_s = 0.0
    with PartWriter(directory / f"sets-{number:03d}") as writer:

        def write(topic: str, key: str, value: Any) -> None:
            raw = codec.encode(topic, value)[HEADER.size :]
            writer.write(PART, PartRecord(topic, 0, 0, 0, key.encode(), raw))

        for body in bodies(invented, first, min(first + SETS_PER_FILE, invented.size.sets)):
            page = page_of(body)
            page_count += 1
            started = time.process_time()
            try:
                outputs = sources.parse(page)
            except Poison:
                refused, outputs = refused + 1, []
            parse_s += time.process_time() - started
            write(silver.PAGES, page["page_id"], page)
            for topic, key, value in outputs:
                write(topic, key, value)
                rows += len(value.get("rows", ()))
    return Generated(page_count, refused, rows, parse_s)


def files(directory: Path) -> list[Path]:
    """Return the files of a world, in order."""
    return sorted(path for path in directory.iterdir() if path.suffix != ".partial")


def publish_file(
    settings: Settings, ids: dict[str, int], path: Path, chosen: Collection[str] = ()
) -> dict[str, int]:
    """Publish the records of one file; return their numbers by topic. `chosen` limits the topics."""
    counts: dict[str, int] = {}

    def records() -> Iterator[PartRecord]:
        for record in read_part([path], PART):
            if chosen and record.topic not in chosen:
                continue
            counts[record.topic] = counts.get(record.topic, 0) + 1
            header = HEADER.pack(MAGIC, ids[topics.topic(record.topic).schema or ""])
            name = topics.physical(record.topic, settings)
            yield PartRecord(name, 0, 0, 0, record.key, header + (record.value or b""))

    publish(settings, records())
    return counts


def publish_world(settings: Settings, directory: Path) -> dict[str, int]:
    """Publish all files side by side; return the numbers of records by topic."""
    with schemas.client(settings) as registry:
        ids = schemas.known_ids(registry)
    sums: dict[str, int] = {}
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as executor:
        for counts in executor.map(partial(publish_file, settings, ids), files(directory)):
            for topic, count in counts.items():
                sums[topic] = sums.get(topic, 0) + count
    return sums


def parse_ms(directory: Path, count: int = 1_000) -> float:
    """Return the processor time of parse per page over the first pages: the yardstick of the machine."""
    codec: Codec = codecs.offline()
    header = codec.encode(silver.PAGES, page_of(next(bodies(_small(), 0, 1))))[: HEADER.size]
    parse_s, parsed = 0.0, 0
    for path in files(directory):
        for record in read_part([path], PART):
            if record.topic != silver.PAGES:
                continue
            page = cast(Page, codec.decode(silver.PAGES, header + (record.value or b"")))
            started = time.process_time()
            with suppress(Poison):
                sources.parse(page)
            parse_s += time.process_time() - started
            parsed += 1
            if parsed == count:
                return parse_s / parsed * 1000
    return parse_s / max(1, parsed) * 1000


def _small() -> World:
    return world.make(SIZES["small"], datetime.now(UTC).date())


def main() -> None:
    """Generate the files that are not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", choices=SIZES, default="large")
    parser.add_argument("--as-of", type=date.fromisoformat, default=datetime.now(UTC).date())
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    numbers = [
        number
        for number in range(-(-SIZES[options.size].sets // SETS_PER_FILE))
        if not (options.out / f"sets-{number:03d}").exists()
    ]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as executor:
        run = partial(generate, options.out, options.size, options.as_of)
        futures = {executor.submit(run, number): number for number in numbers}
        for future in as_completed(futures):
            print(futures[future], future.result(), flush=True)


if __name__ == "__main__":
    main()
