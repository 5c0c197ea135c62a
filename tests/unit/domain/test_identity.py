"""Identity of tracks: lines of one track, lines of different tracks, and frozen ids."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes import yaml_text
from songnodes.domain.identity import artist_id, claim_key, claim_uuid, track_id
from songnodes.domain.lines import Line, read_line


def identity(text: str) -> str:
    track = track_id(read_line(text))
    assert track is not None, text
    return track


SAME = [
    [
        "Deadmau5 - Strobe",
        "deadmau5 – Strobe (Original Mix) [mau5trap]",
        "DEADMAU5 - STROBE (Extended Mix)",
        "Deadmau5 - Strobe (Radio Edit)",
        "Deadmau5 - Strobe - Radio Edit",
        "Deadmau5 ft. Somebody - Strobe",
        "Deadmau5 - Strobe (feat. Somebody)",
        "Deadmau5 - Strobe feat. Somebody (Club Edit Extended)".replace("Club Edit ", ""),
        "Deadmau5 - Strobe (2014 Remaster)",
    ],
    [
        "Deadmau5 - Strobe (Michael Woods Remix)",
        "Deadmau5 - Strobe [Michael Woods Remix]",
        "Deadmau5 - Strobe (Michael Woods Extended Remix)",
        "Deadmau5 - Strobe (Michael Woods Radio Edit)",
        "Deadmau5 - Strobe - Michael Woods Remix",
    ],
    [
        "Alan Braxe & Fred Falke - Intro",
        "Fred Falke, Alan Braxe - Intro",
        "Alan Braxe and Fred Falke - Intro",
    ],
    ["Beyoncé - Halo", "Beyonce - Halo", "BEYONCÉ - HALO"],
    ["Justice - D.A.N.C.E.", "Justice - DANCE", "Justice - Dance"],
    ["ATB - 9PM (Till I Come)", "ATB - 9pm Till I Come"],
    ["Max Styler & Ōsé - Let Go", "Ose & Max Styler - Let Go (Original Mix)"],
    ["A - B (X & Y Remix)", "A - B (Y, X Remix)", "A - B (Y vs. X Rework)", "A - B (X and Y Extended Remix)"],
    ["Fisher (FR) - Losing It", "Fisher - Losing It"],
    ["G-Eazy & Bebe Rexha - Me, Myself & I", "Bebe Rexha x G-Eazy - Me Myself And I"],
]

# All of one list are different tracks.
DIFFERENT = [
    [
        "Deadmau5 - Strobe",
        "Deadmau5 - Strobe (Michael Woods Remix)",
        "Deadmau5 - Strobe (Plump DJs Remix)",
        "Deadmau5 - Strobe (Michael Woods Dub)",
        "Deadmau5 - Strobe (Michael Woods VIP)",
        "Deadmau5 - Strobe (Michael Woods Mashup)",
        "Deadmau5 - Strobe (Acapella)",
        "Deadmau5 - Strobe (Instrumental)",
        "Deadmau5 - Strobe (Michael Woods Remix) (Instrumental)",
        "Deadmau5 - Strobe (Club Mix)",
        "Deadmau5 - Strobe (Dub Mix)",
        "Deadmau5 - Strobe (Live)",
        "Deadmau5 - Strobe (Part 2)",
        "Deadmau5 - Strobe (Continuous DJ Mix)",
    ],
    ["Adam Beyer & Raxon - The Signal (Day Mix)", "Adam Beyer & Raxon - The Signal (Night Mix)"],
    ["Chris Lake - Lost (Radio Slave Remix)", "Chris Lake - Lost (Slave Remix)"],
    ["Artist - !!!", "Artist - ???!", "Artist - ..."],
    ["A - 光", "A - 音"],
    ["The Advent - Mad Dog (The Advent Remix Part1)", "The Advent - Mad Dog (The Advent Remix Part2)"],
]


@pytest.mark.parametrize("lines", SAME, ids=lambda lines: lines[0])
def test_lines_of_one_track_have_one_id(lines: list[str]) -> None:
    assert {identity(line) for line in lines} == {identity(lines[0])}


@pytest.mark.parametrize("lines", DIFFERENT, ids=lambda lines: lines[0])
def test_different_tracks_have_different_ids(lines: list[str]) -> None:
    assert len({identity(line) for line in lines}) == len(lines)


FROZEN = {
    "Deadmau5 - Strobe": "deadmau5-strobe-",
    "Deadmau5 - Strobe (Michael Woods Remix)": "deadmau5-strobe-michael-woods-remix-",
    "Above & Beyond - Sun & Moon": "above-beyond-sun-and-moon-",
    "System Of A Down - B.Y.O.B. (Acappella)": "system-of-a-down-byob-acapella-",
    "!!! - ...": "u21-u21-u21-u2e-u2e-u2e-",
}


@pytest.mark.parametrize(("line", "readable"), FROZEN.items())
def test_id_is_readable_and_ends_in_eight_hex_digits(line: str, readable: str) -> None:
    track = identity(line)
    assert track.startswith(readable)
    assert len(track) == len(readable) + 8
    int(track.removeprefix(readable), 16)


def test_ids_are_frozen() -> None:
    line = read_line("Deadmau5 - Strobe (Michael Woods Extended Remix)")
    assert claim_key(line) == "deadmau5|strobe|remix|michael woods|"
    assert identity("Deadmau5 - Strobe") == "deadmau5-strobe-d8f73010"
    assert track_id(line) == "deadmau5-strobe-michael-woods-remix-d0c1138f"
    assert artist_id("Sven Väth") == artist_id("SVEN VATH") == "sven-vath-66849fb2"
    assert claim_uuid(claim_key(line)) == "4318d075-2b62-5e17-af7f-28943b19c9fd"


@pytest.mark.parametrize(
    "text", ["ID - ID", "Bicep - ID", "Strobe", "A - Cola (ID Remix)", "", "...", "ID - Push"]
)
def test_unidentified_lines_have_no_track_id(text: str) -> None:
    assert track_id(read_line(text)) is None


NAMES = st.sampled_from(
    ["Âme", "Above & Beyond", "808 State", "Malcolm X", "Ø [Phase]", "Vini Vici", "W&W", "Tiësto"]
)
TITLES = st.sampled_from(
    ["Strobe", "D.A.N.C.E.", "Don't Stop", "Café Del Mar", "9PM", "光", "Sun & Moon", "X"]
)
VARIANTS = [
    "",
    " (Original Mix)",
    " (Extended Mix)",
    " (Radio Edit)",
    " (Album Version)",
    " [Extended]",
    " (Edit)",
]
FEATURES = [
    "{a} - {t}{v}{f}",
    "{a} ft. {g} - {t}{v}{f}",
    "{a} - {t} (feat. {g}){v}{f}",
    "{a} - {t}{v}{f} feat. {g}",
]
VERSIONS = [
    "",
    " (Michael Woods Remix)",
    " (Radio Slave Remix)",
    " (Michael Woods Dub)",
    " (VIP)",
    " (Acapella)",
    " (Instrumental)",
    " (Club Mix)",
    " (Live)",
    " (Adana Twins & Âme Remix)",
]


def bare(text: str) -> str:
    return text.replace("â", "a").replace("é", "e").replace("ë", "e").replace("ø", "o").replace("'", "’")


@given(st.lists(NAMES, min_size=1, max_size=3, unique=True), TITLES, st.sampled_from(VERSIONS), st.data())
def test_spelling_does_not_change_the_track(
    names: list[str], title: str, version: str, data: st.DataObject
) -> None:
    plain = identity(f"{' & '.join(names)} - {title}{version}")
    connector = data.draw(st.sampled_from([" & ", ", ", " and ", " x ", " vs. "]))
    form = data.draw(st.sampled_from(FEATURES))
    variant = data.draw(st.sampled_from(VARIANTS))
    artists = connector.join(data.draw(st.permutations(names)))
    respelled = form.format(a=artists, t=title, v=version, f=variant, g="Jan Johnston")
    assert identity(respelled) == plain
    assert identity(bare(respelled.lower())) == plain
    assert identity(bare(respelled.upper())) == plain


@given(st.lists(NAMES, min_size=1, max_size=3, unique=True), TITLES)
def test_versions_are_never_equal(names: list[str], title: str) -> None:
    ids = [identity(f"{' & '.join(names)} - {title}{version}") for version in VERSIONS]
    assert not [(a, b) for a, b in itertools.combinations(ids, 2) if a == b]


REMIXERS = ["Michael Woods", "Plump DJs", "Radio Slave", "Slave", "Above & Beyond", "W&W", "Ø [Phase]", "光"]
VERSION_KINDS = [
    "Remix",
    "Dub",
    "VIP",
    "Mashup",
    "Live Edit",
    "Club Mix",
    "Vocal Remix",
    "Acapella",
    "Instrumental",
]
WRITTEN = [f"({remixer} {kind})" for remixer in REMIXERS for kind in VERSION_KINDS]


@given(NAMES, TITLES, st.lists(st.sampled_from(WRITTEN), min_size=2, max_size=2, unique=True))
def test_another_remixer_kind_or_stem_is_another_track(name: str, title: str, versions: list[str]) -> None:
    """Each difference between two notes alone is another track."""
    lines = [read_line(f"{name} - {title} {version}") for version in versions]
    assert len({claim_key(line) for line in lines}) == 2


def shown(line: Line) -> str:
    return f"{line.credit} - {line.track_name}"


@given(st.lists(NAMES, min_size=1, max_size=3, unique=True), TITLES, st.sampled_from(VERSIONS), st.data())
def test_the_displayed_name_is_read_as_the_same_track(
    names: list[str], title: str, version: str, data: st.DataObject
) -> None:
    """Idempotence: providers are queried, and matches made, with the displayed name."""
    text = f"{' & '.join(names)} - {title}{version}{data.draw(st.sampled_from(VARIANTS))}"
    line = read_line(text)
    assert claim_key(read_line(shown(line), byline=line.credit)) == claim_key(line)


GOLDEN: list[dict[str, Any]] = yaml_text.load(
    (Path(__file__).parent / "lines.golden.yaml").read_text("utf-8")
)
FROZEN_KEYS = Path(__file__).parent / "claim_keys.golden.txt"


def golden_lines() -> list[tuple[str, Line]]:
    lines = []
    for wanted in GOLDEN:
        links = wanted.get("links", [])
        line = read_line(wanted["l"], version_note=wanted.get("note"), byline=wanted.get("by"), links=links)
        lines.append((wanted["l"], line))
    return lines


def test_displayed_golden_lines_are_read_as_the_same_track() -> None:
    for text, line in golden_lines():
        if line.status == "identified":
            assert claim_key(read_line(shown(line), byline=line.credit)) == claim_key(line), text


def test_keys_and_ids_of_all_golden_lines_are_frozen() -> None:
    """Ids are stored in topics and databases permanently. A change is `norm_v2`: new topic versions and a
    map from old ids to new ones, never an edit of this file (new lines are added at its end)."""
    frozen = dict(line.split("\t") for line in FROZEN_KEYS.read_text("utf-8").splitlines())
    now = {claim_key(line): track_id(line) for _, line in golden_lines() if line.status == "identified"}
    assert len(now) > 400
    assert {key: value for key, value in now.items() if frozen.get(key) != value} == {}


@given(st.text(max_size=60))
def test_any_text_is_read_and_only_identified_lines_have_ids(text: str) -> None:
    line = read_line(text)
    assert (track_id(line) is None) == (line.status != "identified")
    assert claim_key(line).count("|") == 4


@given(NAMES, NAMES, TITLES)
def test_labels_links_and_bylines_do_not_change_the_id(first: str, second: str, title: str) -> None:
    text = f"{first} & {second} - {title}"
    with_context = read_line(text, links=[first, second], byline=f"{first} & {second}", label="Ultra")
    assert track_id(with_context) == identity(text)
