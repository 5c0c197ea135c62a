"""Kinds of reported cases 11, 13, 14, 15, 18 and 22 in further forms: one key per track."""

import pytest

from songnodes.domain.identity import claim_key
from songnodes.domain.keys import read_key
from songnodes.domain.lines import read_line

PLAIN = "Mona Veil - Low Moon"


def key(text: str) -> str:
    return claim_key(read_line(text))


@pytest.mark.parametrize(
    "artist",
    [
        *(
            "deadmau5 f. Kiesa",
            "deadmau5 {feat. Kiesa}",
            "deadmau5 <feat. Kiesa>",
            "deadmau5 【feat. Kiesa】",
        ),
        *("deadmau5 featuring. Kiesa", "deadmau5 (при уч. Kiesa)", "deadmau5 при участии Kiesa"),
        *("deadmau5 (w/ Kiesa)", "deadmau5 together with Kiesa"),
    ],
)
def test_guests_in_other_words_and_brackets(artist: str) -> None:
    line = read_line(f"{artist} - Bridged")
    assert (claim_key(line), line.featured) == (key("deadmau5 - Bridged"), ("Kiesa",))


@pytest.mark.parametrize(
    "text",
    ["Mona Veil - My 9 ft. Shadow", "Mona Veil - 1.5 ft. Tall", "Mona Veil & 10 Ft. Ganja Plant - Slow"],
)
def test_lengths_behind_other_words(text: str) -> None:
    assert read_line(text).featured == ()


@pytest.mark.parametrize(
    "sign",
    [
        *(" ・ ", "・", " ⋅ ", " ‧ ", " ✖️ ", " ⨉ ", " ⊗ ", " ⚔ ", " 🤝 ", " \\ ", "، ", " ︱ ", " ¦ ", " ❘ "),
        *(" ⎮ ", " ǀ ", " ┃ ", " ︳ ", " i ", " e ", " en ", " v ", " v. ", " n ", " 'n' ", " back to back "),
    ],
)
def test_signs_and_words_between_artists(sign: str) -> None:
    assert key(f"Zorn Quill{sign}Mira Sol - Nightglass") == key("Zorn Quill & Mira Sol - Nightglass")


def test_letters_of_a_name_are_no_words_between_artists() -> None:
    assert key("A l l i e - Nightglass").startswith("a l l i e|")
    assert key("Julian V Kane - Nightglass").startswith("julian v kane|")


@pytest.mark.parametrize(
    "notes",
    [
        ("(Sped Up)", "(Sped Up; Remastered 2020)"),
        ("(Reverb)", "(w/ Reverb)", "(With Reverb)"),
        ("(Slowed + Reverb)", "(Slowed w/ Reverb)", "(Slowed with Reverb)"),
        ("(Karaoke)", "(Karaoke-Version)", "(Karaokeversion)", "(Караоке версия)"),
        ("(Daycore)", "(Anti-Nightcore)", "(Anti Nightcore)"),
        ("(Chopped & Screwed)", "(Screwed & Chopped)"),
        ("(Lia Cover)", "(Lia's Cover)", "(Cover de Lia)"),
        ("(Reversed)", "(Reverse Version)", "(Played Backwards)"),
        ("(432 Hz)", "(in 432 Hz)", "(432 Hertz)", "(A=432Hz)", "(432hz tuning)"),
        ("(8D Audio)", "(8D Sound)", "(in 8D)"),
        ("(2x Speed)", "(Double Speed)"),
        ("(Bass Boosted)", "(Boosted Bass)"),
        ("(Taylor's Version)", "(Taylor's Ver.)"),
        ("(Iron Petal Remix)", "(Iron Petal Remix Official Video)", "(Iron Petal Remix Mixed)"),
    ],
)
def test_altered_copies_in_other_words(notes: tuple[str, ...]) -> None:
    assert {key(f"{PLAIN} {note}") for note in notes} == {key(f"{PLAIN} {notes[0]}")}
    assert key(f"{PLAIN} {notes[0]}") != key(PLAIN)


def test_nightcore_and_its_opposite_are_two_versions() -> None:
    assert key(f"{PLAIN} (Nightcore)") != key(f"{PLAIN} (Anti-Nightcore)")


@pytest.mark.parametrize("subtitle", ["(Take Cover)", "(Cover Me Up)", "(Reverse)", "(In Reverse)"])
def test_these_subtitles_are_no_versions(subtitle: str) -> None:
    assert read_line(f"{PLAIN} {subtitle}").version_family is None


@pytest.mark.parametrize(
    "text",
    [
        *("OUT NOW! %", "Exclusive Preview: %", "New: %", "【PREMIERE】%", "《Premiere》%", "Premiera: %"),
        *("PREMIERE: [FREE DL] %", "▶ %", "🔥 %", "First Listen: %", "PREMIERE #123: %", "Premiere 012 | %"),
        *(
            "[PREMIERE 45] %",
            "Premiere ~ %",
            "PREMIERE・%",
            "% (Out on Beatport)",
            "% (Hit Buy for Free Download)",
        ),
        *("% (Forthcoming Dock Records)", "% (Low Quality)", "% (MV)", "% (Letra/Lyrics)", "% (Full Track)"),
        *(
            "% (🔥)",
            "% (🎶🎶)",
            "% #house #techno",
            "% https://soundcloud.com/x",
            "%.mp3",
            "% (Prod. by Otto B)",
        ),
        *("% (prod. Otto B)", "% (Produced by Otto B)", "% (Mastered)", "% (Reupload)", "% <FREE DOWNLOAD>"),
        *("% (CDQ)", "% (DL link in bio)", "% (Directed by Otto B)"),
    ],
)
def test_words_of_uploads_around_a_name(text: str) -> None:
    assert key(text.replace("%", PLAIN)) == key(PLAIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ComingSoon!!! - Low Moon", "comingsoon|low moon|||"),
        ("Clip! - Bloom", "clip|bloom|||"),
        ("Duki - Quavo #Mododiablo", "duki|quavo mododiablo|||"),
        ("Gregor Schwellenbach - C.aif", "gregor schwellenbach|c aif|||"),
        ("LSD: Mona Veil - Low Moon", "lsd mona veil|low moon|||"),
        ("Mona Veil - Prodigal Son", "mona veil|prodigal son|||"),
        ("Mona Veil - Low Moon (Produced Feelings)", "mona veil|low moon produced feelings|||"),
    ],
)
def test_names_like_words_of_uploads_are_names(text: str, expected: str) -> None:
    assert key(text) == expected


@pytest.mark.parametrize(
    "part", ["Część 2", "Bölüm 2", "Rész 2", "Part Nr. 2", "Parte Due", "Parte Dos", "Part Deux", "Teil Zwei"]
)
def test_part_numbers_in_further_languages(part: str) -> None:
    assert key(f"Mona Veil - Song {part}") == key("Mona Veil - Song Part 2")


def test_parts_named_one_by_one() -> None:
    assert key("Mona Veil - Song Part 1 & Part 2") == key("Mona Veil - Song Parts 1 & 2")
    assert key("Mona Veil - Song (Part II) - Pt. 2") != key("Mona Veil - Song Parts 1 & 2")


@pytest.mark.parametrize("between", [" - ", "; ", " / ", ", "])
def test_a_part_before_a_version_in_one_bracket(between: str) -> None:
    expected = key("Mona Veil - Song Part 2 (Iron Petal Remix)")
    assert key(f"Mona Veil - Song (Part 2{between}Iron Petal Remix)") == expected


def test_keys_with_a_colon() -> None:
    assert read_key("A:min") == read_key("Am")
    assert read_key("F#:maj") == read_key("F#")
