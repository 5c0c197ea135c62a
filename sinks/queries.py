"""The named statements of the sinks, in `sinks/sql`."""

from songnodes import sql


def query(file: str, name: str) -> str:
    """One statement. Raises NoQuery."""
    return sql.query("sinks", file, name)
