"""File of the operator for the waterfall: entries in place of the packaged ones, errors with their place."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enrichment.plan import PlanConfiguration, PlannedCall, TrackQuestion, plan
from enrichment.plan.types import Budgets
from enrichment.providers import ALL
from enrichment.waterfall import WaterfallFileInvalid, configured_waterfall
from songnodes.domain.waterfall import DEFAULT, Answer, choose
from songnodes.settings import Settings

PREFERS_DEEZER = """\
minimum: 0.4
providers:
  deezer: {origin: own}
fields:
  bpm: {deezer: 0.9, beatport: 0.8}
"""

Write = Callable[[str], Settings]


@pytest.fixture
def settings_with(tmp_path: Path) -> Write:
    """Return settings whose file has this text."""

    def write(text: str) -> Settings:
        path = tmp_path / "waterfall.yaml"
        path.write_text(text, "utf-8")
        return Settings(waterfall=path, beatport_token="t", contact="mailto:a@example.org")

    return write


def bpm(provider: str, value: float) -> Answer:
    """Return an answer of a sure match."""
    return Answer(provider=provider, field="bpm", value=value, status="hit", match_confidence=1.0)


def test_the_file_changes_what_it_names_only(settings_with: Write) -> None:
    config = configured_waterfall(settings_with(PREFERS_DEEZER))
    assert list(config.fields["bpm"].items()) == [("deezer", 0.9), ("beatport", 0.8)]
    assert config.minimum == 0.4
    assert config.providers["deezer"].origin == "own"
    assert config.providers["deezer"].enabled
    assert config.providers["beatport"].enabled  # by its token
    assert {**config.fields, "bpm": {}} == {**DEFAULT.fields, "bpm": {}}
    packaged = configured_waterfall(Settings(beatport_token="t", contact="mailto:a@example.org"))
    assert config.version != packaged.version


def test_the_choice_follows_the_file(settings_with: Write) -> None:
    config = configured_waterfall(settings_with(PREFERS_DEEZER))
    answers = [bpm("beatport", 128.0), bpm("deezer", 140.0)]
    assert choose(answers, {}, DEFAULT.enabling(["beatport"])).values["bpm"] == 128.0
    assert choose(answers, {}, config).values["bpm"] == 140.0


def test_the_order_for_artists_follows_the_file(settings_with: Write) -> None:
    config = configured_waterfall(settings_with("artists: [discogs, deezer]"))
    assert config.artists == ("discogs", "deezer")
    assert (config.fields, config.minimum) == (DEFAULT.fields, DEFAULT.minimum)
    assert config.version != configured_waterfall(settings_with("minimum: 0.5")).version


def test_the_plan_follows_the_file(settings_with: Write) -> None:
    lines = ["fields:", *(f"  {field}: {{page: 1}}" for field in DEFAULT.fields if field != "bpm")]
    config = configured_waterfall(settings_with("\n".join([*lines, "  bpm: {deezer: 0.9}"])))
    track = TrackQuestion(track_id="t", request_id="r", artist="A", title="B", text="A - B")
    now = datetime(2026, 11, 29, tzinfo=UTC)
    decisions = plan(track, [], PlanConfiguration(waterfall=config, now=now), Budgets())
    assert [decision.call.provider for decision in decisions if isinstance(decision, PlannedCall)] == [
        "deezer"
    ]


def test_without_a_file_the_packaged_configuration_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONGNODES_WATERFALL", "")
    settings = Settings()
    assert settings.waterfall is None
    on = [name for name, provider in ALL.items() if provider.configured(settings) is None]
    assert configured_waterfall(settings).version == DEFAULT.enabling(on).version


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "the file is empty"),
        ("[]", 1, "the file: not a mapping of names; allowed: minimum, providers, fields"),
        ("minimum: 0.5\nfield: {}", 2, "the file: unknown name 'field'; allowed: minimum, providers, fields"),
        ("minimum: much", 1, "minimum: much is not a number from 0 to 1"),
        ("minimum: .nan", 1, "minimum: .nan is not a number from 0 to 1"),
        ("fields:\n  tempo: {deezer: 1}", 2, "fields: unknown name 'tempo'; allowed: spotify_id, isrc"),
        (
            "fields:\n  bpm:\n    dezeer: 1",
            3,
            "fields.bpm: unknown name 'dezeer'; allowed: page, musicbrainz",
        ),
        ("fields:\n  bpm: {deezer: 1.5}", 2, "fields.bpm.deezer: 1.5 is not a number above 0 and at most 1"),
        ("fields:\n  bpm: {deezer: 0}", 2, "fields.bpm.deezer: 0 is not a number above 0"),
        ("fields:\n  bpm: {deezer: [1]}", 2, "fields.bpm.deezer: not a value"),
        ("fields:\n  bpm: {}", 2, "fields.bpm: no source; allowed: page"),
        ("fields:\n  bpm: {deezer: 1}\n  bpm: {page: 1}", 3, "fields: bpm is there twice"),
        (
            "providers:\n  deezer: {enabled: false}",
            2,
            "providers.deezer: unknown name 'enabled'; allowed: origin",
        ),
        ("providers:\n  deezer: {origin: {}}", 2, "providers.deezer.origin: not a value"),
        ("artists: deezer", 1, "artists: not a list of names; allowed: musicbrainz, listenbrainz, deezer"),
        ("artists: [dezeer]", 1, "artists: unknown name 'dezeer'; allowed: musicbrainz"),
        ("artists: [page]", 1, "artists: unknown name 'page'; allowed: musicbrainz"),
        ("artists:\n- deezer\n- deezer", 3, "artists: deezer is there twice"),
        ("artists: [{}]", 1, "artists: not a value"),
        ("providers:\n  ? [a]\n  : {}", 2, "providers: unknown name None"),
        ("fields:\n  bpm: {deezer: 1", 2, "no YAML: "),
        ("a: 1\n---\nb: 2", 2, "no YAML: "),
        ("fields: \x01", 1, "no YAML: "),
        ("fields: &a {bpm: *a}", 1, "fields.bpm: unknown name 'bpm'"),
    ],
)
def test_an_error_names_line_field_and_allowed_names(
    settings_with: Write, text: str, line: int, problem: str
) -> None:
    settings = settings_with(text)
    with pytest.raises(WaterfallFileInvalid) as raised:
        configured_waterfall(settings)
    assert f"{settings.waterfall}, line {line}: {problem}" in str(raised.value)


@pytest.mark.parametrize(("body", "problem"), [(None, "No such file"), (b"\xff", "no UTF-8 at byte 0")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, body: bytes | None, problem: str) -> None:
    path = tmp_path / "own.yaml"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(WaterfallFileInvalid) as raised:
        configured_waterfall(Settings(waterfall=path))
    assert f"{path}: {problem}" in str(raised.value)
