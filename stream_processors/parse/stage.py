"""parse: bronze.pages -> bronze.tracklists, bronze.artists, bronze.events. Stateless."""

from typing import cast

from producers import sources
from songnodes.domain.records import Page
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.parse import holding
from stream_processors.runtime import Record, Stage


def build(settings: Settings, codec: Codec) -> Stage:
    """Build the stage. A page that its parser rejects, and one that is held, goes to parse.dlq."""
    stage = Stage("parse", settings, codec)

    @stage.agent("bronze.pages")
    def on_page(record: Record) -> None:
        """Parse the page again at every delivery."""
        page = cast(Page, record.value)
        outputs = sources.parse(page)
        holding.check(page, outputs, record.headers)
        for topic, _, value in outputs:
            codec.check(topic, value)
        for topic, key, value in outputs:
            stage.emit(topic, key, value)

    return stage
