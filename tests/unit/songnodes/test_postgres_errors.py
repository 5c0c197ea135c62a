"""Causes of PostgreSQL errors: the record, the server, or this code."""

import asyncpg
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes import postgres_errors
from songnodes.errors import PostgresUnreachable, StatementTooSlow, TablesMissing
from songnodes.postgres_errors import as_own_errors, is_code_error, is_record_error, is_server_error
from songnodes.postgres_text import storable, storable_record, storable_text

RECORD = ["22P05", "22008", "22003", "22021", "23502", "23505", "23514", "54000", "54001", "54011"]
SERVER = ["08006", "40001", "40P01", "53100", "53200", "57014", "57P01", "57P03", "58030", "25006", "55P03"]
CODE = ["42703", "42P01", "42501", "28P01", "3D000", "0A000", "25P02"]


def of_both_drivers(code: str) -> list[Exception]:
    """Return this error as psycopg and as asyncpg raise it."""
    named = asyncpg.exceptions.PostgresError.new({"C": code, "M": "text", "S": "ERROR", "V": "ERROR"})
    try:
        return [psycopg.errors.lookup(code)("text"), named]
    except KeyError:
        return [named]


@pytest.mark.parametrize("code", RECORD + SERVER + CODE)
def test_each_code_has_one_cause_with_either_driver(code: str) -> None:
    for error in of_both_drivers(code):
        causes = is_record_error(error), is_server_error(error), is_code_error(error)
        assert causes == (code in RECORD, code in SERVER, code in CODE), error


@pytest.mark.parametrize(
    ("error", "own"),
    [
        (asyncpg.QueryCanceledError("canceling statement due to statement timeout"), StatementTooSlow),
        (asyncpg.UndefinedTableError("no table"), TablesMissing),
        (asyncpg.AdminShutdownError("ends"), PostgresUnreachable),
        (ConnectionRefusedError(), PostgresUnreachable),
        (asyncpg.DataError("no date"), asyncpg.DataError),
        (KeyError("code"), KeyError),
    ],
)
def test_errors_of_asyncpg_become_own_ones(error: Exception, own: type[Exception]) -> None:
    with pytest.raises(Exception) as raised, as_own_errors():
        raise error
    assert type(raised.value) is own


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=5, max_size=5))
def test_no_code_has_two_causes(code: str) -> None:
    for error in of_both_drivers(code):
        assert is_record_error(error) + is_server_error(error) + is_code_error(error) <= 1


@pytest.mark.parametrize(
    "error",
    [
        psycopg.DataError("text fields cannot contain NUL"),
        asyncpg.DataError("invalid input"),
        asyncpg.exceptions._base.DataError("invalid input"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"),
    ],
)
def test_a_value_that_a_driver_cannot_send_is_the_records_fault(error: Exception) -> None:
    assert is_record_error(error)
    assert not is_server_error(error)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("connection refused"),
        psycopg.InterfaceError("the connection is closed"),
        asyncpg.InterfaceError("connection is closed"),
        TimeoutError(),
        ConnectionResetError(),
    ],
)
def test_a_lost_connection_is_not_the_records_fault(error: Exception) -> None:
    assert is_server_error(error)
    assert not is_record_error(error)


def test_an_index_entry_that_is_too_large_is_not_retried() -> None:
    """The class in psycopg is OperationalError, like that of a lost connection."""
    error = psycopg.errors.ProgramLimitExceeded("index row size 4000 exceeds maximum 2704")
    assert isinstance(error, psycopg.OperationalError)
    assert is_record_error(error)
    assert postgres_errors.sqlstate(error) == "54000"


@given(st.text())
def test_storable_text_changes_only_what_postgresql_refuses(text: str) -> None:
    stored = storable_text(text)
    stored.encode()
    assert "\x00" not in stored
    assert len(stored) == len(text)
    assert storable_text(stored) == stored


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES))
def test_all_fields_of_a_record_are_checked(record: dict[str, object]) -> None:
    assert storable_record(record) == storable(record)
