"""parse: bronze.pages -> bronze.tracklists, bronze.artists, bronze.events. Stateless."""

from typing import cast

from producers import sources
from songnodes.domain.records import Page
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.runtime import Record, Stage


def build(settings: Settings, codec: Codec) -> Stage:
    """The stage, ready to run. A page that no parser can read goes to parse.dlq with the reason."""
    stage = Stage("parse", settings, codec)

    @stage.agent("bronze.pages")
    def parse(record: Record) -> None:
        """Page to records, every time."""
        for topic, key, value in sources.parse(cast(Page, record.value)):
            stage.emit(topic, key, value)

    return stage
