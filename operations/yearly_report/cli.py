"""`songnodes report YEAR`: print the report of a year as it was made; make it if there is none."""

import asyncio
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from operations.yearly_report import editions, forms
from operations.yearly_report.editions import Report
from queries import output
from songnodes.cli.terminal import say
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import Settings, settings


class UnknownEdition(UserError):
    """The report has no such edition"""

    remedy = "Without --edition the newest is printed"


class ReportForm(StrEnum):
    """Form of a report."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def report(
    year: Annotated[int, typer.Argument(min=1900, max=2200, help="Year of the plays.")],
    again: Annotated[bool, typer.Option("--again", help="Make a new edition; earlier ones stay.")] = False,
    edition: Annotated[int | None, typer.Option("--edition", min=1, help="Print this edition.")] = None,
    form: Annotated[
        ReportForm, typer.Option("--format", "-f", help="Form of the output.")
    ] = ReportForm.TABLE,
) -> None:
    """Print the report of a year: the stored one, or a new one if there is none.

    It has the tracks, artists, labels, DJs, genres, countries, newcomers and reveals of the year.
    """
    if again and edition is not None:
        raise typer.BadParameter("--again makes the next edition", param_hint="--edition")
    _write(asyncio.run(_report(reached(settings(), "database_url"), year, edition, again=again)), form)


async def _report(current: Settings, year: int, edition: int | None, *, again: bool) -> Report:
    async with editions.connected(current) as connection:
        stored = None if again else await editions.stored(connection, year, edition)
        if stored is not None:
            return stored
        if edition is not None:
            raise UnknownEdition(str(edition), year=year)
        return await editions.make(connection, year, datetime.now(UTC).date())


def _write(made: Report, form: ReportForm) -> None:
    if form is ReportForm.MARKDOWN:
        typer.echo(forms.markdown(made), nl=False)
    elif form is ReportForm.CSV:
        typer.echo(output.csv_text(forms.flat_rows(made)), nl=False)
    elif form is ReportForm.JSON:
        document = {name: getattr(made, name) for name in Report.__dataclass_fields__}
        say(json.dumps(document, default=output.plain, ensure_ascii=False))
    else:
        say(f"{made.year}, edition {made.edition}, made on {made.as_of}, definition {made.definition}")
        for section, rows in made.sections.items():
            columns = forms.columns_of(list(rows))
            output.write(rows, columns, output.Format.TABLE, title=f"\n{forms.TITLES[section]}", empty="none")
