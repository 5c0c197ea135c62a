"""Errors of a sink's database work, by their cause (`songnodes.postgres_errors`)."""

from songnodes import postgres_errors
from songnodes.errors import Poison


class UnmappableRecord(Poison):
    """The record cannot be written as rows"""

    reason = "no_row"


class NotEncodable(Exception):
    """A row has a value that its column's binary form cannot hold"""


def is_refused(error: BaseException) -> bool:
    """Return True if the database understood the rows, or the driver saw them, and will never take them."""
    return isinstance(error, NotEncodable) or postgres_errors.is_record_error(error)
