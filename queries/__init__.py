"""Questions to silver and gold, read only: what commands, the query API and the pages show.

Functions take an asyncpg connection of `queries.database` and return rows as dictionaries, or dataclasses
where they compute. Names and units of columns are those of docs/data-dictionary.md.
"""
