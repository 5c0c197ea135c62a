"""Forms of the output of questions."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from queries import harmony, output
from queries.harmony import UnknownKey


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_csv_is_a_formula(text: str) -> None:
    rows = [{"name": text, "list": [text, "b"], "number": -1, "decimal": Decimal("-1.5"), "none": None}]
    ((_, *_), row) = list(csv.reader(io.StringIO(output.csv_text(rows))))
    assert not row[0].startswith(output.FORMULA)
    assert not row[1].startswith(output.FORMULA)
    assert row[2:] == ["-1", "-1.5", ""]


def test_csv_has_no_control_characters() -> None:
    (_, row) = list(csv.reader(io.StringIO(output.csv_text([{"name": 'a\x1b[31m"b",c\n'}]))))
    assert row == ['a\\x1b[31m"b",c\\x0a']


def test_a_sparkline_has_a_dot_where_a_value_is_missing() -> None:
    assert output.sparkline([0, None, 3.5, 7]) == "▁·▅█"
    assert output.sparkline([2, 2]) == "▁▁"
    assert output.sparkline([None, None]) == "··"
    assert output.sparkline([]) == ""


def test_weekly_support_has_twelve_weeks_before_the_day() -> None:
    day = date(2026, 6, 1)
    days = [day - timedelta(days=back) for back in (85, 84, 8, 7, 1, 0)]
    sums = output.weekly_support(days, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], day)
    assert sums == [2.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3.0, 9.0]


def test_keys_that_fit_are_in_the_order_of_their_weight() -> None:
    fitting = harmony.fitting_keys(harmony.parse_key("Am"))
    assert fitting[:4] == ["8A", "8B", "7A", "9A"]
    assert "2A" not in fitting
    with pytest.raises(UnknownKey, match="8A, Am"):
        harmony.parse_key("13Z")


def test_a_transition_names_what_a_listener_may_hear() -> None:
    calm = {"camelot": "8A", "bpm": Decimal("126"), "energy": 0.3}
    step = harmony.transition(calm, {"camelot": "2A", "bpm": Decimal("138"), "energy": 0.9})
    assert (step.class_, step.bpm_change, step.energy_step) == ("clash", 12.0, 0.6)
    assert step.warnings == ("keys clash", "tempo over 6 BPM", "energy jumps")
    step = harmony.transition(calm, {"camelot": "9A", "bpm": Decimal("63.5"), "energy": 0.3})
    assert (step.class_, step.bpm_change, step.warnings) == ("compatible", 1.0, ())
    step = harmony.transition(calm, {"camelot": None, "bpm": None, "energy": None})
    assert step == harmony.transition({"camelot": None, "bpm": None, "energy": None}, calm)
    assert (step.relation, step.bpm_change, step.warnings) == (None, None, ())
