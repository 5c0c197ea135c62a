"""Kinds of reported cases 11, 13, 14, 15 and 22 in other spellings: one key for one track, never for two."""

import pytest

from songnodes.domain.identity import claim_key
from songnodes.domain.lines import read_line
from songnodes.domain.matching import Candidate, RequestedTrack, decide

PLAIN = "Mona Veil - Low Moon"
PART = "Mona Veil - Song "

SPEEDS = (
    (
        "(x1.25)",
        "(1.25x)",
        "(1,25x)",
        "[1.25x]",
        "- 1.25x",
        "(Speed x1.25)",
        "(125% Speed)",
        "(1.25x Version)",
    ),
    ("(0.5x)", "(Half Speed)", "[Half-Speed Version]"),
    (
        "(33 RPM)",
        "(33rpm)",
        "[33 RPM]",
        "(33 1/3 RPM)",
        "(33⅓ RPM)",
        "(@33)",
        "(Played at 33)",
        "(33 RPM Version)",
    ),
    ("(45 RPM)", "(45rpm)", "(@45 RPM)", "(Played at 45)", "(on 45)", "- 45 RPM"),
    ("(Pitched Up)", "(+3 Semitones)", "(Chipmunk Version)", "(+8%)", "(Pitch +2)"),
    ("(Pitched Down)", "(-2 st)"),
    ("(sped up ver.)", "(Sped Up)", "sped up", "| Sped Up", "~ sped up ~"),
    ("(s l o w e d + r e v e r b)", "(Slowed + Reverb)", "slowed + reverb", "// slowed & reverb"),
    ("(In the Style of Lia) [Karaoke]", "(Karaoke)", "(Karaoke Version) (Originally Performed by Lia)"),
)


@pytest.mark.parametrize("spellings", SPEEDS, ids=lambda spellings: spellings[0])
def test_a_speed_is_one_version_in_all_spellings_and_no_match(spellings: tuple[str, ...]) -> None:
    assert len({claim_key(read_line(f"{PLAIN} {note}")) for note in spellings}) == 1
    for note in spellings:
        copy = Candidate(provider="spotify", name=f"Low Moon {note}", artists=("Mona Veil",))
        assert decide(RequestedTrack(line=read_line(PLAIN)), [copy]).match is None, note


def test_speeds_differ() -> None:
    keys = {claim_key(read_line(f"{PLAIN} {spellings[0]}")) for spellings in SPEEDS}
    assert len(keys | {claim_key(read_line(PLAIN))}) == len(SPEEDS) + 1


@pytest.mark.parametrize(
    "part",
    [
        *("Part II", "[Part 2]", "[Pt. II]", "Part No. 2", "2nd Part", "(Second Part)", "Teil 2", "Parte II"),
        *("Partie 2", "Deel 2", "Часть 2", "Pt. 2/3", "Part 2 of 3", "(Part 2 (of 3))", "Part Ⅱ", "pt.2"),
    ],
)
def test_a_part_is_one_track_in_all_spellings(part: str) -> None:
    assert claim_key(read_line(PART + part)) == claim_key(read_line(f"{PART}Part 2"))


def test_part_numbers_go_on_behind_twelve() -> None:
    for spellings in (("13", "XIII", "Thirteen"), ("20", "XX", "Twenty"), ("1 & 2", "I + II", "One and Two")):
        assert len({claim_key(read_line(f"{PART}Part {number}")) for number in spellings}) == 1
    different = (
        "",
        "Part 1",
        "Part 2",
        "Part 3",
        "Part 13",
        "Part 1 & 2",
        "Vol. 2",
        "2",
        "[Dock]",
    )
    assert len({claim_key(read_line(PART + part)) for part in different}) == len(different) - 1


@pytest.mark.parametrize(
    "line",
    [
        "PREMIERE - {}",
        "DT:Premiere | {}",
        "🔥PREMIERE🔥 {}",
        "★PREMIERE★ {}",
        "Premiere ⚡ {}",
        "Estreno: {}",
        "ПРЕМЬЕРА: {}",
        "Watch: {}",
        "{} OUT NOW!",
        "{} ⚡ OUT NOW ⚡",
        "{} 🔥",
        "{} (Video Oficial)",
        "{} (Clip Officiel)",
        "{} (Offizielles Musikvideo)",
        "{} (Официальный клип)",
        "{} (Official)",
        "{} (Full HD)",
        "{} (Click Buy for Free Download)",
        "{} (As played by Otto B)",
        "{} [Supported by Otto B]",
        "{} (BBC Radio 1 Premiere)",
        "{} (Premiere 2024)",
        "{} (Now on Spotify)",
        "{} (320kbps)",
        "{} [Dock Records] (Out Now)",
    ],
)
def test_words_of_uploads_belong_to_no_name(line: str) -> None:
    assert claim_key(read_line(line.format(PLAIN))) == claim_key(read_line(PLAIN))


@pytest.mark.parametrize(
    "note",
    [
        *("(Iron Petal Remix; Mixed)", "(Iron Petal Remix, Mixed)", "(Iron Petal Remix / Mixed)"),
        *("(Iron Petal Remix [Mixed])", "[Iron Petal Remix (Mixed)]", "(Iron Petal Remix - Free Download)"),
        *(
            "(Iron Petal Remix - Official Video)",
            "(Official Iron Petal Remix)",
            "(Iron Petal Official Remix)",
        ),
    ],
)
def test_notes_within_the_brackets_of_a_version(note: str) -> None:
    line = read_line(f"{PLAIN} {note}")
    assert claim_key(line) == claim_key(read_line(f"{PLAIN} (Iron Petal Remix)"))
    assert ("not_a_recording" in line.warnings) == ("Mixed" in note)


@pytest.mark.parametrize(
    ("text", "artist", "title"),
    [
        ("Premiere - Low Moon", "Premiere", "Low Moon"),
        ("Mona Veil - Premiere", "Mona Veil", "Premiere"),
        ("Mona Veil - Out Now", "Mona Veil", "Out Now"),
        ("Mona Veil - Get Out Now", "Mona Veil", "Get Out Now"),
        ("Mona Veil - Free Download", "Mona Veil", "Free Download"),
        ("Watch - Low Moon", "Watch", "Low Moon"),
        ("Mona Veil - Low Moon (The Premiere)", "Mona Veil", "Low Moon (The Premiere)"),
        ("Mona Veil - 45", "Mona Veil", "45"),
        ("Mona Veil - I ❤", "Mona Veil", "I ❤"),
        ("Mona Veil - 🔥", "Mona Veil", "🔥"),
        ("🔥 - 🔥", "🔥", "🔥"),
        ("F/A - Slow", "F/A", "Slow"),
        ("Mona Veil - F/X", "Mona Veil", "F/X"),
        ("Mona Veil - Slow f/x", "Mona Veil", "Slow f/x"),
        ("Mona Veil - Half Speed", "Mona Veil", "Half Speed"),
        ("Mona Veil - 33 1/3", "Mona Veil", "33 1/3"),
        ("Maroon Five - Part One And Only", "Maroon Five", "Part One And Only"),
    ],
)
def test_names_that_are_such_words_are_kept(text: str, artist: str, title: str) -> None:
    line = read_line(text)
    assert (line.artists, line.title) == ((artist,), title)


@pytest.mark.parametrize(
    "credit",
    [
        *("{} • {}", "{} · {}", "{} ✕ {}", "{} ❌ {}", "{} W/ {}", "{}, and {}", "{} et {}", "{} och {}"),
        *("{} ⧸ {}", "{}│{}", "{} meets {}", "{} и {}"),
    ],
)
def test_signs_and_words_between_artists(credit: str) -> None:
    line = read_line(f"{credit.format('Zorn Quill', 'Mira Sol')} - Nightglass")
    assert line.key_artists == ("mira sol", "zorn quill")


@pytest.mark.parametrize(
    "name", ["Nora En Pure", "Man With No Name", "Wind·Rose", "Et Cetera", "Guns N' Roses"]
)
def test_names_with_such_words_stay_one_name(name: str) -> None:
    assert read_line(f"{name} - Nightglass").artists == (name,)


def test_a_name_that_begins_with_such_a_word_is_kept() -> None:
    assert "y do i" in read_line("Rhodes, CamelPhat, Y do I, Adam Sellouk - For a Feeling").key_artists


def test_a_guest_in_brackets_behind_the_artist() -> None:
    line = read_line("Zorn Quill (with Mira Sol) - Nightglass")
    assert claim_key(line) == claim_key(read_line("Zorn Quill - Nightglass (with Mira Sol)"))


@pytest.mark.parametrize(
    ("text", "artist", "title", "featured"),
    [
        ("Mona Veil - Under 6 Ft", "Mona Veil", "Under 6 Ft", ()),
        ("Mona Veil - 20,000 ft", "Mona Veil", "20,000 ft", ()),
        ("Mona Veil - Six ft. Under", "Mona Veil", "Six ft. Under", ()),
        ("Six Ft Hick - Slow", "Six Ft Hick", "Slow", ()),
        ("Mona Veil - The Twenty Ft. Wall", "Mona Veil", "The Twenty Ft. Wall", ()),
        ("Maroon 5 ft: Lia - Slow", "Maroon 5", "Slow", ("Lia",)),
        ("Mona Veil feat: Lia - Slow", "Mona Veil", "Slow", ("Lia",)),
        ("Mona Veil - Slow f/ Lia", "Mona Veil", "Slow", ("Lia",)),
        ("Mona Veil f/Lia - Slow", "Mona Veil", "Slow", ("Lia",)),
        ("Mona Veil - Slow (f/ Lia)", "Mona Veil", "Slow", ("Lia",)),
        ("Kensington Six ft Lia - Slow", "Kensington Six", "Slow", ("Lia",)),
    ],
)
def test_lengths_and_guests(text: str, artist: str, title: str, featured: tuple[str, ...]) -> None:
    line = read_line(text)
    assert (line.artists, line.title, line.featured) == ((artist,), title, featured)
