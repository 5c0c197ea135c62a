-- name: names
-- Names of these tracks, artists, sets or labels, with the number of DJs (of a set: its identified rows) and the words as
-- they are indexed. Of an id that is no more all are NULL.
SELECT requested.id, current.name, current.further, coalesce(current.weight, 0) AS weight, held.words::text AS words
FROM unnest($2::text[]) AS requested (id)
LEFT JOIN LATERAL (
    SELECT track_name AS name, all_artists AS further, dj_support AS weight
    FROM gold_track_counts WHERE $1 = 'track' AND track_id = requested.id
    UNION ALL
    SELECT gold.name, (SELECT array_agg(alias ->> 'text') FROM jsonb_array_elements(silver.aliases) AS alias),
           greatest(gold.dj_support, gold.sets_played)
    FROM gold_artist_analytics AS gold
    LEFT JOIN silver_enriched_artists AS silver USING (artist_id)
    WHERE $1 = 'artist' AND artist_id = requested.id
    UNION ALL
    SELECT coalesce(title, mix_name, playlist_id), dj_names || array_remove(ARRAY[event_name, venue, city], NULL),
           identified_rows
    FROM silver_enriched_playlists WHERE $1 = 'set' AND playlist_id = requested.id
    UNION ALL
    SELECT name, array(SELECT jsonb_object_keys(spellings) COLLATE "C" ORDER BY 1), supporter_count
    FROM gold_label_analytics WHERE $1 = 'label' AND label_id = requested.id
) AS current ON true
LEFT JOIN gold_search AS held ON held.kind = $1 AND held.id = requested.id
ORDER BY requested.id COLLATE "C";

-- name: delete
DELETE FROM gold_search WHERE kind = $1 AND id = ANY ($2::text[]);

-- name: upsert
INSERT INTO gold_search (kind, id, name_key, words)
SELECT $1, id, name_key, words::tsvector FROM unnest($2::text[], $3::text[], $4::text[]) AS entry (id, name_key, words)
ON CONFLICT (kind, id) DO UPDATE SET name_key = excluded.name_key, words = excluded.words;

-- name: new_words
SELECT word
FROM unnest($1::text[]) AS wanted (word)
WHERE NOT EXISTS (SELECT FROM gold_search_words AS held WHERE held.word = wanted.word);

-- name: add_word
INSERT INTO gold_search_words (word, deletions) VALUES ($1, $2::integer[]) ON CONFLICT DO NOTHING;

-- name: delete_gone
DELETE FROM gold_search AS held
WHERE CASE kind
    WHEN 'track' THEN NOT EXISTS (SELECT FROM gold_track_counts WHERE track_id = held.id)
    WHEN 'artist' THEN NOT EXISTS (SELECT FROM gold_artist_analytics WHERE artist_id = held.id)
    WHEN 'label' THEN NOT EXISTS (SELECT FROM gold_label_analytics WHERE label_id = held.id)
    ELSE NOT EXISTS (SELECT FROM silver_enriched_playlists WHERE playlist_id = held.id)
END;

-- name: delete_unused_words
DELETE FROM gold_search_words
WHERE NOT EXISTS (SELECT FROM ts_stat('SELECT words FROM gold_search') AS used WHERE used.word = gold_search_words.word);

-- name: all
SELECT track_id FROM gold_track_counts WHERE $1 = 'track'
UNION ALL SELECT artist_id FROM gold_artist_analytics WHERE $1 = 'artist'
UNION ALL SELECT playlist_id FROM silver_enriched_playlists WHERE $1 = 'set'
UNION ALL SELECT label_id FROM gold_label_analytics WHERE $1 = 'label';
