"""The named statements of the sinks, in `sinks/sql`."""

from songnodes import sql


def query(file: str, name: str) -> str:
    """One statement. Raises UnknownStatement."""
    return sql.query("sinks", file, name)
