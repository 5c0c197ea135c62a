"""Request for the profiles of an artist, from its total.

Ids come from credits of matched tracks and from pages about the artist, never from a name, and never from
earlier profiles: the answers to a request do not change it.
"""

from datetime import datetime

from songnodes.domain import artist_values, artists, ids
from songnodes.domain.artist_answers import CREDIT
from songnodes.domain.artists import ArtistTotal
from songnodes.domain.quality import is_generic
from songnodes.domain.records import EnrichmentRequest
from songnodes.domain.tracks import rounded_plays

#: Sites whose ids lead to a profile (`enrichment.plan.artists`).
SITES = ("musicbrainz", "discogs")
#: Site whose ids may have been merged into each other: of a conflict, so many are looked up.
MERGING_SITE = "musicbrainz"
MAX_CONFLICTING = 3


def request(
    artist_id: str, total: ArtistTotal, observed_at: datetime, code: str, recheck: int = 0
) -> EnrichmentRequest | None:
    """Return the request to providers; None without an id, or if no set and no page names the artist."""
    name = artists.display_name(total, artist_id)
    known_ids = _known_ids(total)
    if not known_ids or not artists.is_live(total) or is_generic(name):
        return None
    content = ids.canonical_json([artist_id, name, known_ids, recheck])
    request_id = ids.event_id("artist request", content)
    return {
        "event_id": request_id,
        "source": "silver",
        "observed_at": observed_at,
        "origin": {"kind": "record", "id": artist_id, "parser_version": None},
        "pipeline_version": code,
        "track_id": "",
        "request_id": request_id,
        "artist_name": name,
        "track_title": "",
        "base_title": "",
        "version_text": None,
        "version_artists": [],
        "duration_ms": None,
        "known_ids": known_ids,
        "missing": [],
        "recheck": recheck,
        "text": name,
        "plays": rounded_plays(total["dj_sets"] + total["producer_sets"]),
        "first_set_date": None,
        "artist_id": artist_id,
    }


def _known_ids(total: ArtistTotal) -> dict[str, str]:
    """Return the ids by site. Several MusicBrainz ids are joined by commas: they may have been merged."""
    page_ids = artists.page_ids(total)
    credits = [answer for answer in total["answers"].values() if answer["kind"] == CREDIT]
    chosen = artist_values.choose(credits, page_ids)
    ids_by_site = {site: {**chosen.ids, **page_ids}.get(site, "") for site in SITES}
    if not ids_by_site[MERGING_SITE]:
        ids_by_site[MERGING_SITE] = ",".join(list(chosen.conflicts.get(MERGING_SITE, ()))[:MAX_CONFLICTING])
    return {site: identity for site, identity in ids_by_site.items() if identity}
