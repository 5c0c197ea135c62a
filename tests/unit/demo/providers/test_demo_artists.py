"""Artists of the catalogue through the whole chain in memory, against the truth and the traps."""

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from demo import artist_score
from demo.providers import Holdings, Providers
from demo.providers.people import credited_mbid
from demo.world import world
from demo.world.sizes import SIZES
from enrichment.plan import ArtistQuestion
from enrichment.plan.types import question_of
from enrichment.providers import ALL
from enrichment.worker.batches import Batches
from enrichment.worker.track import SubjectArchive, TrackWorker
from songnodes.clock import ManualClock
from songnodes.domain import artist_answers, artist_requests, artists
from songnodes.domain.answers import AnswerEntry
from songnodes.domain.artist_record import artist_record
from songnodes.domain.artists import ArtistTotal
from songnodes.domain.identity import artist_id
from songnodes.domain.records import Artist, ArtistAnswer
from songnodes.domain.waterfall import DEFAULT
from tests.support.provider_client import NOW, ProviderClient
from tests.unit.demo.providers.conftest import AS_OF
from tests.unit.demo.providers.test_demo_chain import WITHOUT_SPOTIFY, question

#: Artists of the small world that are taken.
TRACKS = 250


def totals_of(entries: Iterable[AnswerEntry]) -> dict[str, ArtistTotal]:
    """Return the totals of the artists that answers about tracks have ids for."""
    totals: dict[str, ArtistTotal] = {}
    for lent_to, lent in artist_answers.by_artist(entries).items():
        answers: dict[str, ArtistAnswer] = artist_answers.newest({}, lent)
        name = lent[0]["name"]
        totals[lent_to] = {**artists.empty(), "names": {name: 1}, "producer_sets": 1, "answers": answers}
    return totals


@pytest.fixture(scope="module")
def small() -> Holdings:
    return Holdings(world.make(SIZES["small"], AS_OF))


@pytest.fixture(scope="module")
def rows(small: Holdings) -> dict[str, Artist]:
    """Return the records of the artists, whose profiles came from the local providers."""
    waterfall = DEFAULT.with_enabled(WITHOUT_SPOTIFY)
    batches, off = Batches(ProviderClient(Providers(small)), ALL), {"spotify": "off"}
    worker = TrackWorker(batches, ALL, waterfall, lambda: off, ManualClock(NOW))

    async def entries_of(subject: object) -> list[AnswerEntry]:
        archive = SubjectArchive()
        await worker.enrich(subject, archive, wait=True)  # type: ignore[arg-type]
        again = await worker.enrich(subject, archive, wait=True)  # type: ignore[arg-type]
        assert again.answers == 0  # nothing archived is asked again
        return archive.entries

    async def all_rows() -> dict[str, Artist]:
        recordings = list(small.played.values())[:TRACKS]
        archives = await asyncio.gather(*(entries_of(question(recording)) for recording in recordings))
        totals = totals_of(entry for archive in archives for entry in archive)
        for lent_to, total in totals.items():
            request = artist_requests.request(lent_to, total, NOW, "test")
            if request is None:
                continue
            subject = question_of(request, frozenset())
            assert isinstance(subject, ArtistQuestion)
            own = [artist_answers.own_entry(entry) for entry in await entries_of(subject)]
            kept = artist_answers.newest({}, [answer for entry in own for answer in entry["answers"]])
            totals[lent_to] = {**total, "own_answers": kept}
        at = datetime(2026, 11, 29, tzinfo=UTC)
        return {lent_to: artist_record(lent_to, 1, total, at, "test") for lent_to, total in totals.items()}

    return asyncio.run(all_rows())


def test_the_values_are_those_of_the_world(small: Holdings, rows: dict[str, Artist]) -> None:
    for measure in artist_score.score(small, rows, WITHOUT_SPOTIFY):
        assert measure.returned > 5, measure
        assert (measure.precision or 0) == 1.0, measure


def test_of_the_artists_with_an_id_nearly_all_have_values(small: Holdings, rows: dict[str, Artist]) -> None:
    with_id = [
        artist
        for artist in small.artists.values()
        if artist.namesake_mbid is None
        and any(
            native.startswith("musicbrainz:")
            for native in rows.get(artist_id(artist.name), {}).get("native_ids", ())  # type: ignore[call-overload]
        )
    ]
    missing = [artist.name for artist in with_id if rows[artist_id(artist.name)]["artist_type"] is None]
    assert len(with_id) > 30
    assert missing == []


def test_namesakes_are_a_conflict_and_merged_ids_are_none(small: Holdings, rows: dict[str, Artist]) -> None:
    conflicts = [row for row in rows.values() if "musicbrainz" in row["id_conflicts"]]
    by_id = {artist_id(artist.name): artist for artist in small.artists.values()}
    for row in conflicts:
        assert by_id[row["artist_id"]].namesake_mbid is not None, row
        assert (row["country"], row["artist_type"], row["genres"]) == (None, None, [])
    merged = [by_id[key] for key in rows if key in by_id and by_id[key].old_mbid]
    assert conflicts and merged
    for artist in merged:
        assert "musicbrainz" not in rows[artist_id(artist.name)]["id_conflicts"]


def test_some_recordings_credit_an_old_id(small: Holdings) -> None:
    credited = {
        credited_mbid(name, recording) == artist.old_mbid
        for recording in small.played.values()
        for name in recording.artists
        for artist in (small.artists[name],)
        if artist.old_mbid
    }
    assert credited == {False, True}


def test_the_memory_of_an_answer_is_bounded(rows: dict[str, Artist]) -> None:
    sizes = [len(json.dumps(row, default=str)) for row in rows.values()]
    assert max(sizes) < 20_000
