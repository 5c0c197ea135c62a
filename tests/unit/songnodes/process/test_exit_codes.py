"""Exit codes of commands and processes."""

from songnodes import errors
from songnodes.errors import EXIT_DATA, Fatal, Transient
from songnodes.process import exit_codes
from tests.support.project_files import ROOT


def test_only_transient_errors_end_a_process_for_now() -> None:
    assert exit_codes.of_error(Transient("x"), exit_codes.EXIT_FAILURE) == 75
    assert exit_codes.of_error(Fatal("x"), exit_codes.EXIT_FAILURE) == 1
    assert exit_codes.of_error(Fatal("x"), EXIT_DATA) == 65


def test_the_operators_handbook_lists_every_code() -> None:
    named = {**vars(errors), **vars(exit_codes)}
    codes = {value for name, value in named.items() if name.startswith("EXIT_")}
    assert codes == {0, 1, 2, 65, 70, 75, 78}
    assert all(f"| {code} |" in (exit_codes.__doc__ or "") for code in codes)
    handbook = (ROOT / "docs/operations.md").read_text()
    assert all(f"| {code} |" in handbook for code in codes)
