"""Words of uploads: the cheap test that spares most lines the search for them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain.lines import edges
from songnodes.domain.lines.draft import Draft
from songnodes.domain.text import repair

FRONTS = [
    "",
    "PREMIERE: ",
    "Première - ",
    "premiere - ",
    "Exclusive Premiere - ",
    "World Premıere - ",
    "NEW ",
    "Clip! ",
    "[FREE DL] ",
    "(New) ",
    "【Premiere】",
    "🔥",
    "► ",
    "▶ ",
    "Video ・ ",
    "Premiere » ",
    "Pool ",
    "{New} ",
    "* ",
]
NAMES = ["A - Song", "Âme - Song", "Proj - Old World", "Clip", "A - Old (Zed Remix) [Label]"]
TAILS = [
    "",
    " OUT NOW",
    " out now",
    " FREE DL",
    " free d/l",
    " Free Download",
    " (Free DL)",
    "(Out Now)",
    " 🔥",
    " | Sped Up",
    " // Free",
    " ~ Out Now",
    " → Free",
    "!",
    " #techno #house",
    ".mp3",
    ".flac",
    " https://x.y",
    "️",
    " World",
    " Show",
    "»",
    " * New *",
    " = Free DL",
]


@given(st.tuples(*map(st.sampled_from, (FRONTS, NAMES, TAILS, TAILS))).map("".join).map(repair))
@settings(max_examples=300)
def test_a_line_that_is_not_searched_has_none(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        quick, searched = Draft(raw=text, text=text), Draft(raw=text, text=text)
        edges.strip_upload_words(quick)
        patch.setattr(edges, "_may_have_upload_words", lambda text: not _is_plain(text))
        edges.strip_upload_words(searched)
    assert quick.text == searched.text


def _is_plain(text: str) -> bool:
    """Return True for plain letters without a sign, which were never searched."""
    is_file = text[-4:-3] == "." or text[-5:-4] == "."
    has_sign = any(sign in text for sign in (*":|*~>={<#!", "//", "] ("))
    is_edged = text[:1] in "[(pP" or text[-1:] in "lLdDwW"
    return text.isascii() and not (is_file or has_sign or is_edged)
