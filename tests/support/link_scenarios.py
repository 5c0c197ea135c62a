"""What is fed where links are under test: a world's pages, rows with ids of shops, and what people say.

The world is the small simulated one in both its editions: sets on two sites, events at Resident Advisor.
Beside it stand sets of nobody in it, whose rows have ids that join spellings: the world's score is its own.
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
from tests.support.scenario import Given, Script
from tests.support.set_builders import T0, Row, tell, track

EDITION = 2  # of the world, once every version of every page is there
#: Recordings that two sites spell in two ways, an id of a shop beside both. What becomes of each:
CORRECTED, MERGED, SPLIT, SPLIT_WITHDRAWN, FORCED, OVERRIDDEN, LINKED = range(7)
TITLES = ("Amber", "Basalt", "Cobalt", "Dune", "Ember", "Fjord", "Garnet")
POPULAR = 24  # tracks of the world that people join and take apart again


def made() -> World:
    """The world: always the same."""
    return world.make(SIZES["small"], AS_OF)


def write(made: World) -> Script:
    """Pages in the order of their sets, then decisions in the order in which they were made."""
    saved = [("bronze.pages", page["page_id"], page) for page in map(_page, pages.of_world(made))]
    beside = [("bronze.tracklists", page["playlist_id"], page) for page in _of_shops()]
    said = [("bronze.decisions", each["subject_id"], each) for each in (*_on_shops(), *_on_world(made))]
    return [Given(topic=topic, key=key, value=value) for topic, key, value in (*saved, *beside, *said)]


def spelled(number: int) -> tuple[str, str]:
    """The two spellings of a recording that shops know."""
    return f"Nora Vexley - {TITLES[number]}", f"Nora Vexley & Kilo Meridian - {TITLES[number]}"


def remix(number: int) -> str:
    """A version of it, which a site files under the id of the original."""
    return f"{spelled(number)[0]} (Otto Grauwacke Remix)"


def _page(body: Body) -> Page:
    material = Material(body.body, url=body.url, content_type=body.content_type)
    found = sources.recognise(material)
    assert found is not None, body.url
    response = Response(
        url=body.url,
        status=200,
        headers={"content-type": body.content_type},
        content_type=body.content_type,
        body=body.body,
        fetched_at=body.fetched_at,
        fetcher="saved",
    )
    return responses.page(response, material, found)


def _of_shops() -> Iterator[Tracklist]:
    """Three sets with these recordings. A later page takes two ids back, and names the rows all the same."""
    numbers = range(len(TITLES))
    ids = [{"spotify_id": f"{number:022d}"} for number in numbers]
    first: list[Row] = [(spelled(number)[0], ids[number]) for number in numbers]
    second: list[Row] = [(spelled(number)[1], ids[number]) for number in numbers]
    corrected = [
        spelled(number)[1] if number in (CORRECTED, MERGED) else second[number] for number in numbers
    ]
    yield tell("1001tracklists:shop", [*first, (remix(FORCED), ids[FORCED])], djs=["Somebody"])
    yield tell("mixesdb:shop", second, djs=["Somebody Else"])
    yield tell("mixesdb:shop", corrected, djs=["Somebody Else"], hours=48)
    yield tell("mixcloud:shop", [spelled(number)[number % 2] for number in numbers], djs=["A Third"])


def _on_shops() -> Iterator[Decision]:
    """Decisions that stand, each against what the ids say; one is withdrawn."""
    minutes = count()

    def author(why: str) -> Author:
        return Author(name="tests", reason=why, at=T0 + timedelta(minutes=next(minutes)))

    def both(number: int) -> tuple[str, str]:
        one, other = map(track, spelled(number))
        return one, other

    yield decisions.on_pair("merge", *both(MERGED), author("though the id was taken back"))
    yield decisions.on_pair("split", *both(SPLIT), author("two recordings"))
    yield decisions.on_pair("split", *both(SPLIT_WITHDRAWN), author("two recordings"))
    yield decisions.on_pair("split", *both(SPLIT_WITHDRAWN), author("a mistake"), withdrawn=True)
    yield decisions.on_pair(
        "merge", both(FORCED)[0], track(remix(FORCED)), author("the same audio"), forced=True
    )
    yield decisions.override(max(both(OVERRIDDEN)), "bpm", 127.5, author("measured"))


def _on_world(made: World) -> Iterator[Decision]:
    """Popular tracks are merged in pairs; later half of it is withdrawn, and the rest answered by splits."""
    known = sorted({track(each.line) for each in made.catalogue.tracks[:POPULAR]})
    for place, (one, other) in enumerate(zip(known[::2], known[1::2], strict=False)):
        at = T0 + timedelta(hours=1, minutes=place)
        said = Author(name="tests", reason="heard alike", at=at)
        later = Author(name="tests", reason="heard again", at=at + timedelta(hours=1))
        yield decisions.on_pair("merge", one, other, said, forced=True)
        if place % 2:
            yield decisions.on_pair("split", one, other, later)
        else:
            yield decisions.on_pair("merge", one, other, later, forced=True, withdrawn=True)
