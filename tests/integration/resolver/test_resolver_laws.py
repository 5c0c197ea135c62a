"""Results of the resolver equal those of all facts at once, for any order, batches, repeats and crashes."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random

import pytest

from songnodes import decisions
from songnodes.decisions import Author
from songnodes.domain import links
from songnodes.domain.links import Profile, Sighting, Verdict
from songnodes.domain.links.sets import same_sets
from songnodes.domain.records import Playlist, Tracklist
from stream_processors.resolver import inputs, sets
from stream_processors.resolver.store import Row, Store
from tests.support.in_process_resolver import InProcessResolver
from tests.support.set_builders import DAY, T0, build_tracklist, event, track
from tests.support.set_builders import Row as Line

ARTISTS = ("Nora Vexley", "Kilo Meridian", "Otto Grauwacke")
LINES = [
    f"{artist} - Title{n}" for n in range(4) for artist in (*ARTISTS[:2], f"{ARTISTS[0]} & {ARTISTS[1]}")
]
LINES += [f"{LINES[0]} (Otto Grauwacke Remix)", f"{LINES[3]} (Acapella)"]
EVENTS = ("Halle Neun", "Halle Neun Night 1", "Halle Neun Night 2", None)
SEEDS = range(8)


def pages(random: Random) -> list[Tracklist]:
    """Return pages of a few DJs, days and sites; some have later pages with other rows, days and ids."""
    ids = [f"{n:022d}" for n in range(6)]

    def line(text: str) -> Line:
        dice = random.random()
        if dice < 0.35:
            return text, {"spotify_id": random.choice(ids)}
        if dice < 0.5:
            return text, {"isrc": f"GB{random.randint(1, 3)}"}, random.choice([200, 201, 300])
        return text

    def page(playlist_id: str, hours: int) -> Tracklist:
        rows = [line(text) for text in LINES if random.random() < 0.8]
        return build_tracklist(
            playlist_id,
            rows or ["A - B"],
            djs=random.sample(ARTISTS[:2], random.choice((1, 1, 2))),
            day=DAY + timedelta(days=random.choice((0, 0, 0, 1, 2))),
            hours=hours,
            event_name=random.choice(EVENTS),
            venue=random.choice(("Halle Neun", None)),
        )

    names = [f"{source}:{n}" for source in ("1001tracklists", "mixesdb", "mixcloud") for n in range(3)]
    published = [page(name, hours) for name in names for hours in range(random.choice((1, 1, 2, 3)))]
    return published + repeated(random) + removed(random, published)


def repeated(random: Random) -> list[Tracklist]:
    """Return sets that their site published once more, weeks later, with nearly the same rows."""
    rows = [*LINES[:10], random.choice(LINES)]
    return [
        build_tracklist(
            f"mixcloud:again{n}", rows, djs=ARTISTS[:1], day=DAY + timedelta(days=days), event_name=name
        )
        for n, (days, name) in enumerate(((0, "Wide Fields"), (42, "Night Radio 841"), (300, "Radio 9")))
    ]


def removed(random: Random, published: list[Tracklist]) -> list[Tracklist]:
    """Withdrawals of some sets, before or after their newest page."""
    return [
        {
            **page,
            "rows": [],
            "rows_from": "withdrawn",
            "observed_at": page["observed_at"] + timedelta(minutes=1),
            "content_hash": "withdrawn",
            "event_id": f"{page['event_id']} withdrawn",
        }
        for page in random.sample(published, 2)
    ]


def facts(random: Random) -> list[object]:
    """Pages, decisions on pairs, overrides and events."""
    result: list[object] = [*pages(random)]
    for minute in range(5):
        first, second = random.sample(LINES, 2)
        author = Author(name="tests", reason=f"{minute}", at=T0 + timedelta(minutes=minute))
        kind = random.choice(("merge", "merge", "split"))
        result.append(
            decisions.on_pair(
                kind,  # type: ignore[arg-type]  # one of both
                track(first),
                track(second),
                author,
                forced=random.random() < 0.3 and kind == "merge",
                withdrawn=random.random() < 0.2,
            )
        )
    result.append(decisions.override(track(random.choice(LINES)), "bpm", 120.0, author))
    for version in (1, 2):
        acts = random.sample(ARTISTS, 2)
        result.append(event("7", "Nacht", *acts, venue="Halle Neun", version=version))
    return result


def feed(resolving: InProcessResolver, fact: object) -> None:
    assert isinstance(fact, dict)
    if "rows" in fact:
        resolving.page(fact)  # type: ignore[arg-type]
    elif "decision_id" in fact:
        resolving.decide(fact)  # type: ignore[arg-type]
    else:
        resolving.event(fact)  # type: ignore[arg-type]


def feed_with_faults(resolving: InProcessResolver, ordered: list[object], random: Random) -> None:
    """Feed the facts in their order, with reads, steps, resolutions, repeats and crashes in between."""
    for fact in ordered:
        feed(resolving, fact)
        if random.random() < 0.3:
            feed(resolving, random.choice(ordered[: ordered.index(fact) + 1]))
        dice = random.random()
        if dice < 0.3:
            resolving.read(random.randint(1, 4))
        elif dice < 0.6:
            resolving.step(random.randint(1, 3), crash=random.random() < 0.3)
        elif dice < 0.8:
            resolving.apply_resolutions(random.randint(1, 3))
    resolving.run()


def expected(shown: Mapping[str, Playlist], store: Store) -> dict[str, Row]:
    """Return what playlists must show, from all facts at once; only decisions and events are from tables."""
    playlists = list(shown.values())
    sightings = {
        Sighting(
            claim_id=row["claim_id"],
            ids=links.linking(row["claim"]["ids"], row["native_track_id"], playlist["source"]),
            duration_ms=row["claim"]["duration_ms"],
        )
        for playlist in playlists
        for row in playlist["rows"]
        if row["claim_id"] and row["claim"]
    }
    profiles: dict[str, Profile] = {}
    for playlist in playlists:
        for row in playlist["rows"]:
            if row["claim_id"] and row["claim"]:
                profiles[row["claim_id"]] = links.profile(row["claim"])
    decided = store.rows("tracks", "decisions", claims=[track(line) for line in LINES])
    verdicts = {
        (row["claim_a"], row["claim_b"]): Verdict(same=row["kind"] == "merge", forced=row["forced"])
        for row in decided
        if row["kind"] != "override"
    }
    overridden = {row["claim_a"] for row in decided if row["kind"] == "override"}
    joined = links.join(links.automatic(sightings, profiles)[0], profiles, verdicts, overridden)
    rows = [{**inputs.playlist_row(entry), "set_day": entry["set_date"]} for entry in playlists]
    grouped = same_sets(sets._tracklisted(row, joined.canonical) for row in rows)
    events = sets._events(store, rows, grouped)
    return {
        row["playlist_id"]: inputs.wanted(
            row["playlist_id"],
            tracks={claim: joined.of(claim) for claim in row["claims"] if joined.of(claim) != claim},
            set_id=grouped.set_id.get(row["playlist_id"]),
            counted=grouped.counts(row["playlist_id"]) and row["row_count"] > 0,
            ra_event_id=events.get(row["playlist_id"]),
        )
        for row in rows
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_every_playlist_shows_what_follows_from_all_facts(store: Store, seed: int) -> None:
    random = Random(seed)
    all_facts = facts(random)
    outcomes = []
    for _ in range(2):
        store.execute("offsets", "forget")
        resolving = InProcessResolver(store)
        feed_with_faults(resolving, random.sample(all_facts, len(all_facts)), random)
        shown = {name: inputs.shown(playlist) for name, playlist in resolving.shown.items()}
        assert shown == expected(resolving.shown, store)
        outcomes.append(shown)
    assert outcomes[0] == outcomes[1], "the order of arrival is in the result"


def test_the_law_is_not_empty(store: Store) -> None:
    """In these worlds tracks are merged, links refused, sets shared and events found."""
    merged = refused = shared = billed = 0
    for seed in SEEDS:
        store.execute("offsets", "forget")
        resolving = InProcessResolver(store)
        for fact in facts(Random(seed)):
            feed(resolving, fact)
        resolving.run()
        shown = [inputs.shown(playlist) for playlist in resolving.shown.values()]
        merged += sum(bool(state["tracks"]) for state in shown)
        shared += sum(not state["counted"] for state in shown)
        billed += sum(state["ra_event_id"] is not None for state in shown)
        refused += len(store.rows("questions", "review", limit=99, why=None))
    assert min(merged, refused, shared, billed) > len(SEEDS), (merged, refused, shared, billed)
