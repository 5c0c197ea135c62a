"""The data dictionary is complete, and the one in docs is current."""

from pathlib import Path

import asyncpg

from operations import dictionary
from songnodes.messaging import schemas
from songnodes.settings import Settings

DOCS = Path(__file__).parents[3] / "docs" / "data-dictionary.md"


async def test_every_table_view_and_column_has_a_comment(pipeline_settings: Settings) -> None:
    connection = await asyncpg.connect(pipeline_settings.owner_url)
    try:
        relations = await dictionary.read_relations(connection)
        bare = [r.name for r in relations if not r.comment]
        bare += [f"{r.name}.{c.name}" for r in relations for c in r.columns if not c.comment]
        assert len(relations) > 40
        assert bare == [], "comment them in the migration that adds them"
        await connection.execute("CREATE TABLE later (id integer)")
        later = next(r for r in await dictionary.read_relations(connection) if r.name == "later")
        assert (later.comment, later.columns[0].comment) == ("", "")
    finally:
        await connection.close()


async def test_the_dictionary_in_the_docs_is_current(pipeline_settings: Settings) -> None:
    connection = await asyncpg.connect(pipeline_settings.database_url)
    try:
        rendered = dictionary.render(await dictionary.read_relations(connection), schemas.subjects())
    finally:
        await connection.close()
    assert DOCS.read_text() == rendered, "run `songnodes dictionary > docs/data-dictionary.md`"
