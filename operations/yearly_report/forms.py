"""A report as one Markdown page, and as rows for CSV. Scraped text is escaped: it makes no markup."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from operations.yearly_report.editions import SECTIONS, Report
from songnodes.cli import terminal

TITLES = {
    "totals": "The year",
    "tracks": "Tracks by DJs",
    "artists": "Artists by DJs",
    "labels": "Labels by DJs",
    "djs": "DJs by sets",
    "genres": "Genres by plays",
    "countries": "Countries by sets",
    "newcomers": "Tracks first played this year",
    "reveals": "Tracks that pages named this year",
}
#: Columns of the table of a section, in this order; ids are in JSON and CSV.
COLUMNS = (
    "place", "artist", "name", "djs", "sets", "tracks", "plays", "share", "first_date", "revealed_date",
)  # fmt: skip
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:@])")


def columns_of(rows: list[Mapping[str, Any]]) -> list[str]:
    """Return the columns of a section in their order; empty without rows."""
    return [column for column in COLUMNS if rows and column in rows[0]]


def flat_rows(report: Report) -> list[dict[str, Any]]:
    """Return all rows with their section and with equal columns."""
    return [
        {"year": report.year, "edition": report.edition, "as_of": report.as_of, "section": section}
        | {column: row.get(column) for column in ("id", *COLUMNS)}
        for section in SECTIONS
        for row in report.sections.get(section, ())
    ]


def markdown(report: Report) -> str:
    """Return the report as one page without links to anything else."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {report.year} in DJ sets"
    yield ""
    yield (
        f"Edition {report.edition}, made on {report.as_of}, definition {report.definition}, "
        f"SongNodes {_escaped(report.pipeline_version)}. Plays with an exact day in {report.year}."
    )
    for section in SECTIONS:
        rows = list(report.sections.get(section, ()))
        columns = columns_of(rows)
        yield ""
        yield f"## {TITLES[section]}"
        yield ""
        if not columns:
            yield "None."
            continue
        yield "| " + " | ".join(column.replace("_", " ") for column in columns) + " |"
        yield "|" + " --- |" * len(columns)
        for row in rows:
            yield "| " + " | ".join(_escaped(_shown(row[column])) for column in columns) + " |"


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _escaped(text: str) -> str:
    return text if text.isdigit() else _MARKUP.sub(r"\\\1", terminal.escaped(text))
