"""The log in memory is like a broker, as far as its contract with tests goes."""

import pytest

from tests.support.in_memory_log import InMemoryLog
from tests.support.log_contract import LogContract


class TestInMemoryLog(LogContract):
    """The contract, without a server."""

    @pytest.fixture
    def log(self) -> InMemoryLog:
        return InMemoryLog()
