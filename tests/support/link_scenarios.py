"""Scenario for tests of links: pages of a world, rows with ids of shops, and decisions.

The world is the small simulated one in both its editions: sets on two sites, events at Resident Advisor.
Further sets, by DJs outside of it, have rows with ids that join spellings; they do not affect its score.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from demo.shapes import pages
from demo.shapes.pages import Body
from demo.world import world
from demo.world.sizes import SIZES
from demo.world.world import World
from producers import responses, sources
from producers.responses import Response
from producers.sources.page import Material
from songnodes import decisions
from songnodes.decisions import Author
from songnodes.domain.records import Decision, Page, Tracklist
from tests.support.changing_pages import AS_OF
from tests.support.scenario import Scenario, ScenarioRecord
from tests.support.set_builders import T0, Row, build_tracklist, track

EDITION = 2  # of the world, once every version of every page is there
#: Recordings that two sites spell in two ways, with the same id of a shop. The expected result of each:
CORRECTED, MERGED, SPLIT, SPLIT_WITHDRAWN, FORCED, OVERRIDDEN, LINKED = range(7)
TITLES = ("Amber", "Basalt", "Cobalt", "Dune", "Ember", "Fjord", "Garnet")
POPULAR = 24  # tracks of the world that people join and take apart again


def make_world() -> World:
    """Build the world, which is always the same."""
    return world.make(SIZES["small"], AS_OF)


def write(scenario_world: World) -> Scenario:
    """Return pages in the order of their sets, then decisions in the order of their times."""
    saved = [("bronze.pages", page["page_id"], page) for page in map(_page, pages.of_world(scenario_world))]
    shop_sets = [("bronze.tracklists", page["playlist_id"], page) for page in _of_shops()]
    decided = [
        ("bronze.decisions", decision["subject_id"], decision)
        for decision in (*_on_shops(), *_on_world(scenario_world))
    ]
    return [
        ScenarioRecord(topic=topic, key=key, value=value)
        for topic, key, value in (*saved, *shop_sets, *decided)
    ]


def spelled(number: int) -> tuple[str, str]:
    """Return the two spellings of a recording."""
    return f"Nora Vexley - {TITLES[number]}", f"Nora Vexley & Kilo Meridian - {TITLES[number]}"


def remix(number: int) -> str:
    """Return a version of it, which a site lists with the id of the original."""
    return f"{spelled(number)[0]} (Otto Grauwacke Remix)"


def _page(body: Body) -> Page:
    material = Material(body.body, url=body.url, content_type=body.content_type)
    page_ref = sources.recognise(material)
    assert page_ref is not None, body.url
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


def _of_shops() -> Iterator[Tracklist]:
    """Yield three sets with these recordings. A later page removes two ids and keeps the rows."""
    numbers = range(len(TITLES))
    ids = [{"spotify_id": f"{number:022d}"} for number in numbers]
    first: list[Row] = [(spelled(number)[0], ids[number]) for number in numbers]
    second: list[Row] = [(spelled(number)[1], ids[number]) for number in numbers]
    corrected = [
        spelled(number)[1] if number in (CORRECTED, MERGED) else second[number] for number in numbers
    ]
    yield build_tracklist("1001tracklists:shop", [*first, (remix(FORCED), ids[FORCED])], djs=["Somebody"])
    yield build_tracklist("mixesdb:shop", second, djs=["Somebody Else"])
    yield build_tracklist("mixesdb:shop", corrected, djs=["Somebody Else"], hours=48)
    yield build_tracklist(
        "mixcloud:shop", [spelled(number)[number % 2] for number in numbers], djs=["A Third"]
    )


def _on_shops() -> Iterator[Decision]:
    """Yield decisions that contradict the ids; one of them is withdrawn."""
    minutes = count()

    def author(why: str) -> Author:
        return Author(name="tests", reason=why, at=T0 + timedelta(minutes=next(minutes)))

    def both(number: int) -> tuple[str, str]:
        first, second = map(track, spelled(number))
        return first, second

    yield decisions.on_pair("merge", *both(MERGED), author("though the id was taken back"))
    yield decisions.on_pair("split", *both(SPLIT), author("two recordings"))
    yield decisions.on_pair("split", *both(SPLIT_WITHDRAWN), author("two recordings"))
    yield decisions.on_pair("split", *both(SPLIT_WITHDRAWN), author("a mistake"), withdrawn=True)
    yield decisions.on_pair(
        "merge", both(FORCED)[0], track(remix(FORCED)), author("the same audio"), forced=True
    )
    yield decisions.override(max(both(OVERRIDDEN)), "bpm", 127.5, author("measured"))


def _on_world(scenario_world: World) -> Iterator[Decision]:
    """Yield merges of popular tracks in pairs; later half of them are withdrawn, the others split."""
    track_ids = sorted({track(demo_track.line) for demo_track in scenario_world.catalogue.tracks[:POPULAR]})
    for number, (first, second) in enumerate(zip(track_ids[::2], track_ids[1::2], strict=False)):
        at = T0 + timedelta(hours=1, minutes=number)
        author = Author(name="tests", reason="heard alike", at=at)
        later = Author(name="tests", reason="heard again", at=at + timedelta(hours=1))
        yield decisions.on_pair("merge", first, second, author, forced=True)
        if number % 2:
            yield decisions.on_pair("split", first, second, later)
        else:
            yield decisions.on_pair("merge", first, second, later, forced=True, withdrawn=True)
