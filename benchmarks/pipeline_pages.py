"""Pages for the benchmark of the pipeline, each with a track that no other page has."""

import dataclasses
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from demo import markup, sets
from demo.sets import DemoSet
from demo.tracks import DemoTrack
from songnodes.domain import ids
from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line
from songnodes.domain.records import Page
from songnodes.messaging.codec import Codec


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One page ready to be published, and the gold row that shows it is processed."""

    key: str
    value: bytes
    rows: int
    marker: str


def samples(codec: Codec, count: int, prefix: str) -> Iterator[Sample]:
    """Demo sets under ids of their own, each with a track that no other page has."""
    today, count_so_far = datetime.now(UTC), 0
    seed = 1
    while count_so_far < count:
        for page in sets.build_sets(today.date(), seed):
            if count_so_far >= count or page.version > 1:
                continue
            yield _sample(codec, page, f"{prefix}{seed:03d}{page.native_id}", today)
            count_so_far += 1
        seed += 1


def _sample(codec: Codec, page: DemoSet, native_id: str, now: datetime) -> Sample:
    own = _own_track(native_id)
    # a remark (an acappella) or a different spelling would make another track of the marker
    plain = (row for row in page.rows if row.track and row.state == "identified" and not row.parts)
    first = next(row for row in plain if row.note is None and row.spelling is None)
    rows = [dataclasses.replace(row, track=own) if row is first else row for row in page.rows]
    page_with_marker = dataclasses.replace(page, native_id=native_id, rows=tuple(rows))
    body = markup.render(page_with_marker).encode()
    sha256 = hashlib.sha256(body).hexdigest()
    page_id = f"1001tracklists:tracklist:{native_id}"
    value: Page = {
        "event_id": ids.page_event_id(page_id, sha256),
        "source": "1001tracklists",
        "observed_at": now - timedelta(minutes=1),
        "origin": {"kind": "request", "id": page_id, "parser_version": None},
        "pipeline_version": "benchmark",
        "page_id": page_id,
        "kind": "tracklist",
        "native_id": native_id,
        "url": markup.url(page_with_marker),
        "status": 200,
        "headers": {},
        "content_type": "text/html; charset=utf-8",
        "body": body,
        "sha256": sha256,
        "fetched_at": now - timedelta(minutes=1),
        "fetcher": "saved",
        "robots": None,
        "scraper_version": "benchmark",
    }
    marker = track_id(read_line(own.line))
    if marker is None:
        raise ValueError(native_id)
    return Sample(key=page_id, value=codec.encode("bronze.pages", value), rows=len(rows), marker=marker)


def _own_track(native_id: str) -> DemoTrack:
    return DemoTrack(artists=(f"Maker {native_id}",), title=f"Marker {native_id}")
