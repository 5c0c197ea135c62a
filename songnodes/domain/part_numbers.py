"""Numbers of parts and volumes in one form: "Part 2", "Pt. 2", "Part II" and "Part Two" are "part 2".

A rule of reading on top of `norm_v1`, which is frozen. Other numbers stay as they are: "Song II" may be a
title of its own.
"""

import re

_UNITS = {
    **dict.fromkeys(("part", "parts", "pt", "pts", "prt", "teil", "parte", "partie", "deel"), "part"),
    **dict.fromkeys(("czesc", "bolum", "resz", "meros"), "part"),
    **dict.fromkeys(("volume", "vol", "volumen"), "volume"),
    "chast u44c": "part",
}
_NUMBERS = {
    word: str(number)
    for number, words in enumerate(
        (
            "one i", "two ii", "three iii", "four iv", "five v", "six vi", "seven vii", "eight viii",
            "nine ix", "ten x", "eleven xi", "twelve xii", "thirteen xiii", "fourteen xiv", "fifteen xv",
            "sixteen xvi", "seventeen xvii", "eighteen xviii", "nineteen xix", "twenty xx", "xxi", "xxii",
            "xxiii", "xxiv", "xxv",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_NUMBERS |= {
    **dict.fromkeys(("eins", "uno", "eerste"), "1"),
    **dict.fromkeys(("zwei", "deux", "dos", "due", "twee"), "2"),
    **dict.fromkeys(("drei", "trois", "tres", "tre", "drie"), "3"),
}
_ORDINALS = {
    word: str(number)
    for number, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"), start=1)
}
_NUMBER = rf"\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))}"
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_PART = re.compile(
    rf"\b(?P<unit>{_UNIT}) ?(?:n[or] )?(?P<number>{_NUMBER})(?P<more>(?: (?:(?:and |to )?|(?:and"
    rf"|to) (?:{_UNIT}) )(?:{_NUMBER})\b)*)(?!\w)"
)
#: "2nd part", "second part"
_NTH = re.compile(rf"\b(?P<number>\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(_ORDINALS)}) part\b(?! \d)")
#: The number of all parts: "Part 2 of 3", "Part 2/3", "Pt. 2 (of 3)". Not both sides of a record: "Part 1/2".
_OF_ALL = re.compile(
    r"(?P<part>\b(?:part|pt|prt|teil|parte|partie|deel)\b\.?\s?\d{1,2})"
    r"\s?(?:(?<!\D1)/|(?<=\D1)/(?!2\b)|\s\(?(?:of|von|de|van|sur)\s)\d{1,2}\b\)?",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_MAYBE_PART = re.compile(r"part|p(?:r)?ts?\b|pt|vol|teil|deel|chast|czesc|bolum|resz|meros")
_PART_ALONE = re.compile(
    rf"^[\W_]*(?:(?:part|pt|prt|teil|parte|partie|deel|часть|vol|volume)s?\b[.:#\s-]*(?:no\.?\s?)?(?:{_NUMBER})"
    r"(?:\s?(?:/|of)\s?\d{1,2})?|(?:\d{1,2}(?:st|nd|rd|th)|first|second|third) part)[\W_]*$",
    re.IGNORECASE,
)


def without_total(title: str) -> str:
    """Return a title as written without the number of all parts: "Song (Part 2/3)" is "Song (Part 2)"."""
    return _OF_ALL.sub(lambda match: match["part"], title) if _DIGIT.search(title) else title


def is_part_number(text: str) -> bool:
    """Return True for a text that is nothing but the number of a part: "Part 2", "Pt. II", "2nd Part"."""
    return len(text) <= 30 and _PART_ALONE.match(text) is not None


def with_part_numbers(text: str) -> str:
    """Return a text in normal form (`norm_v1`) with its part and volume numbers in one form."""
    if not _MAYBE_PART.search(text):
        return text
    return _PART.sub(_one_form, _NTH.sub(_nth, text))


def _nth(part: re.Match[str]) -> str:
    number = part["number"]
    return f"part {_ORDINALS.get(number) or number[:-2].lstrip('0')}"


def _one_form(part: re.Match[str]) -> str:
    numbers = [part["number"], *(word for word in part["more"].split() if word not in {"and", "to", *_UNITS})]
    plain = [_NUMBERS.get(number) or number.lstrip("0") or "0" for number in numbers]
    if len(plain) > 1 and "i" in numbers[1:]:  # "part 2 i love you"
        return part[0].replace(part["unit"], _UNITS[part["unit"]], 1)
    return f"{_UNITS[part['unit']]} {' '.join(plain)}"
