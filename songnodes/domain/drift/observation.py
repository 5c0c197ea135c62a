"""Observation of a page: evidence about the form of its site."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

#: Measures in addition to `contract.<name>` and `field.<path>`.
PARSED = "parsed"
USUAL = "structure.usual"
NEW = "structure.new"


class Subject(NamedTuple):
    """Unit of a watch: the pages of one kind, read by one version of their parser."""

    source: str
    kind: str
    parser_version: int

    def __str__(self) -> str:
        return f"{self.source}:{self.kind}:v{self.parser_version}"


class Share(NamedTuple):
    """Filled places of a field and all its places."""

    filled: int
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One body of a page, as its parser saw it.

    `failure` is the reason of the poison where no record was parsed; everything else is empty then.
    `kept` is True for each contract that all records kept. `structure` is the form of the row containers:
    attributes and classes, JSON keys, forms of wikitext lines.
    """

    subject: Subject
    page_id: str
    sha256: str
    failure: str | None = None
    kept: Mapping[str, bool] = field(default_factory=dict)
    fields: Mapping[str, Share] = field(default_factory=dict)
    structure: frozenset[str] = frozenset()

    def value(self, measure: str) -> float | None:
        """Return the value of `parsed`, a contract or a field, 0 to 1; None without a place on the page."""
        if measure == PARSED:
            return float(self.failure is None)
        family, _, name = measure.partition(".")
        if family == "contract":
            return float(self.kept[name]) if name in self.kept else None
        share = self.fields.get(name)
        return share.filled / share.all if share and share.all else None

    @property
    def measures(self) -> list[str]:
        """Return all measures that have a value on this page."""
        return [
            PARSED,
            *(f"contract.{name}" for name in self.kept),
            *(f"field.{path}" for path in self.fields),
        ]
