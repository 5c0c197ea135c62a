"""Retries of PostgreSQL work during an outage, and its errors as ours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import psycopg
import stamina
from psycopg.errors import UndefinedTable

from songnodes.errors import PostgresUnreachable, TablesMissing

CONNECT_TIMEOUT_S = 5
RETRY_TIMEOUT_S = 30.0  # of an outage, after which the work fails
MAX_PAUSE_S = 2.0  # between two attempts

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def retry_outages(work: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return the work, sync or async, repeated while PostgreSQL does not answer."""
    return stamina.retry(
        on=psycopg.OperationalError, attempts=None, timeout=RETRY_TIMEOUT_S, wait_max=MAX_PAUSE_S
    )(work)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise PostgresUnreachable for a server that does not answer, and TablesMissing."""
    try:
        yield
    except UndefinedTable as error:
        raise TablesMissing from error
    except psycopg.OperationalError as error:
        raise PostgresUnreachable(str(error).strip().partition("\n")[0]) from error
