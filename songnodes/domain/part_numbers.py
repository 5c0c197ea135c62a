"""Numbers of parts and volumes in one form: "Part 2", "Pt. 2", "Part II" and "Part Two" are "part 2".

A rule of reading on top of `norm_v1`, which is frozen. Other numbers stay as they are: "Song II" may be a
title of its own.
"""

import re

_UNITS = {"part": "part", "pt": "part", "prt": "part", "volume": "volume", "vol": "volume"}
_NUMBERS = {
    word: str(number)
    for number, words in enumerate(
        (
            "one i", "two ii", "three iii", "four iv", "five v", "six vi", "seven vii", "eight viii",
            "nine ix", "ten x", "eleven xi", "twelve xii",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_PART = re.compile(rf"\b(?P<unit>{'|'.join(_UNITS)}) ?(?P<number>\d{{1,3}}|{'|'.join(_NUMBERS)})\b")


def with_part_numbers(text: str) -> str:
    """Return a text in normal form (`norm_v1`) with its part and volume numbers in one form."""
    if "part" not in text and "pt" not in text and "prt" not in text and "vol" not in text:
        return text
    return _PART.sub(_one_form, text)


def _one_form(part: re.Match[str]) -> str:
    number = part["number"]
    return f"{_UNITS[part['unit']]} {_NUMBERS.get(number) or number.lstrip('0') or '0'}"
