"""The directory and the files of pg_trgm."""

from pathlib import Path

import pytest

from infra.embedded import placement, trigrams
from infra.embedded.account import Account
from infra.embedded.postgres import VERSION
from infra.embedded.server import ignore_progress

OWN = Account(name="1000", uid=1000, gid=1000, switched=False)
SWITCHED = Account(name="daemon", uid=1, gid=1, switched=True)


def test_the_installed_wheel_matches_the_server_version(tmp_path: Path) -> None:
    copy = trigrams.directory(OWN, tmp_path, VERSION)
    assert copy is not None and copy.is_relative_to(tmp_path)
    assert copy.name.startswith(f"pg_trgm-{VERSION}.")


def test_another_user_gets_a_public_copy(tmp_path: Path) -> None:
    copy = trigrams.directory(SWITCHED, tmp_path, VERSION)
    assert copy is not None and copy.is_relative_to(placement.PUBLIC)


def test_a_module_of_another_major_version_is_not_used(tmp_path: Path) -> None:
    assert trigrams.directory(OWN, tmp_path, VERSION - 1) is None


def test_without_the_wheel_there_is_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trigrams, "PACKAGE", "no_such_wheel")
    assert trigrams.directory(OWN, tmp_path, VERSION) is None


def test_only_files_of_the_extension_are_copied_readable_by_all(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    trigrams.install(copy, ignore_progress)
    names = {str(file.relative_to(copy)) for file in copy.rglob("pg_trgm*")}
    assert {"share/extension/pg_trgm.control", "share/extension/pg_trgm--1.3.sql"} < names
    assert [name for name in names if name.startswith("lib/")]
    assert all("pg_trgm" in file.name or file.name == ".inventory.json" for file in copy.rglob("*.*"))
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in copy.rglob("*"))


def test_a_damaged_copy_is_replaced(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    trigrams.install(copy, ignore_progress)
    control = copy / "share" / "extension" / "pg_trgm.control"
    content = control.read_text()
    control.write_text("x")
    trigrams.install(copy, ignore_progress)
    assert control.read_text() == content
