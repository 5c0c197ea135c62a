-- Every playlist with its set, its event and its DJs
SELECT playlist_id, set_id, ra_event_id, dj_names FROM silver_enriched_playlists
