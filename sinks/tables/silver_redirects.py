"""silver.redirects -> track_redirects."""

from sinks.tables.writer import Upsert

WRITER = Upsert(
    topic="silver.redirects",
    file="silver_redirects",
    key="track_id",
    parent="redirect",
    row=dict,
    can_go=False,
)
