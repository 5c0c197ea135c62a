"""Sets and events that the resolver links in the simulated world, against its truth."""

from collections import defaultdict
from datetime import date

import pytest

from demo.world import site_playlists, world
from demo.world.sizes import SIZES
from demo.world.world import World
from songnodes.domain.links.sets import Grouped, same_sets
from stream_processors.resolver import inputs, sets
from stream_processors.resolver.store import Row
from tests.support.set_builders import Validate, build_tracklist

AS_OF = date(2026, 3, 1)
EDITION = 2
LINKED = 0.95


def playlist_rows(simulated: World) -> dict[str, tuple[int, Row]]:
    """Return the number of the true set and the row that the resolver stores, per playlist."""
    rows_by_id: dict[str, tuple[int, Row]] = {}
    validate = Validate()
    for site_playlist in site_playlists.of_world(simulated):
        shown, rows = site_playlist.at(EDITION), site_playlist.rows(EDITION)
        page = build_tracklist(
            site_playlist.playlist_id,
            [row.text for row in rows],
            djs=shown.djs,
            day=shown.day,
            title=f"{' & '.join(shown.djs)} @ {shown.event}",
            event_name=shown.event if shown.venue else None,
            venue=shown.venue,
            city=shown.city,
            country=shown.country,
        )
        playlist = validate.take(page) if rows else None
        if playlist is not None:
            row = {**inputs.playlist_row(playlist), "set_day": playlist["set_date"]}
            rows_by_id[playlist["playlist_id"]] = site_playlist.number, row
    return rows_by_id


@pytest.mark.parametrize(("size", "seed"), [("small", world.SEED), ("small", 7), ("demo", world.SEED)])
def test_sets_on_two_sites_are_linked_and_no_others(size: str, seed: int) -> None:
    playlists = playlist_rows(world.make(SIZES[size], AS_OF, seed))
    grouped = same_sets(sets._tracklisted(row, {}) for _, row in playlists.values())
    true = defaultdict(set)
    for playlist, (number, _) in playlists.items():
        true[number].add(playlist)
    pairs = {tuple(sorted(same)) for same in true.values() if len(same) > 1}
    linked = {link.playlists for link in grouped.links}
    assert len(pairs) > 5
    assert not linked - pairs, "a false link"
    assert len(linked) >= LINKED * len(pairs)


def test_sets_are_linked_to_their_events_and_no_others() -> None:
    simulated = world.make(SIZES["demo"], AS_OF)
    playlists = playlist_rows(simulated)
    events = {it.native_id: it for n in playlists.values() if (it := simulated.set(n[0]).event) and it.listed}
    rows = [
        {
            "ra_event_id": it.native_id,
            "event_day": it.day,
            "acts": sorted({name for act in it.lineup for name in inputs._names(act)}),
            "title": it.title,
            "venue": it.venue.name,
            "city": it.venue.city,
            "country": it.venue.country,
        }
        for it in events.values()
    ]
    grouped = same_sets(sets._tracklisted(row, {}) for _, row in playlists.values())
    linked_events = _events(rows, [row for _, row in playlists.values()], grouped)
    true = {
        playlist: it.native_id
        for playlist, (number, _) in playlists.items()
        if (it := simulated.set(number).event) and it.listed
    }
    assert not {playlist for playlist, event in linked_events.items() if true.get(playlist) != event}
    assert len(linked_events) >= LINKED * len(true)


def _events(events: list[Row], playlists: list[Row], grouped: Grouped) -> dict[str, str]:
    """Return `sets._events` over these rows in place of the table's."""

    class Rows:
        def rows(self, _file: str, _name: str, **_parameters: object) -> list[Row]:
            return events

    return sets._events(Rows(), playlists, grouped)  # type: ignore[arg-type]  # the one method it needs
