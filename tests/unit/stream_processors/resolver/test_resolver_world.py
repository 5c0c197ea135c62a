"""Same sets and events of the simulated world, against its truth."""

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


def told(made: World) -> dict[str, tuple[int, Row]]:
    """Per playlist the number of its true set and the row that the resolver keeps."""
    found: dict[str, tuple[int, Row]] = {}
    validate = Validate()
    for site_playlist in site_playlists.of_world(made):
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
            found[playlist["playlist_id"]] = site_playlist.number, row
    return found


@pytest.mark.parametrize(("size", "seed"), [("small", world.SEED), ("small", 7), ("demo", world.SEED)])
def test_sets_on_two_sites_are_linked_and_no_others(size: str, seed: int) -> None:
    known = told(world.make(SIZES[size], AS_OF, seed))
    grouped = same_sets(sets._tracklisted(row, {}) for _, row in known.values())
    true = defaultdict(set)
    for playlist, (number, _) in known.items():
        true[number].add(playlist)
    pairs = {tuple(sorted(playlists)) for playlists in true.values() if len(playlists) > 1}
    linked = {link.playlists for link in grouped.links}
    assert len(pairs) > 5
    assert not linked - pairs, "a false link"
    assert len(linked) >= LINKED * len(pairs)


def test_sets_find_their_events_and_no_others() -> None:
    made = world.make(SIZES["demo"], AS_OF)
    known = told(made)
    events = {it.native_id: it for n in known.values() if (it := made.set(n[0]).event) and it.listed}
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
    grouped = same_sets(sets._tracklisted(row, {}) for _, row in known.values())
    found = _events(rows, [row for _, row in known.values()], grouped)
    true = {
        playlist: it.native_id
        for playlist, (number, _) in known.items()
        if (it := made.set(number).event) and it.listed
    }
    assert not {playlist for playlist, event in found.items() if true.get(playlist) != event}
    assert len(found) >= LINKED * len(true)


def _events(events: list[Row], playlists: list[Row], grouped: Grouped) -> dict[str, str]:
    """`sets._events` over these rows in place of the table's."""

    class Rows:
        def rows(self, _file: str, _name: str, **_parameters: object) -> list[Row]:
            return events

    return sets._events(Rows(), playlists, grouped)  # type: ignore[arg-type]  # the one method it needs
