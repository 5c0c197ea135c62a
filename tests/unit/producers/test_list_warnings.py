"""The codes of warnings about written lists are those that the database counts."""

import re
from importlib.resources import files

from producers.sources.list_warnings import ListWarning

MIGRATION = files("sinks") / "sql/migrations/0022.list_warnings.sql"


def test_the_database_counts_every_code_of_the_parsers() -> None:
    text = MIGRATION.read_text()
    condition = re.search(r"split_part\(warning, ':', 1\) IN \((.*?)\)", text, re.DOTALL)
    assert condition is not None
    assert set(re.findall(r"'(\w+)'", condition[1])) == set(ListWarning)
    assert all(code in text.rpartition("bronze_list_warnings.code IS")[2] for code in ListWarning)


def test_a_warning_begins_with_its_code() -> None:
    assert ListWarning.UNREAD.because("nothing") == "list_unread: nothing"
