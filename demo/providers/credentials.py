"""Invented credentials that the local providers accept, by the names of the settings."""

from collections.abc import Mapping

from demo.providers import beatport, discogs, lastfm, listenbrainz, spotify, tidal

CREDENTIALS: Mapping[str, str] = {
    "listenbrainz_token": listenbrainz.TOKEN,
    "tidal_client_id": tidal.CLIENT_ID,
    "tidal_client_secret": tidal.CLIENT_SECRET,
    "beatport_token": beatport.TOKEN,
    "spotify_client_id": spotify.CLIENT_ID,
    "spotify_client_secret": spotify.CLIENT_SECRET,
    "lastfm_key": lastfm.API_KEY,
    "discogs_token": discogs.TOKEN,
}
