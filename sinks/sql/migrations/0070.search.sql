-- Names by their words, for search in any script and with misspelled words. Kept by refresh; no extension is needed.

CREATE TABLE gold_search (
    kind     text NOT NULL CHECK (kind IN ('track', 'artist', 'set')),
    id       text NOT NULL,
    name_key text NOT NULL,
    words    tsvector NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX gold_search_names ON gold_search (name_key text_pattern_ops);
-- Every query reads the list of pending entries whole: kilobytes, the default is 4 MB.
CREATE INDEX gold_search_words_of ON gold_search USING gin (words) WITH (gin_pending_list_limit = 256);

CREATE TABLE gold_search_words (
    word      text COLLATE "C" PRIMARY KEY,
    deletions integer[] NOT NULL
);
CREATE INDEX gold_search_words_deletions ON gold_search_words USING gin (deletions)
    WITH (gin_pending_list_limit = 256);

COMMENT ON TABLE gold_search IS 'Names of tracks, artists and sets by their words. Made by refresh.';
COMMENT ON COLUMN gold_search.kind IS 'track, artist or set';
COMMENT ON COLUMN gold_search.id IS 'track id, artist id or playlist id';
COMMENT ON COLUMN gold_search.name_key IS
    'name in lower-case Latin letters and digits: the form in which whole names are compared';
COMMENT ON COLUMN gold_search.words IS
    'words in the form of name_key; and in capitals the kind, and HIGH and MEDIUM where 32 and 4 DJs support it';
COMMENT ON TABLE gold_search_words IS 'Words of gold_search, for misspelled words. Made by refresh.';
COMMENT ON COLUMN gold_search_words.word IS 'word in lower-case Latin letters and digits';
COMMENT ON COLUMN gold_search_words.deletions IS
    'CRC-32 of the forms that up to two deletions make of the first seven characters';

CREATE VIEW gold_track_redirects AS SELECT track_id, canonical_id FROM track_redirects WHERE canonical_id IS NOT NULL;
COMMENT ON VIEW gold_track_redirects IS 'Ids of merged tracks, and the id that has their counts.';
COMMENT ON COLUMN gold_track_redirects.track_id IS 'old track id';
COMMENT ON COLUMN gold_track_redirects.canonical_id IS 'track id it was merged into';

-- The best of a genre, by rank and by trending score.
CREATE INDEX gold_track_analytics_genre_rank ON gold_track_analytics ((genres[1]), genre_rank);
CREATE INDEX gold_track_analytics_genre_trending ON gold_track_analytics ((genres[1]), trending_score DESC)
    WHERE trending_score > 0;
CREATE INDEX silver_enriched_tracks_label ON silver_enriched_tracks (lower(label)) WHERE label IS NOT NULL;
