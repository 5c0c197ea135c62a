"""Real sets of MixesDB written as lists in usual formats: nearly every row is parsed back."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import wrap

import pytest

from producers.sources.setlists import read_text
from songnodes.domain.text import repair

FEWEST_ROWS = 5
WIDTH = 40

#: Form and the rows that may be wrong, of 5,410: the artist "+ Don André" is one in each form.
FORMS: dict[str, tuple[Callable[[Sequence[str]], list[str]], int]] = {
    "plain": (list, 1),
    "headed": (lambda rows: ["Tracklist:", *rows], 1),
    "N.": (lambda rows: [f"{n}. {row}" for n, row in enumerate(rows, start=1)], 1),
    "NN": (lambda rows: [f"{n:02} {row}" for n, row in enumerate(rows, start=1)], 1),
    "N": (lambda rows: [f"{n} {row}" for n, row in enumerate(rows, start=1)], 1),
    "time": (lambda rows: [f"{4 * n}:{7 * n % 60:02} {row}" for n, row in enumerate(rows)], 1),
    "time at the end": (lambda rows: [f"{row} [{4 * n}:{7 * n % 60:02}]" for n, row in enumerate(rows)], 1),
    "one line": (lambda rows: [f"Tracklist: {' / '.join(rows)}"], 70),
    "wrapped": (
        lambda rows: [
            "Tracklist",
            *(
                line
                for n, row in enumerate(rows, start=1)
                for line in wrap(f"{n:02}. {row}", WIDTH, break_long_words=False, break_on_hyphens=False)
            ),
        ],
        45,
    ),
}


@pytest.fixture(scope="module")
def sets(shared_data: Path) -> list[list[str]]:
    """Return the rows of each set in the order of the table, without repeats."""
    by_title: dict[str, dict[str, None]] = {}
    with gzip.open(shared_data / "dataset" / "mixesdb-sets" / "input_test_set.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            by_title.setdefault(row["set_title"], {})[row["set_list"]] = None
    lists = [[repair(text) for text in rows if text.strip()] for rows in by_title.values()]
    return [rows for rows, texts in zip(lists, by_title.values(), strict=True) if len(texts) >= FEWEST_ROWS]


@pytest.mark.parametrize("form", FORMS)
def test_real_sets_are_parsed_back(form: str, sets: list[list[str]]) -> None:
    write, allowed = FORMS[form]
    assert sum(map(len, sets)) == 5_410
    wrong = 0
    for rows in sets:
        actual = Counter(entry.text or "" for entry in read_text("\n".join(write(rows))).rows)
        wrong += sum((Counter(rows) - actual).values())
    assert wrong <= allowed
