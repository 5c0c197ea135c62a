"""A playlist as a document that changes: stored records, emitted playlists, retracted names."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain import facts, ids, lines
from songnodes.domain import rows as playlist_rows
from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line
from songnodes.domain.lines.steps import MAX_LINE
from songnodes.domain.records import Playlist, Resolution, Tracklist, TracklistRow
from tests.support.stored_playlist import StoredPlaylist

T0 = datetime(2026, 10, 1, tzinfo=UTC)


def row(ordinal: int, text: str | None, **changes: Any) -> TracklistRow:
    defaults: TracklistRow = {
        "row_key": f"r{ordinal}",
        "ordinal": ordinal,
        "number": ordinal + 1,
        "text": text,
        "artist_text": None,
        "version_note": None,
        "label": None,
        "label_parent": None,
        "duration_seconds": None,
        "genre": None,
        "cue_text": None,
        "cue_seconds": None,
        "cue_grain": None,
        "joined": False,
        "mashup": False,
        "parent_row_key": None,
        "marked_identified": text is not None,
        "native_track_id": None,
        "native_artist_names": [],
        "ids": {},
        "values": {},
        "part": None,
        "warnings": [],
        "fragment": f"<div>{text}</div>",
        "gap": False,
        "versions": [],
    }
    return {**defaults, **changes}  # type: ignore[typeddict-item]  # fields by name


def tracklist(
    texts: Sequence[str | None], *, hours: int = 0, djs: tuple[str, ...] = ("Ada",), **header: Any
) -> Tracklist:
    rows = [row(index, text) for index, text in enumerate(texts)]
    head = {
        "title": "Ada @ Cellar",
        "mix_name": "Cellar",
        "date_text": "2026-09-30",
        "djs": [{"name": name, "native_id": None, "url": None} for name in djs],
        "event_name": None,
        "venue": None,
        "city": None,
        "country": None,
        "set_type": None,
        "styles": [],
        "declared_tracks": len(rows),
        "duration_seconds": None,
        "recordings": [],
        **header,
    }
    content = ids.content_hash({"header": head, "rows": rows})
    return {
        "event_id": ids.event_id("test", content, str(hours)),
        "source": "test",
        "observed_at": T0 + timedelta(hours=hours),
        "origin": {"kind": "page", "id": "p", "parser_version": 1},
        "pipeline_version": "0",
        "playlist_id": "test:1",
        "page_id": "test:tracklist:1",
        "page_kind": "tracklist",
        "page_sha256": content,
        "url": "https://example.invalid/1",
        "parser_version": 1,
        "content_hash": content,
        "header": head,  # type: ignore[typeddict-item]
        "rows": rows,
        "counters": {"views": hours},
        "warnings": [],
        "rows_from": "page",
        "completeness": None,
        "categories": [],
        "attribution": None,
        "media": [],
        "identical_to": [],
    }


def resolution(tracks: dict[str, str], **changes: Any) -> Resolution:
    base = {
        "event_id": "r",
        "source": "resolver",
        "observed_at": T0,
        "origin": {"kind": "decision", "id": "d", "parser_version": None},
        "pipeline_version": "0",
        "playlist_id": "test:1",
        "tracks": tracks,
        "set_id": None,
        "counted": True,
        "ra_event_id": None,
    }
    return cast(Resolution, {**base, **changes})


def take(state: StoredPlaylist, offset: int, record: Tracklist | Resolution) -> Playlist | None:
    emit = (
        state.apply_tracklist(record, offset)  # type: ignore[arg-type]
        if "rows" in record
        else state.apply_resolution(record, offset)
    )
    return state.build("0") if emit else None


def track_ids(playlist: Playlist) -> list[str | None]:
    return [entry["track_id"] for entry in playlist["rows"]]


def test_genres_of_a_set_are_those_of_the_tree_and_styles_the_text_of_the_page() -> None:
    page = tracklist(["Ada - One", "Bo - Two", "Cy - Three"], styles=["2026", "Tech House", "TechHouse"])
    for entry, genre in zip(page["rows"], ("Techno", "House Music", "techno"), strict=True):
        entry["genre"] = genre
    playlist = take(StoredPlaylist(), 0, page)
    assert playlist is not None
    assert playlist["genres"] == ["tech house", "techno", "house"]
    assert playlist["styles"] == ["2026", "Tech House", "TechHouse"]


def test_a_newer_page_replaces_the_older_and_lists_retracted_tracks() -> None:
    state = StoredPlaylist()
    first = take(state, 0, tracklist(["Ada - One", "Bo - Two"]))
    second = take(state, 1, tracklist(["Ada - One", "Cy - Three"], hours=1, djs=("Bo",)))
    assert first is not None
    assert second is not None
    assert second["version"] > first["version"]
    assert second["gone"]["tracks"] == [track_ids(first)[1]]
    assert second["gone"]["djs"] == [first["djs"][0]["artist_id"]]
    assert [fact["gone"] for fact in facts.PlaylistFacts(second, "0").of_tracks()].count(True) == 1


def test_a_newer_parser_reads_equal_rows_again() -> None:
    """A reparse after the rules changed must yield the same result as a fresh ingest."""
    state = StoredPlaylist()
    first = tracklist(["A - B"])
    assert state.apply_tracklist(first, 0)
    reparsed = {**first, "parser_version": 2}
    assert state.apply_tracklist(reparsed, 1)  # type: ignore[arg-type]  # one field replaced
    assert not state.apply_tracklist(first, 2)
    assert state.build("code")["parser_version"] == 2  # type: ignore[index]


def test_a_line_that_is_too_long_is_read_and_not_remembered() -> None:
    playlist_rows._identified.cache_clear()
    lines._remembered.cache_clear()
    for size, remembered in ((MAX_LINE, 1), (MAX_LINE + 1, 1)):
        text = "Artist - " + "t" * (size - 9)
        assert playlist_rows.read(row(1, text)).raw == text == read_line(text).raw
        assert playlist_rows._identified.cache_info().currsize == remembered
        assert lines._remembered.cache_info().currsize == remembered


def test_a_row_is_remembered_once() -> None:
    lines._remembered.cache_clear()
    line = playlist_rows.read(row(1, "Ada - Song (Bo Remix) [Label]"))
    assert lines._remembered.cache_info().currsize == 0
    assert read_line("Ada - Song (Bo Remix) [Label]") == line


def test_a_reparse_yields_the_rows_of_a_fresh_ingest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = tracklist(["Ada - Song Pt. 2", "Bo - Other"])
    newer: Any = {**page, "parser_version": 2}
    state, fresh = StoredPlaylist(), StoredPlaylist()
    with monkeypatch.context() as older:
        older.setattr("songnodes.domain.identity.with_part_numbers", str)
        playlist_rows._identified.cache_clear()  # the code of a process does not change otherwise
        assert state.apply_tracklist(page, 0)
        before = state.build("code")
    playlist_rows._identified.cache_clear()
    assert state.apply_tracklist(newer, 1) and fresh.apply_tracklist(newer, 0)
    after, wanted = state.build("code"), fresh.build("code")
    assert before and after and wanted
    assert after["rows"] == wanted["rows"] != before["rows"]
    assert after["gone"]["tracks"] == [before["rows"][0]["track_id"]]


def test_an_older_page_and_equal_content_change_nothing() -> None:
    state = StoredPlaylist()
    assert take(state, 0, tracklist(["Ada - One"], hours=5)) is not None
    assert take(state, 1, tracklist(["Ada - Zero"], hours=1)) is None
    assert take(state, 2, tracklist(["Ada - One"], hours=6)) is None  # only the view counter moved


def test_a_future_date_becomes_valid_in_any_order_of_pages() -> None:
    looks = [tracklist(["Ada - One"], hours=24 * days, date_text="2026-11-15") for days in (0, 5, 20)]
    for order in permutations(looks):
        state = StoredPlaylist()
        emitted = [take(state, offset, look) for offset, look in enumerate(order)]
        last = [playlist for playlist in emitted if playlist is not None][-1]
        assert facts.dated(last)[0] is not None, [page["observed_at"] for page in order]


def test_the_stored_record_is_emitted_again_when_redelivered() -> None:
    state = StoredPlaylist()
    record = tracklist(["Ada - One"])
    assert take(state, 3, record) == take(state, 3, record)


def test_a_page_that_changed_back_ends_in_its_last_state_in_any_order() -> None:
    pages = [tracklist(["Ada - A"]), tracklist(["Ada - B"], hours=1), tracklist(["Ada - A"], hours=2)]
    for order in permutations(pages):
        state = StoredPlaylist()
        emitted = [take(state, offset, page) for offset, page in enumerate(order)]
        last = [playlist for playlist in emitted if playlist is not None][-1]
        assert last["rows"][0]["raw_text"] == "Ada - A", [page["observed_at"] for page in order]


def withdrawn(hours: int) -> Tracklist:
    """Return the record of a page that its site removed."""
    return {**tracklist([], hours=hours), "rows_from": "withdrawn", "content_hash": "w"}


def test_a_withdrawal_retracts_and_a_newer_page_restores_the_playlist() -> None:
    state = StoredPlaylist()
    first = take(state, 0, tracklist(["Ada - One", "Bo - Two"]))
    retracted = take(state, 1, withdrawn(1))
    assert first is not None and retracted is not None
    assert (retracted["rows"], retracted["djs"], retracted["counted"], retracted["title"]) == (
        [],
        [],
        False,
        first["title"],
    )
    assert retracted["gone"]["tracks"] == sorted(track for track in track_ids(first) if track)
    assert all(fact["gone"] for fact in facts.PlaylistFacts(retracted, "0").of_tracks())
    assert all(fact["gone"] for fact in facts.PlaylistFacts(retracted, "0").of_artists())
    back = take(state, 2, tracklist(["Ada - One", "Bo - Two"], hours=2))
    assert back is not None
    assert (track_ids(back), back["counted"]) == (track_ids(first), True)


def test_a_withdrawal_of_an_unknown_set_emits_nothing() -> None:
    assert take(StoredPlaylist(), 0, withdrawn(1)) is None


def test_withdrawals_in_any_order_end_in_the_last_state() -> None:
    first_rows = ["Ada - One"]
    for last in (withdrawn(3), tracklist(first_rows, hours=3)):
        for order in permutations(
            [tracklist(first_rows), withdrawn(1), tracklist(first_rows, hours=2), last]
        ):
            state = StoredPlaylist()
            emitted = [take(state, offset, page) for offset, page in enumerate(order)]
            ended = [playlist for playlist in emitted if playlist is not None][-1]
            assert bool(ended["rows"]) == bool(last["rows"]), [page["observed_at"] for page in order]
            assert ended["observed_at"] == last["observed_at"]


@given(
    st.lists(st.sampled_from(["Ada - A", "Bo - B", "ID - ID", "Cy - C (Dee Remix)"]), min_size=1, max_size=4),
    st.integers(2, 4),
    st.randoms(),
)
@settings(max_examples=60, deadline=None)
def test_any_order_of_arrival_yields_the_same_playlist(texts: list[str], count: int, random: Any) -> None:
    pages = [tracklist(list(texts[: 1 + index % len(texts)]), hours=index) for index in range(count)]
    outcomes = []
    for _ in range(2):
        state, last = StoredPlaylist(), None
        random.shuffle(pages)
        for offset, page in enumerate(pages):
            last = take(state, offset, page) or last
        assert last is not None
        outcomes.append((last["rows"], last["djs"], last["title"], last["quality"], last["checks"]))
    assert outcomes[0] == outcomes[1]


def test_a_resolution_changes_ids_and_its_withdrawal_restores_them() -> None:
    state = StoredPlaylist()
    before = take(state, 0, tracklist(["Ada - One", "Ada - Uno"]))
    assert before is not None
    first_id, respelled_id = track_ids(before)
    merged = take(state, 0, resolution({str(respelled_id): str(first_id)}))
    assert merged is not None
    assert track_ids(merged) == [first_id, first_id]
    assert merged["rows"][1]["claim_id"] == respelled_id
    assert merged["gone"]["tracks"] == [respelled_id]
    split = take(state, 1, resolution({}))
    assert split is not None
    assert track_ids(split) == [first_id, respelled_id]
    assert split["gone"]["tracks"] == []
    assert take(state, 2, resolution({})) is None  # changes nothing


def test_an_early_resolution_is_applied_to_its_later_playlist() -> None:
    state = StoredPlaylist()
    assert take(state, 7, resolution({}, set_id="other:9", counted=False)) is None
    playlist = take(state, 0, tracklist(["Ada - One"]))
    assert playlist is not None
    assert (playlist["set_id"], playlist["counted"]) == ("other:9", False)
    assert playlist["version"] == 1 + 8


def test_unidentified_rows_keep_their_position_without_a_track() -> None:
    state = StoredPlaylist()
    playlist = take(state, 0, tracklist([None, "ID - ID", "Cave Studio - ID", "Ada - One"]))
    assert playlist is not None
    assert [entry["position"] for entry in playlist["rows"]] == [1, 2, 3, 4]
    assert [entry["track_id"] is not None for entry in playlist["rows"]] == [False, False, False, True]
    assert playlist["identified_rows"] == 1


def test_rows_played_together_share_a_group() -> None:
    record = tracklist([])
    record["rows"] = [
        row(0, "Ada - One", cue_seconds=0),
        row(1, "Bo - Two", joined=True),
        row(2, "Cy - Three (Acapella)", joined=True),
        row(3, "Ada vs. Bo - Five vs. Six (Ada Mashup)", cue_seconds=100, mashup=True),
        row(4, "Ada - Five", cue_seconds=100, parent_row_key="r3"),
        row(5, "Bo - Six", cue_seconds=100, parent_row_key="r3"),
        row(6, "Dee - Seven", cue_seconds=200),
        row(7, "Eli - Eight", cue_seconds=200),
    ]
    state = StoredPlaylist()
    playlist = take(state, 0, record)
    assert playlist is not None
    assert [(entry["group_index"], entry["role"]) for entry in playlist["rows"]] == [
        (1, "main"),
        (1, "layered"),
        (1, "acapella"),
        (2, "main"),
        (2, "component"),
        (2, "component"),
        (3, "main"),
        (3, "layered"),
    ]


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2024-10-25", "2024-10-25", "day"),
        ("1998-01", "1998-01-01", "month"),
        ("2006", "2006-01-01", "year"),
        ("2026-0X", "2026-01-01", "year"),
        ("2026-02-30", "2026-02-01", "month"),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_dates_may_be_partial(text: str | None, day: str | None, precision: str | None) -> None:
    playlist = take(StoredPlaylist(), 0, tracklist(["Ada - One"], date_text=text))
    assert playlist is not None
    assert playlist["set_date_precision"] == precision
    assert (playlist["set_date"].isoformat() if playlist["set_date"] else None) == day


UNSOUND = [
    ({"date_text": "2026-02-31"}, [], (), ["date"]),
    ({"date_text": "2026-13-01"}, [], (), ["date"]),
    ({"date_text": "2016-09-30", "title": "2026-09-30 - Ada"}, [], (), ["date"]),
    ({"date_text": "2016-09-30"}, ["2026", "House"], (), ["date"]),
    ({"date_text": "2026-09-30"}, ["2026", "1999 Tribute"], (), []),
    ({"date_text": "2025-12-31"}, ["2026"], (), []),
    ({}, [], (1, 1, 1), ["numbers"]),
    ({}, [], (1, 1, 1, 2, 2, 2), ["numbers"]),
    ({}, [], (1, 2, 2, 3), []),
    ({}, [], (1, 1), []),
]


@pytest.mark.parametrize(("header", "categories", "numbers", "names"), UNSOUND)
def test_impossible_dates_and_counters_fail_a_check(
    header: dict[str, Any], categories: list[str], numbers: tuple[int, ...], names: list[str]
) -> None:
    record = tracklist([f"Ada - {n}" for n in range(max(1, len(numbers)))], **header)
    rows = [
        {**row_record, "number": number}
        for row_record, number in zip(record["rows"], numbers or (None,), strict=True)
    ]
    changed = cast(Tracklist, {**record, "categories": categories, "rows": rows})
    playlist = take(StoredPlaylist(), 0, changed)
    assert playlist is not None
    assert [check["name"] for check in playlist["checks"] if not check["passed"]] == names


def test_fragments_are_not_stored_in_silver() -> None:
    state = StoredPlaylist()
    take(state, 0, tracklist(["Ada - One"]))
    stored = state.state["records"]["tracklist"]["tracklist"]
    assert [entry["fragment"] for entry in stored["rows"]] == [""]


def test_a_row_keeps_its_id_of_bronze() -> None:
    record = tracklist(["Ada - One"])
    playlist = take(StoredPlaylist(), 0, record)
    assert playlist is not None
    assert playlist["rows"][0]["bronze_id"] == ids.bronze_row_id("test:1", record["rows"][0])


NAMES = ("Ada - One", "Bo - Two", "Cy - Three", "Di - Four")
IDS = tuple(track for line in NAMES if (track := track_id(read_line(line))))

_texts = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)
_mappings = st.dictionaries(st.sampled_from(IDS), st.sampled_from([*IDS, "merged-1", "merged-2"]), max_size=3)


@settings(max_examples=400)
@given(
    pages=st.lists(_texts, min_size=1, max_size=3),
    mappings=st.lists(_mappings, max_size=3),
    data=st.data(),
)
def test_names_emitted_before_a_crash_are_retracted_in_any_interleaving(
    pages: list[list[str]], mappings: list[dict[str, str]], data: st.DataObject
) -> None:
    """Outputs are durable before state: after a restart the two topics may interleave differently."""
    topics: tuple[list[Any], list[Any]] = (
        [tracklist(texts, hours=hour) for hour, texts in enumerate(pages)],
        [resolution(mapping) for mapping in mappings],
    )
    emitted: set[str | None] = set()

    def run(state: StoredPlaylist, positions: list[int], *, to_end: bool) -> list[int]:
        positions = list(positions)
        while waiting := [n for n in (0, 1) if positions[n] < len(topics[n])]:
            if not to_end and not data.draw(st.booleans()):
                break
            topic = data.draw(st.sampled_from(waiting))
            playlist = take(state, positions[topic], topics[topic][positions[topic]])
            positions[topic] += 1
            if playlist is not None:
                emitted.update(track_ids(playlist))
        return positions

    committed = StoredPlaylist()
    positions = run(committed, [0, 0], to_end=False)
    run(StoredPlaylist(committed.state), positions, to_end=False)  # lost with the process; its outputs stay
    run(committed, positions, to_end=True)
    final = committed.build("0")
    assert final is not None
    assert emitted - set(track_ids(final)) <= set(final["gone"]["tracks"])
