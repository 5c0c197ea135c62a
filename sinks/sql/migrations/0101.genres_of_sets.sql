-- The newest sets of a genre that few sets have: in the order of the date nearly all sets would be read.

CREATE INDEX silver_enriched_playlists_genres ON silver_enriched_playlists USING gin (genres) WHERE counted;
