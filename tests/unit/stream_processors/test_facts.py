"""Facts are outputs of the record that changes the playlist: a crash between any two outputs loses none."""

from typing import Any

from songnodes.messaging import topics
from songnodes.settings import Settings
from stream_processors.runtime.testing import Emitted, StageTestDriver
from stream_processors.silver import build
from tests.support import changing_pages
from tests.support.in_process_stages import InProcessPipeline
from tests.support.set_builders import build_tracklist, track
from tests.support.tables import differences

SET = "mixcloud:ada/cellar"
STROBE, RAJ, OPUS = "Deadmau5 - Strobe", "Deadmau5 - Raj", "Eric Prydz - Opus"
#: Two versions of a page and a resolution: a row is replaced, a DJ is added, a track is merged.
HISTORY: tuple[tuple[str, Any], ...] = (
    ("bronze.tracklists", build_tracklist(SET, [STROBE, RAJ], djs=["Ada"])),
    ("bronze.tracklists", build_tracklist(SET, [STROBE, OPUS], djs=["Ada", "Bo"], hours=1)),
    ("silver.resolutions", changing_pages.resolution(SET, {track(OPUS): track(RAJ)})),
)
FACTS = ("silver.appearances", "silver.credits")


class Killed(BaseException):
    """The process ended between two outputs"""


class MortalDriver(StageTestDriver):
    """Ends once, when it has delivered so many outputs."""

    outputs_left: int | None = None

    def produce(self, *arguments: Any, **headers: Any) -> None:
        if self.outputs_left == 0:
            self.outputs_left = None
            raise Killed
        if self.outputs_left is not None:
            self.outputs_left -= 1
        super().produce(*arguments, **headers)


def run(die_after: int | None = None) -> tuple[InProcessPipeline, list[Emitted], bool]:
    """Run the history; silver ends after so many outputs. Return its outputs, and True if it ended."""
    pipeline = InProcessPipeline()
    silver = pipeline.stages["silver"] = MortalDriver(build(Settings(), pipeline.codec), pipeline.codec)
    silver.outputs_left = die_after
    for topic, value in HISTORY:
        pipeline.publish(topic, SET, value)
    died = False
    while True:
        delivered = len(silver.outputs)
        try:
            pipeline.run()
            return pipeline, silver.outputs, died
        except Killed:
            died = True
            pipeline.distribute(silver.outputs[delivered:])
            pipeline.crash("silver", keep=0)


def test_a_crash_between_any_two_outputs_changes_nothing() -> None:
    calm, outputs, _ = run()
    for die_after in range(len(outputs)):
        pipeline, _, died = run(die_after)
        assert died
        assert not differences(calm.newest(), pipeline.newest()), die_after


def test_facts_follow_their_playlist_with_its_version() -> None:
    pipeline = InProcessPipeline()
    silver = pipeline.stages["silver"]
    newest: dict[str, bool] = {}
    for topic, value in HISTORY:
        emitted = silver.feed(topic, SET, value)
        playlist, *facts = emitted
        assert playlist.topic == "silver.playlists"
        assert {fact.topic for fact in facts} <= set(FACTS)
        newest |= {fact.key: fact.value["gone"] for fact in facts if fact.topic == FACTS[0]}
        assert {fact.value["version"] for fact in facts} == {playlist.value["version"]}
    assert newest == {
        track(STROBE): False,
        track(RAJ): False,
        track(OPUS): True,
    }
    assert track(STROBE) not in {fact.key for fact in facts}, "the resolution changed nothing of it"


def test_facts_have_the_version_of_silver_in_their_names() -> None:
    settings = Settings(silver_version=3)
    assert [topics.physical(name, settings) for name in FACTS] == [f"{name}.v3" for name in FACTS]
