-- Values of artists from the archived answers of providers.

ALTER TABLE silver_enriched_artists
    ADD COLUMN genres        text[] NOT NULL DEFAULT '{}',
    ADD COLUMN value_sources jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN id_conflicts  jsonb NOT NULL DEFAULT '{}';

COMMENT ON COLUMN silver_enriched_artists.genres IS
    'genres of the artist at the first provider that has some, by the genre tree';
COMMENT ON COLUMN silver_enriched_artists.value_sources IS
    'provider of each value that an answer lends: country, genres, biography, aliases, ids.<site>, links.<site>';
COMMENT ON COLUMN silver_enriched_artists.id_conflicts IS
    'ids of one site under this name, where there are several; without an id on a page none of them is chosen';
