"""Forms of the operator from a page to the tables: a form sends an event, and silver and gold follow it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx2
import pytest
from lxml import html
from pydantic import SecretStr

from demo import markup, sets
from demo.pages import SEED
from songnodes.domain.records import Page
from songnodes.messaging import dead_letters, topics
from songnodes.messaging.codec import BrokenAvro
from songnodes.settings import Settings
from tests.integration.operations.topic_records import RecordWriter
from tests.support import latest_by_key
from tests.support.page_records import page
from tests.support.pipeline import Pipeline
from tests.support.running_web import running_web
from web.operator import UNCHANGED

TOKEN = "operator" * 4
AS_OF = date(2026, 3, 2)
UNUSED_PORT = 1  # nothing listens there
BROKEN = b"\0\0\0\0\0broken"


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    """Return the pages of two invented sets, each with its first version."""
    first_versions = [saved for saved in sets.build_sets(AS_OF, SEED) if saved.version == 1]
    return [page(markup.render(saved).encode(), url=markup.url(saved)) for saved in first_versions[:2]]


@pytest.fixture(scope="module")
def settings(pipeline: Pipeline, pages: list[Page]) -> Settings:
    """Return the settings of a pipeline with the first set, whose pages accept the operator's token."""
    pipeline.start("resolver")
    pipeline.publish(pages[:1])
    pipeline.drain()
    return pipeline.settings.model_copy(update={"web_operator_token": SecretStr(TOKEN)})


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx2.Client]:
    """Yield a client of the dashboard."""
    with running_web(settings) as url, httpx2.Client(base_url=url, timeout=90) as client:
        yield client


def send(client: httpx2.Client, address: str, button: str, status: int = 200, **values: str) -> str:
    """Open a page, fill in the form with this button, press it as a browser does; return the words shown."""
    opened = client.get(address)
    assert opened.status_code == 200, opened.text
    tree = html.document_fromstring(opened.text)
    (pressed,) = tree.xpath("//main//button[normalize-space() = $name]", name=button)
    (form,) = pressed.xpath("ancestor::form")
    fields = {name: value or "" for name, value in form.form_values()}
    assert values.keys() <= {*form.fields.keys()}
    origin = str(client.base_url).rstrip("/")
    answer = client.post(
        pressed.get("formaction") or form.get("action"),
        data={**fields, **values, "token": TOKEN, "author": "ada"},
        headers={"origin": origin, "sec-fetch-site": "same-origin"},
        follow_redirects=True,
    )
    assert answer.status_code == status, answer.text
    shown = html.document_fromstring(answer.text).xpath("//main")[0].text_content()
    return " ".join(str(shown).split())


def decisions(pipeline: Pipeline) -> list[dict[str, Any]]:
    """Return all decisions in the topic, oldest first."""
    messages = latest_by_key.read(pipeline.settings, topics.physical("bronze.decisions", pipeline.settings))
    decoded = [pipeline.codec.decode("bronze.decisions", message.value()) for message in messages]
    return sorted(decoded, key=lambda decision: decision["decided_at"])


def tempo(pipeline: Pipeline, track: str) -> tuple[Any, Any]:
    """Return the tempo of a track in silver and in gold."""
    ((silver, gold),) = pipeline.query(
        "SELECT s.bpm, g.bpm FROM silver_enriched_tracks s JOIN gold_track_analytics g USING (track_id)"
        " WHERE track_id = %s",
        track,
    )
    return silver, gold


def tracks(pipeline: Pipeline) -> list[str]:
    """Return the tracks of gold."""
    return [row[0] for row in pipeline.query("SELECT track_id FROM gold_track_analytics ORDER BY track_id")]


def test_a_value_is_set_and_withdrawn(client: httpx2.Client, pipeline: Pipeline) -> None:
    track = tracks(pipeline)[0]
    before = tempo(pipeline, track)
    address = f"/decide?track={track}&field=bpm"
    shown = send(client, address, "Set the value", field="bpm", value="131.5", reason="counted by hand")
    assert f"The decision on {track} is published: bpm is set to 131.5" in shown
    (decision,) = decisions(pipeline)
    facts = ("subject_id", "kind", "field", "value", "reason", "author", "withdrawn")
    expected = (track, "override", "bpm", "131.5", "counted by hand", "ada", False)
    assert tuple(decision[name] for name in facts) == expected
    pipeline.drain()
    assert tempo(pipeline, track) == (131.5, 131.5) != before

    send(client, address, "Withdraw the value set before", field="bpm", reason="a mistake")
    pipeline.drain()
    assert decisions(pipeline)[-1]["withdrawn"]
    assert tempo(pipeline, track) == before


def test_a_value_out_of_range_is_explained_and_not_sent(client: httpx2.Client, pipeline: Pipeline) -> None:
    track, sent = tracks(pipeline)[0], len(decisions(pipeline))
    shown = send(client, "/decide", "Set the value", 409, track=track, field="bpm", value="7", reason="x")
    assert "bpm" in shown and "7" in shown
    send(
        client,
        "/decide",
        "Set the value",
        404,
        track="no-such-00000000",
        field="bpm",
        value="130",
        reason="x",
    )
    assert len(decisions(pipeline)) == sent


def test_two_tracks_are_merged_and_split(client: httpx2.Client, pipeline: Pipeline) -> None:
    first, second = (before := tracks(pipeline))[:2]
    address = f"/decide?track={first}&other={second}"
    send(client, address, "They are one recording", 409, reason="same ISRC")  # its question is not confirmed
    assert not [decision for decision in decisions(pipeline) if decision["kind"] == "merge"]
    shown = send(client, address, "They are one recording", confirmed="yes", force="yes", reason="same ISRC")
    assert f"it is merged with {second}" in shown
    merge = decisions(pipeline)[-1]
    assert (merge["kind"], merge["subject_id"], merge["other_id"]) == ("merge", first, second)
    pipeline.drain()
    assert tracks(pipeline) == [track for track in before if track != second]
    assert client.get(f"/tracks/{second}", follow_redirects=False).status_code == 308

    send(client, address, "They are not", reason="two recordings")
    pipeline.drain()
    assert tracks(pipeline) == before


def test_a_dead_letter_is_reinserted(client: httpx2.Client, pipeline: Pipeline, pages: list[Page]) -> None:
    """The stage could not read the record then, and can now."""
    sets_before = pipeline.counts()["silver_enriched_playlists"]
    letter = letter_of(pipeline, pages[1])
    address = f"/pipeline/letters/parse/{letter}"
    shown = send(client, address, "Reinsert", note="the schema is registered again")
    assert "reinserted" in shown and "the schema is registered again" in shown and "ada" in shown
    pipeline.drain()
    assert pipeline.counts()["silver_enriched_playlists"] == sets_before + 1
    assert len(pipeline.query("SELECT FROM gold_track_analytics WHERE play_count > 0")) > len(pages)
    refused = send(client, address, "Reinsert", 409, note="a second time")
    assert "handled" in refused


def letter_of(pipeline: Pipeline, record: Page) -> str:
    """Write a dead letter of a readable page, which is in its topic no more; return its id."""
    reason = dead_letters.Reason.of(
        BrokenAvro("made up"),
        stage="parse",
        topic=topics.physical("bronze.pages", pipeline.settings),
        partition=0,
        offset=0,
        timestamp=0,
        headers=[],
    )
    value = pipeline.codec.encode("bronze.pages", record)
    writer = RecordWriter.of(pipeline.settings)
    sent = writer.record("parse.dlq", record["page_id"].encode(), value, reason.headers([]))
    return f"{sent.partition()}:{sent.offset()}"


def test_a_dead_letter_is_dropped(client: httpx2.Client, pipeline: Pipeline) -> None:
    pipeline.send_raw("bronze.pages", [(b"broken", BROKEN)])
    pipeline.drain()
    records = pipeline.ends()
    listed = html.document_fromstring(client.get("/pipeline/letters/parse").text)
    (address,) = listed.xpath("//tbody//a/@href")
    shown = send(client, address, "Drop", note="no page")
    assert "dropped" in shown and "no page" in shown
    assert pipeline.ends() == records  # nothing was written to any topic
    assert "None is open" in client.get("/pipeline/letters/parse").text
    rows = pipeline.query("SELECT action, who, note FROM dead_letter_actions ORDER BY at")
    assert rows[-1] == ("dropped", "ada", "no page")


SET = "/decide/set"
#: Settings of addresses: the forms to send without this server, and what the page says.
AWAY = {
    "kafka_bootstrap": (
        (SET, "/decide/withdraw", "/decide/merge", "/decide/split", "reinsert", "drop"),
        "Kafka does not respond",
    ),
    "database_url": ((SET, "/decide/merge", "reinsert", "drop"), "PostgreSQL does not respond"),
    "schema_registry_url": ((SET,), "The schema registry does not respond"),
}
NOWHERE = {
    "kafka_bootstrap": f"127.0.0.1:{UNUSED_PORT}",
    "database_url": f"postgresql://nobody@127.0.0.1:{UNUSED_PORT}/none",
    "schema_registry_url": f"http://127.0.0.1:{UNUSED_PORT}",
}


@pytest.fixture(scope="module")
def letter(pipeline: Pipeline, client: httpx2.Client) -> str:
    """Return the address of an open dead letter."""
    pipeline.send_raw("bronze.pages", [(b"broken", BROKEN)])
    pipeline.drain()
    (address,) = html.document_fromstring(client.get("/pipeline/letters/parse").text).xpath(
        "//tbody//a/@href"
    )
    return str(address)


@pytest.mark.parametrize("away", AWAY)
def test_without_a_server_nothing_is_changed(
    pipeline: Pipeline, settings: Settings, letter: str, away: str
) -> None:
    paths, reason = AWAY[away]
    first, second = tracks(pipeline)[:2]
    form = {
        **{"track": first, "other": second, "confirmed": "yes", "force": "yes"},
        **{"field": "key", "value": "8A", "reason": "x", "note": "x", "token": TOKEN},
    }
    before = pipeline.ends(), actions(pipeline)
    incomplete = settings.model_copy(update={away: NOWHERE[away]})
    with running_web(incomplete) as url, httpx2.Client(base_url=url, timeout=90) as client:
        for path in paths:
            answer = client.post(
                path if path.startswith("/") else f"{letter}/{path}",
                data=form,
                headers={"origin": url, "sec-fetch-site": "same-origin"},
            )
            assert answer.status_code == 503, (path, answer.text)
            assert answer.headers["retry-after"]
            assert f"{UNCHANGED} {reason}" in answer.text, (path, answer.text)
    assert (pipeline.ends(), actions(pipeline)) == before


def actions(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    """Return all actions on dead letters."""
    return pipeline.query("SELECT * FROM dead_letter_actions ORDER BY at")
