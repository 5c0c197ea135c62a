"""Kinds of reported cases 04 to 07 in further forms: signs, scripts, units of time, remarks, other lists."""

import pytest

from producers.sources.mixcloud import sections
from producers.sources.setlists import read_text

TRACKS = [
    *("Mona Veil - Silver Tide", "The Ferrymen - Low Moon", "Otto B - Red Eagle", "Kestrel Row - Ninth Hour"),
    "Nadir Nine - Slow",
]
STARTS = [0, 200, 465, 760, 1100]
NUMBERED = [f"{n}. {track}" for n, track in enumerate(TRACKS, start=1)]


def texts(*lines: str) -> list[str | None]:
    return [row.text for row in read_text("\n".join(lines)).rows]


@pytest.mark.parametrize("heading", ["", "Tracklist:\n"])
@pytest.mark.parametrize(
    "form",
    [
        *("【{}】", "「{}」", "{}。", "n.º {} ", "{}ème ", "{}▶ ", "\\{}. ", "{}\\. ", "`{}` ", "CD1-{:02} "),
        *("CD1 - {:02} ", "D1T{} ", "1x{:02} ", "||{}|| ", "-{}- ", "--{}-- ", "={}= ", "~{}~ ", "<<{}>> "),
        *(".{} ", ".{}. ", "Titre {} : ", "Şarkı {}: ", "Cut {} ", "Row {}: ", "Pos. {}: ", "第{}首:"),
    ],
)
def test_counters_between_other_signs(form: str, heading: str) -> None:
    written = read_text(heading + "\n".join(form.format(n) + t for n, t in enumerate(TRACKS, start=1)))
    assert [(row.text, row.number) for row in written.rows] == list(zip(TRACKS, range(1, 6), strict=True))


@pytest.mark.parametrize("numerals", ["①②③④⑤", "❶❷❸❹❺", "➀➁➂➃➄", "⓵⓶⓷⓸⓹", "⑴⑵⑶⑷⑸", "⒈⒉⒊⒋⒌"])
@pytest.mark.parametrize("blank", ["", " "])
def test_numerals_of_one_character(numerals: str, blank: str) -> None:
    written = read_text("\n".join(f"{n}{blank}{t}" for n, t in zip(numerals, TRACKS, strict=True)))
    assert [(row.text, row.number) for row in written.rows] == list(zip(TRACKS, range(1, 6), strict=True))


def test_han_numerals_before_a_blank() -> None:
    assert texts(*(f"{n} {track}" for n, track in zip("一二三四五", TRACKS, strict=True))) == TRACKS


def test_roman_numerals_before_a_dash() -> None:
    assert (
        texts(*(f"{n} - {t}" for n, t in zip(("I", "II", "III", "IV", "V"), TRACKS, strict=True))) == TRACKS
    )
    names = ["Vex - Silver Tide", "V - Low Moon", "I - Red Eagle", "L - Slow", "V - Ninth Hour"]
    assert texts(*names) == names


@pytest.mark.parametrize(
    "sign",
    [
        *("⁃ ", "⦁ ", "..", "/ ", "// ", ": ", "\\- ", "\\* ", "&raquo; ", "§ ", "— — ", "- - ", "^ ", "・"),
        *("※ ", "🎧 - ", "¤ ", "| - "),
    ],
)
def test_any_sign_that_all_lines_have_is_a_bullet(sign: str) -> None:
    assert texts(*(sign + track for track in TRACKS)) == TRACKS


@pytest.mark.parametrize("sign", ["$", "@", "&", "(", '"', "¿"])
def test_signs_that_begin_names_are_no_bullets(sign: str) -> None:
    assert texts("Tracklist:", *(sign + track for track in TRACKS)) == [sign + track for track in TRACKS]


@pytest.mark.parametrize(
    "form",
    [
        *("{m}min{s:02} %", "{m} mn {s:02} %", "{m}m{s:02} %", "{m}分{s:02}秒 %", "{m}분 {s:02}초 %"),
        *("{m} мин {s:02} сек %", "0時{m}分{s:02}秒 %", "0:{m}:{s} %", "00:{m:02}:{s:02}:00 %"),
        *("00:{m:02}:{s:02};12 %", "【{m}:{s:02}】 %", "≈{m}:{s:02} %", "+{m}:{s:02} %", "T={m}:{s:02} %"),
        *("{m};{s:02} %", "{m:02}:{s:02}, %", "{m:02}:{s:02} / %", "`{m}:{s:02}` %", "{m:02} : {s:02} %"),
        *(
            "Start: {m}:{s:02} %",
            "• {m}:{s:02} • - %",
            "% ⏱ {m}:{s:02}",
            "% *{m}:{s:02}*",
            "% 【{m}:{s:02}】",
        ),
        "% {m}分{s:02}秒",
    ],
)
def test_times_with_other_units_and_signs(form: str) -> None:
    lines = [
        form.format(m=start // 60, s=start % 60).replace("%", track)
        for start, track in zip(STARTS, TRACKS, strict=True)
    ]
    written = read_text("\n".join(lines), length_s=3600)
    assert [(row.text, row.cue_seconds) for row in written.rows] == list(zip(TRACKS, STARTS, strict=True))


def test_words_before_a_time_at_the_end_belong_to_the_title() -> None:
    names = [f"{track} Time" for track in TRACKS]
    assert texts(*(f"{name} {4 * n}:10" for n, name in enumerate(names))) == names


def test_hours_over_midnight_are_no_minutes() -> None:
    lines = ("22:00 Nova Aline - live", "23:30 Otto B - dj set", "01:00 Kestrel Row - live")
    assert texts(*lines, "02:30 Nadir Nine - dj set") == []


@pytest.mark.parametrize(
    "remark",
    ["----------", "=====", "~ ~ ~", "♥", "🔥🔥🔥", "_____", "Jingle", "Big tune!", "News", "Ad break"],
)
def test_a_remark_does_not_end_a_list_without_numbers(remark: str) -> None:
    rows = texts("Tracklist:", *TRACKS[:3], remark, *TRACKS[3:])
    assert rows == TRACKS


def test_a_call_to_follow_does_not_end_a_count() -> None:
    assert texts("Tracklist:", *NUMBERED[:3], "Follow me on instagram @x", *NUMBERED[3:]) == TRACKS


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Set One - Nova Aline", "Set Two - Pale Ivory"),
        ("Hour 1 (20:00-21:00)", "Hour 2 (21:00-22:00)"),
        ("Hour no. 1", "Hour no. 2"),
        ("1-ый час", "2-ой час"),
        ("Teil eins", "Teil zwei"),
    ],
)
def test_parts_with_more_words_are_no_rows(first: str, second: str) -> None:
    rows = read_text("\n".join(["Tracklist:", first, *TRACKS[:3], "", second, *TRACKS[3:]])).rows
    assert [row.text for row in rows] == TRACKS
    assert len({row.part for row in rows}) == 2


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Tracks used:",
            "Running order:",
            "In this mix:",
            "Tracklijst:",
            "Danh sách bài hát:",
            "Daftar lagu:",
        ),
        *(
            "Biisilista:",
            "Zeneszámok:",
            "Chansons:",
            "Faixas:",
            "Piosenki:",
            "Dalok:",
            "Timestamps:",
            "Contents:",
        ),
        "Nova Aline - Field Radio 14 tracklist:",
    ],
)
def test_headings_in_further_languages(heading: str) -> None:
    assert texts(heading, *TRACKS[:4]) == TRACKS[:4]


@pytest.mark.parametrize(
    "form", ["{}.03. - Berlin", "{}.03 - Berlin", "{}/03 - Berlin", "{}.03.2025 - Berlin"]
)
@pytest.mark.parametrize("before", [True, False])
def test_days_of_a_tour_do_not_hide_a_list(form: str, before: bool) -> None:
    days = [form.format(day) for day in (12, 14, 20, 22, 25, 28)]
    for rows in (NUMBERED, ["Tracklist:", *TRACKS], [f"{4 * n}:10 {t}" for n, t in enumerate(TRACKS)]):
        if before and rows[0] == "Tracklist:":
            continue
        assert texts(*([*days, "", *rows] if before else [*rows, "", *days])) == TRACKS


def test_dotted_times_are_no_days() -> None:
    times = ["00.00", "04.10", "08.45", "12.03", "1.02.00"]
    assert texts(*(f"{time} {track}" for time, track in zip(times, TRACKS, strict=True))) == TRACKS


@pytest.mark.parametrize(
    "others",
    [
        ["Nova Aline - Instagram", "Nova Aline - Facebook", "Nova Aline - Soundcloud"],
        ["Artwork - Otto B", "Photo - Kestrel Row"],
        ["This mix - my best - was recorded live in May.", "Thank you - all of you - for dancing with us."],
    ],
)
def test_lines_behind_a_list_without_numbers(others: list[str]) -> None:
    assert texts("Tracklist:", *TRACKS, "", *others) == TRACKS


@pytest.mark.parametrize(
    "lines",
    [
        ["03/12 - Berlin", "03/14 - Paris", "03/20 - London", "03/22 - Lisbon", "03/28 - Madrid"],
        [
            "március 12. - Budapest",
            "március 14. - Pécs",
            "április 2. - Győr",
            "május 3. - Eger",
            "május 9. - Vác",
        ],
        [
            "12 Μαρτίου - Αθήνα",
            "14 Μαρτίου - Πάτρα",
            "2 Απριλίου - Βόλος",
            "3 Μαΐου - Χανιά",
            "9 Ιουνίου - Κως",
        ],
        ["12. maaliskuuta - Oulu", "2. huhtikuuta - Turku", "3. toukokuuta - Pori", "9. kesäkuuta - Vaasa"]
        * 2,
        ["3월 12일 - 서울", "3월 14일 - 부산", "4월 20일 - 대구", "5월 22일 - 인천", "6월 28일 - 제주"],
        ["Понедельник - хаус", "Вторник - техно", "Среда - транс", "Четверг - диско", "Пятница - фанк"],
        ["月曜日 - ハウス", "火曜日 - テクノ", "水曜日 - トランス", "木曜日 - ディスコ", "金曜日 - ファンク"],
        [
            "2 x Technics - SL1210",
            "1 x Pioneer - DJM900",
            "2 x Pioneer - CDJ",
            "1 x Shure - M44",
            "1 x Akai - MPC",
        ],
        ["#house - #deep", "#techno - #hard", "#trance - #goa", "#disco - #nu", "#funk - #soul"],
        ["Paris - 20h", "Berlin - 20 Uhr", "London - 7pm", "New York - 2pm", "Tokyo - 4am"],
        ["10pm - Nova Aline", "11.30pm - Otto B", "1am - Kestrel Row", "2am - Nadir Nine", "4am - Mona Veil"],
        ["Thanks to Otto B - sound", "Thanks to Mona - light", "Thanks to Kestrel - bar"] * 2,
        ["Next week - Nova Aline", "In two weeks - Otto B", "Next month - Nadir Nine", "Soon - Mona Veil"]
        * 2,
    ],
)
def test_these_lists_are_no_tracks(lines: list[str]) -> None:
    assert texts(*lines) == []


@pytest.mark.parametrize("form", ["【{}】%", "<b>%</b>", "&bull; %", "\\{}. %", "%//"])
def test_chapters_with_marks_of_lists(form: str) -> None:
    named = [track.replace(" - ", " // ") if form.endswith("//") else track for track in TRACKS]
    chapters = [form.rstrip("/").format(n).replace("%", track) for n, track in enumerate(named, start=1)]
    raw = [
        {"__typename": "ChapterSection", "chapter": chapter, "startSeconds": start}
        for chapter, start in zip(chapters, STARTS, strict=True)
    ]
    rows, warnings = sections.rows(sections.of_graphql(raw))
    assert [(row["text"], row["cue_seconds"]) for row in rows] == list(zip(TRACKS, STARTS, strict=True))
    assert warnings == []
