-- Every track with the fields that providers give
SELECT track_id, spotify_id, isrc, musicbrainz_id, beatport_id, bpm, key, key_mode, genres
FROM silver_enriched_tracks
