-- name: named
-- Entries with exactly this name.
SELECT kind, id FROM gold_search WHERE name_key = $1 AND ($2::text[] IS NULL OR kind = ANY ($2)) LIMIT $3;

-- name: with_words
SELECT kind, id FROM gold_search WHERE words @@ $1::text::tsquery LIMIT $2;

-- name: near_words
-- Words that share a form with this one. By form: for `&&` of them all the planner would read all words.
SELECT DISTINCT near.word
FROM unnest($1::integer[]) AS form
CROSS JOIN LATERAL (SELECT word FROM gold_search_words WHERE deletions @> ARRAY[form] LIMIT $2) AS near;

-- name: described
-- Names and support of entries, best supported first.
WITH entries AS (SELECT * FROM unnest($1::text[], $2::text[]) AS entry (kind, entry_id))
SELECT 'track' AS kind, track_id AS id, coalesce(track_name, track_id) AS name,
       array_to_string(all_artists, ', ') AS detail, dj_support AS support
FROM entries JOIN gold_track_counts ON track_id = entry_id
WHERE kind = 'track'
UNION ALL
SELECT 'artist', artist_id, coalesce(name, artist_id),
       concat_ws(', ', CASE WHEN sets_played > 0 THEN 'DJ' END, CASE WHEN play_count > 0 THEN 'producer' END),
       greatest(dj_support, sets_played)
FROM entries JOIN gold_artist_analytics ON artist_id = entry_id
WHERE kind = 'artist'
UNION ALL
SELECT 'set', playlist_id, coalesce(title, mix_name, playlist_id), concat_ws(', ', array_to_string(dj_names, ' & '), set_date),
       identified_rows
FROM entries JOIN silver_enriched_playlists ON playlist_id = entry_id
WHERE kind = 'set'
UNION ALL
SELECT 'label', label_id, coalesce(name, label_id),
       coalesce((SELECT string_agg(key, ', ' ORDER BY value::numeric DESC, key) FROM (
            SELECT * FROM jsonb_each_text(genres) ORDER BY value::numeric DESC, key LIMIT 3
        ) AS shares), ''),
       supporter_count
FROM entries JOIN gold_label_analytics ON label_id = entry_id
WHERE kind = 'label'
ORDER BY support DESC, id
LIMIT $3;
