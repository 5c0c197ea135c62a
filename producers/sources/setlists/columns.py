"""Columns of a list behind its counter or title: places of a chart, tempo and key, emoji at the end."""

import re
from collections.abc import Sequence

#: The place of last week in a chart: "1 (3) Artist", "3 (new) Artist".
PLACE = re.compile(
    r"^[(\[]\s?(?:\d{1,3}|new|ne|nr|re|re-?entry|=|-|\u2191|\u2193|lw:?\s?\d{1,3})\s?[)\]]\s+(?=\S)",
    re.IGNORECASE,
)
_KEY = r"(?:1[0-2]|0?[1-9])\s?[ABdm]|[A-G][#b\u266f\u266d]?\s?(?:m|min|maj|minor|major)?"
#: Tempo or key behind the title: "| 122 | 8A", "(128 BPM)".
TEMPO_OR_KEY = re.compile(
    rf"\s*[|]\s*(?:\d{{2,3}}(?:[.,]\d{{1,2}})?(?:\s?bpm)?|{_KEY})$"
    rf"|\s*[(\[]\d{{2,3}}(?:[.,]\d{{1,2}})?\s?bpm(?:\s?[,/|-]\s?(?:{_KEY}))?[)\]]$|[\s,/-]+\d{{2,3}}\s?bpm$",
    re.IGNORECASE,
)
EMOJI = re.compile("\\s+[\u2600-\u27bf\U0001f300-\U0001faff\U0001f1e6-\U0001f1ff\u200d]+$")
COLUMN_SHARE = 0.8  # of the lines that have a column
FEWEST = 3  # lines
MAX_COLUMNS = 3


def without_columns(texts: Sequence[str]) -> list[str]:
    """Return the texts of the rows of a list without the columns that most of them have."""
    plain = [EMOJI.sub("", text) if not text.isascii() else text for text in texts]
    plain = _without(plain, PLACE)
    for _ in range(MAX_COLUMNS):
        shorter = _without(plain, TEMPO_OR_KEY)
        if shorter == plain:
            break
        plain = shorter
    return plain


def _without(texts: list[str], column: re.Pattern[str]) -> list[str]:
    shorter = [column.sub("", text, count=1) for text in texts]
    shortened = sum(after != before and bool(after) for before, after in zip(texts, shorter, strict=True))
    if shortened < max(FEWEST, COLUMN_SHARE * len(texts)):
        return texts
    return [after or before for before, after in zip(texts, shorter, strict=True)]
