"""The fixtures: available real servers, and isolated pipelines."""

import psycopg

from infra.embedded.stack import Stack


def test_all_servers_respond(stack: Stack) -> None:
    assert [server.name for server in stack.servers() if not server.answers()] == []


def test_the_stack_stores_the_addresses_it_returns(stack: Stack) -> None:
    with psycopg.connect(stack.addresses.database_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
