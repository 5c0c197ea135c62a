"""The fixtures themselves: real servers that answer, and pipelines apart from each other."""

import psycopg

from infra.embedded.stack import Stack


def test_all_servers_answer(stack: Stack) -> None:
    assert [server.name for server in stack.servers() if not server.answers()] == []


def test_the_stack_gives_the_addresses_it_keeps(stack: Stack) -> None:
    with psycopg.connect(stack.addresses.database_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
