"""Tests of real material are marked; without the folder they are skipped, in CI they fail."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support import real_data
from tests.support.project_files import ROOT, project_files

#: Two tests of one file, of which one reads a real table.
FILE = "tests/unit/domain/test_keys.py"
SELECTED = "test_all_keys_of_real_catalogues_are_parsed or test_table_is_a_bijection"


def run_pytest(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "SONGNODES_REAL_DATA"}}
    command = [sys.executable, "-m", "pytest", "-k", SELECTED, *arguments, FILE]
    return subprocess.run(command, cwd=ROOT, env=kept | environment, capture_output=True, text=True)


def test_an_absent_folder_skips_with_count_and_reason(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    run = run_pytest(environment={"SONGNODES_REAL_DATA": str(folder)})
    assert run.returncode == 0
    reason = rf"real data absent: no folder {re.escape(str(folder))}; SONGNODES_REAL_DATA names it"
    assert re.search(rf"SKIPPED \[1\] .*: {reason}", run.stdout)
    assert re.search(r"passed, 1 skipped", run.stdout.splitlines()[-1])


def test_an_absent_folder_fails_in_ci(tmp_path: Path) -> None:
    run = run_pytest(environment={"SONGNODES_REAL_DATA": str(tmp_path / "data"), "CI": "true"})
    assert run.returncode == 1
    assert re.search(r"\d+ passed, .* 1 error", run.stdout.splitlines()[-1])


def test_the_marker_selects_them(tmp_path: Path) -> None:
    run = run_pytest("-m", "real_data", environment={"SONGNODES_REAL_DATA": str(tmp_path / "data")})
    assert re.match(r"=+ 1 skipped, \d+ deselected", run.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("environment", "data", "cases"),
    [
        ({"SONGNODES_REAL_DATA": "/a/pages"}, "/a/pages", "/a/cases"),
        ({}, str(ROOT.parent / "shared" / "data"), str(ROOT.parent / "shared" / "cases")),
        (
            {"SONGNODES_REAL_DATA": ""},
            str(ROOT.parent / "shared" / "data"),
            str(ROOT.parent / "shared" / "cases"),
        ),
    ],
)
def test_the_folders(environment: Mapping[str, str], data: str, cases: str) -> None:
    assert str(real_data.real_folder("shared_data", environment)) == data
    assert str(real_data.real_folder("shared_cases", environment)) == cases


def test_no_other_code_knows_where_the_folder_is() -> None:
    readers = [
        file for file in project_files(".py") if re.search(r"/ \"shared\"|/shared/", file.read_text("utf-8"))
    ]
    assert {file.name for file in readers} == {"real_data.py", "test_real_data.py"}
