"""Records with extreme values through all stages in process; what ends a stage is reported with its place."""

import json
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

from demo.shapes import pages as shapes
from demo.world import world
from demo.world.sizes import SIZES
from songnodes.domain.records import Page
from songnodes.errors import Poison
from songnodes.messaging import schemas
from tests.support import extreme_values, sample_records
from tests.support.in_process_stages import InProcessPipeline
from tests.support.page_records import page

#: Seconds of processor time for one record through all stages. Most take some milliseconds.
SLOW_S = 10.0
#: Records after which the stages are built again: a stage ends at 100 dead letters in a row.
FRESH_AFTER = 40
SEED = 20_261_128
AS_OF = sample_records.SEEN.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A record with one extreme value."""

    name: str
    topic: str
    key: str
    value: Any


@dataclass(slots=True)
class Findings:
    """Errors that ended a stage, by exception and place, with the first record that caused each."""

    first: dict[str, str] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)

    def note(self, case: Case, what: str) -> None:
        """Count a finding; only its first case is kept."""
        self.count[what] += 1
        self.first.setdefault(what, f"{case.topic}: {case.name}")

    def __str__(self) -> str:
        return "\n".join(
            f"{number:4} x {what}\n       {self.first[what]}" for what, number in self.count.most_common()
        )


@cache
def whole_pages() -> tuple[Page, ...]:
    """Return one page of each site and form of the demo's world."""
    small_world = world.make(SIZES["small"], AS_OF, SEED)
    chosen: dict[str, Page] = {}
    for body in shapes.of_world(small_world):
        record = page(body.body, url=body.url)
        form = f"{record['source']} {record['kind']} {body.content_type}"
        if form not in chosen or len(body.body) < len(chosen[form]["body"]):
            chosen[form] = record
    return tuple(chosen.values())


def page_edit(whole: Page, random: Random) -> tuple[str, bytes]:
    """Return one random edit of a page's body as (description, body)."""
    body = whole["body"]
    if body.lstrip()[:1] not in (b"{", b"["):
        return extreme_values.html_edit(body, random)
    value = json.loads(body)
    if isinstance(value, dict) and isinstance(value.get("source"), str) and random.random() < 0.7:
        name, text = extreme_values.wikitext_edit(value["source"], random)
        return name, json.dumps({**value, "source": text}).encode()
    return extreme_values.json_edit(value, random)


def page_cases(wholes: tuple[Page, ...], number: int, seed: int) -> Iterator[Case]:
    """Yield `number` pages, each with one extreme value, of all sources in turn."""
    for at in range(number):
        random = Random(f"{seed} page {at}")
        whole = wholes[at % len(wholes)]
        name, body = page_edit(whole, random)
        moment = whole["fetched_at"] + timedelta(seconds=at)
        edited = {**whole, "body": body, "sha256": sha256(body).hexdigest(), "fetched_at": moment}
        edited["observed_at"] = moment
        yield Case(
            name=f"{at} {whole['page_id']} {name}", topic="bronze.pages", key=whole["page_id"], value=edited
        )


@cache
def whole_records() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return one record of every topic with a schema, and its key: samples and outputs of the stages."""
    records: dict[str, tuple[str, dict[str, Any]]] = {}
    pipeline = InProcessPipeline()
    for whole in whole_pages():
        pipeline.publish("bronze.pages", whole["page_id"], whole)
    pipeline.run()
    for stage in pipeline.stages.values():
        for emitted in stage.outputs:
            size = len(repr(emitted.value))
            if emitted.value and (
                emitted.topic not in records or size < len(repr(records[emitted.topic][1]))
            ):
                records[emitted.topic] = (emitted.key, emitted.value)
    for topic, (key, record) in sample_records.SAMPLES.items():
        records[topic] = (str(record[key]), record)
    lent = sample_records.artist_answers()  # facts of answers, which the pages above have none of
    records["silver.artist_answers"] = (lent["artist_id"], lent)
    return records


def record_cases(number: int, seed: int, topics: tuple[str, ...] = ()) -> Iterator[Case]:
    """Yield `number` records that Avro can hold, each with one extreme value, of all topics in turn."""
    wholes = whole_records()
    names = topics or tuple(sorted(wholes))
    codec = InProcessPipeline().codec
    for at in range(number):
        random = Random(f"{seed} record {at}")
        topic = names[at % len(names)]
        key, whole = wholes[topic]
        name, edited = extreme_values.record_edit(schemas.newest(topic), whole, random)
        own = sample_records.SAMPLES[topic][0] if topic in sample_records.SAMPLES else None
        try:
            raw = codec.encode(topic, edited)
            key = str(edited[own]) if own else key
            key.encode()
        except (Poison, UnicodeEncodeError):
            continue
        yield Case(name=f"{at} {name}", topic=topic, key=key, value=raw)


def run_offline(cases: Iterator[Case], *, keep: Callable[[str, str, Any], None] | None = None) -> Findings:
    """Put each case through all stages; `keep` gets every output. An unforeseen dead letter is a finding."""
    findings = Findings()
    pipeline = InProcessPipeline()
    for at, case in enumerate(cases):
        if at % FRESH_AFTER == 0:
            pipeline = InProcessPipeline()
        before = [len(stage.dead_letters) for stage in pipeline.stages.values()]
        start = time.process_time()
        try:
            pipeline.publish(case.topic, case.key, case.value)
            pipeline.run()
            for stage in pipeline.stages.values():
                stage.commit()
        except Exception as error:  # the test is about any of them
            findings.note(case, place(error))
            pipeline = InProcessPipeline()
            continue
        if time.process_time() - start > SLOW_S:
            findings.note(case, f"took {time.process_time() - start:.0f} s")
        for stage, count in zip(pipeline.stages.values(), before, strict=True):
            for reason, _ in stage.dead_letters[count:]:
                findings.letters[reason.reason] += 1
                if reason.reason == "unforeseen":
                    findings.note(case, str(reason))
        if keep is not None:
            for stage in pipeline.stages.values():
                for emitted in stage.outputs:
                    keep(emitted.topic, emitted.key, emitted.value)
                stage.outputs.clear()
    return findings


def place(error: BaseException) -> str:
    """Return an exception with the last place of ours in its traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame for frame in frames if "/.venv/" not in frame.filename and "/lib/python" not in frame.filename
    ]
    last = (ours or list(frames))[-1]
    text = str(error)[:120].encode("ascii", "replace").decode()
    return f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}: {text}"
