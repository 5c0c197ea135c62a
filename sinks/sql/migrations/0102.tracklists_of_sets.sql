-- The tracklists of one set, which its page names: all sets were read for them.

CREATE INDEX silver_enriched_playlists_set ON silver_enriched_playlists (set_id);
