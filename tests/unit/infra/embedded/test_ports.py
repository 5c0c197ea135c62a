"""Loopback ports: stable between starts, outside the ephemeral range, reported when taken."""

import json
import socket
from pathlib import Path

import pytest

from infra.embedded import ports
from infra.embedded.ports import PortTaken


def test_ports_are_chosen_once(tmp_path: Path) -> None:
    first = ports.choose(tmp_path, ["kafka", "redis"])
    assert ports.choose(tmp_path, ["redis", "kafka"]) == first
    more = ports.choose(tmp_path, ["registry"])
    assert more.items() > first.items()
    assert len(set(more.values())) == 3
    assert all(port in ports.RANGE for port in more.values())


def test_the_range_is_below_the_ephemeral_ports() -> None:
    limits = Path("/proc/sys/net/ipv4/ip_local_port_range")
    lowest = int(limits.read_text().split()[0]) if limits.exists() else 49152  # elsewhere IANA's
    assert ports.RANGE.stop <= lowest


@pytest.mark.parametrize("text", ["", '{"kafka": 2', "[]"])
def test_a_broken_ports_file_is_rewritten(tmp_path: Path, text: str) -> None:
    (tmp_path / ports.FILE).write_text(text)
    chosen = ports.choose(tmp_path, ["kafka"])
    assert json.loads((tmp_path / ports.FILE).read_text()) == chosen


def test_a_taken_port_is_reported_with_its_owner_and_a_remedy(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"pid \d+.*server=redis, port={port}.*{ports.FILE}"):
            ports.check_free({"redis": port})
    ports.check_free({"redis": port})


def test_a_taken_port_is_not_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        monkeypatch.setattr(ports, "RANGE", range(port, port + 1))
        with pytest.raises(ports.NoFreePort):
            ports.choose(tmp_path, ["redis"])
