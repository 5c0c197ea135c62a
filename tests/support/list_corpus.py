"""The corpus of written lists: texts with their right reading, and the measure of a reader against it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

from producers.sources.mixesdb import wikitext
from producers.sources.setlists import Entry, WrittenList, read_text
from songnodes import yaml_text

FOLDER = Path(__file__).parents[1] / "corpus" / "lists"
ABSENT = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRow:
    """The fields of a row that the corpus fixes; seconds for cue and length."""

    text: str | None
    number: int | None = None
    cue: int | None = None
    length: int | None = None
    part: str | None = None
    joined: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusList:
    """One text of the corpus. `warnings`: codes of the warnings that concern the whole list."""

    name: str
    text: str
    form: Literal["description", "comment", "wikitext"]
    rows: tuple[ExpectedRow, ...]
    warnings: frozenset[str]

    def read(self) -> WrittenList:
        """Read the text as the pipeline does."""
        return wikitext.read(self.text).tracklist if self.form == "wikitext" else read_text(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of rows: `right` are equal in every field."""

    right: int
    expected: int
    read: int

    @property
    def recall(self) -> float:
        """Return the share of expected rows that were read right."""
        return self.right / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """Return the share of rows read that are right."""
        return self.right / self.read if self.read else 1.0


def load(name: str) -> list[CorpusList]:
    """Load a file of the corpus."""
    documents = yaml_text.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return [_corpus_list(document) for document in documents]


def actual_row(entry: Entry) -> ExpectedRow:
    """Return the fields of a row read that are compared."""
    return ExpectedRow(
        text=entry.text,
        number=entry.number,
        cue=entry.cue_seconds,
        length=entry.duration_seconds,
        part=entry.part,
        joined=entry.joined,
        gap=entry.gap,
    )


def warning_codes(written: WrittenList) -> frozenset[str]:
    """Return the codes of the warnings of a list."""
    return frozenset(warning.split(":")[0] for warning in written.warnings)


def score(lists: Sequence[CorpusList]) -> Score:
    """Compare all rows, aligned in order."""
    right = expected = read = 0
    for corpus_list in lists:
        actual = [actual_row(entry) for entry in corpus_list.read().rows]
        matcher = SequenceMatcher(a=corpus_list.rows, b=actual, autojunk=False)
        right += sum(block.size for block in matcher.get_matching_blocks())
        expected += len(corpus_list.rows)
        read += len(actual)
    return Score(right=right, expected=expected, read=read)


def _corpus_list(document: dict[str, Any]) -> CorpusList:
    columns = document.get("columns", "").split()
    return CorpusList(
        name=document["name"],
        text=document["text"],
        form=document.get("form", "description"),
        rows=tuple(_rows(document["rows"], columns)),
        warnings=frozenset(document.get("warnings", ())),
    )


def _rows(block: str, columns: Sequence[str]) -> Iterator[ExpectedRow]:
    part = None
    for line in block.splitlines():
        if line.startswith("@"):
            part = line[1:].strip() or None
            continue
        *values, text = line.split(" ", len(columns))
        fields = dict(zip(columns, values, strict=True))
        joined = text.startswith("+ ")
        yield ExpectedRow(
            text=None if text == "..." else text[2:] if joined else text,
            number=_whole(fields.get("number", ABSENT)),
            cue=_seconds(fields.get("cue", ABSENT)),
            length=_seconds(fields.get("length", ABSENT)),
            part=part,
            joined=joined,
            gap=text == "...",
        )


def _whole(value: str) -> int | None:
    return None if value == ABSENT else int(value)


def _seconds(value: str) -> int | None:
    if value == ABSENT:
        return None
    seconds = 0
    for digits in value.split(":"):
        seconds = seconds * 60 + int(digits)
    return seconds
