"""`songnodes explain`: the output for a line and for a candidate."""

from typer.testing import CliRunner

from songnodes.cli.explain import app, line_report


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def test_every_step_with_a_change_and_the_result_are_shown() -> None:
    text = printed("line", "w/ Deadmau5 ft. X - Strobe (Michael Woods Extended Remix) [mau5trap - MAU5 1]")
    steps = ["repair", "prefix", "label", "split", "credit", "brackets", "version", "status"]
    assert [line for line in text.splitlines() if line in steps] == steps
    assert "version_artists: [] -> ['Michael Woods']" in text
    assert "track id    deadmau5-strobe-michael-woods-remix-d0c1138f" in text


def test_separate_fields_of_the_page_are_used() -> None:
    text = printed("line", "A & B - Glue", "--note", "(Live Edit)", "--link", "A", "--link", "B")
    assert "track       Glue (Live Edit)" in text
    assert "not split" not in text
    assert "not split" in printed("line", "A & B - Glue")


def test_an_unidentified_line_is_reported_without_an_id() -> None:
    assert "track id    none" in printed("line", "ID - ID")


def test_mashup_parts_and_warnings_are_listed() -> None:
    report = "\n".join(line_report("A vs. B - T vs. U (X Mashup)", note=None, byline=None, links=()))
    assert "part        A - T" in report
    assert "warnings    mashup_parts_by_order" in report


def test_gates_of_a_candidate_are_shown_with_their_reasons() -> None:
    line = "CamelPhat & Elderbrook - Cola (Mousse T's Glitterbox Mix)"
    named = ["--name", "Cola", "--artist", "CamelPhat", "--artist", "Elderbrook"]
    wrong = printed("match", line, *named, "--mix", "Robin Schulz Remix")
    assert "none: every candidate contradicts the line" in wrong
    assert "STOP  version: Mousse T's Glitterbox Mix and Robin Schulz Remix" in wrong
    right = printed("match", line, *named, "--mix", "Mousse T's Glitterbox Extended Mix")
    assert right.startswith("matched (exact, by text, scope variant, confidence 0.85)")
    lengths = ["--seconds", "301", "--its-seconds", "300.5"]
    remixers_only = printed("match", line, *named, "--remixer", "Mousse T.", "--mix", "Remix", *lengths)
    assert remixers_only.startswith("matched (exact, by text, scope recording")
