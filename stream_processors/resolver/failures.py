"""Errors of the resolver by their cause (`songnodes.postgres_errors`)."""

from songnodes import postgres_errors
from songnodes.errors import Fatal
from songnodes.process.retries import is_transient


def is_refused(error: BaseException) -> bool:
    """Return True if PostgreSQL will reject the rows every time."""
    return postgres_errors.is_record_error(error)


def is_unforeseen(error: BaseException) -> bool:
    """Return True for an error that a record may have caused and that no rule covers."""
    return (
        isinstance(error, Exception)
        and not isinstance(error, Fatal)
        and not (is_transient(error) or is_refused(error) or postgres_errors.is_code_error(error))
    )
