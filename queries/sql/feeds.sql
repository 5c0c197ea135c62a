-- name: follow
INSERT INTO feed_subscriptions (list_name, kind, target_id, name) VALUES ($1, $2, $3, $4)
ON CONFLICT (list_name, kind, target_id) DO NOTHING
RETURNING target_id;

-- name: unfollow
DELETE FROM feed_subscriptions WHERE list_name = $1 AND kind = $2 AND target_id = $3 RETURNING target_id;

-- name: following
SELECT list_name, kind, target_id, name, created_at
FROM feed_lists
WHERE $1::text IS NULL OR list_name = $1
ORDER BY list_name, kind, name, target_id;

-- name: events
-- Events of a list on the days from $2 to $3. $4: a climb enters the first so many of a genre. `event_key` names an event
-- whatever else of it changes. Newest first by the time at which the first page with it was fetched.
WITH followed AS (
    SELECT subscription.kind, coalesce(redirect.canonical_id, target_id) AS target_id, name
    FROM feed_lists AS subscription
    LEFT JOIN gold_track_redirects AS redirect ON subscription.kind = 'track' AND redirect.track_id = target_id
    WHERE list_name = $1
), tracks AS (
    SELECT kind AS via, target_id AS track_id, name AS followed FROM followed WHERE kind = 'track'
    UNION ALL
    SELECT kind, credits.track_id, name
    FROM followed JOIN gold_track_artists AS credits ON artist_id = target_id WHERE kind = 'artist'
    UNION ALL
    SELECT kind, labelled.track_id, name
    FROM followed JOIN gold_track_labels AS labelled ON label_id = target_id WHERE kind = 'label'
), supports AS (
    SELECT 'support' AS kind, concat_ws(E'\x1f', supports.track_id, dj_id) AS event_key, tracks.followed,
           supports.track_id, first_playlist_id AS playlist_id, dj_id, first_date AS day, NULL::integer AS rank,
           NULL::text AS genre, NULL::timestamptz AS revealed_at
    FROM tracks
    JOIN gold_first_plays AS supports ON supports.track_id = tracks.track_id
    WHERE via = 'track' AND first_date BETWEEN $2 AND $3
), sets AS (
    SELECT 'set', sets.set_id, name, NULL, playlist_id, target_id, sets.set_date, NULL::integer, NULL, NULL::timestamptz
    FROM followed
    JOIN silver_enriched_playlists AS sets ON dj_ids @> ARRAY[target_id]
    WHERE kind = 'dj' AND counted AND set_date_precision = 'day' AND set_date BETWEEN $2 AND $3
      AND set_date - 30 <= (last_observed_at AT TIME ZONE 'UTC')::date
), new_tracks AS (
    -- New is what was first played now and is not known to be older than a year.
    SELECT 'track', tracks.track_id, followed, tracks.track_id, first.playlist_id, NULL, first_seen_date, NULL::integer,
           NULL, NULL::timestamptz
    FROM tracks
    JOIN gold_track_counts AS gold ON gold.track_id = tracks.track_id
    LEFT JOIN silver_enriched_tracks AS silver ON silver.track_id = tracks.track_id
    LEFT JOIN LATERAL (
        SELECT plays.playlist_id
        FROM gold_plays AS plays
        WHERE plays.track_id = tracks.track_id AND plays.day = first_seen_date
        ORDER BY plays.playlist_id
        LIMIT 1
    ) AS first ON true
    WHERE via <> 'track' AND first_seen_date BETWEEN $2 AND $3
      AND (
          NOT isfinite(silver.release_date)
          OR silver.release_date >= first_seen_date
             - CASE release_date_precision WHEN 'year' THEN 730 WHEN 'month' THEN 395 ELSE 365 END
      ) IS NOT FALSE
), reveals AS (
    SELECT 'reveal', concat_ws(E'\x1f', sets.set_id, rows.row_key, rows.track_id), followed, rows.track_id, rows.playlist_id,
           NULL, (current.scraped_at AT TIME ZONE 'UTC')::date, NULL::integer, NULL, current.scraped_at
    FROM tracks
    JOIN silver_playlist_tracks AS rows ON rows.track_id = tracks.track_id
    JOIN silver_enriched_playlists AS sets ON sets.playlist_id = rows.playlist_id
    JOIN bronze_scraped_tracks AS current ON current.id = rows.bronze_id
    WHERE via <> 'label' AND sets.counted AND rows.status = 'identified'
      AND current.scraped_at >= $2::date AND current.scraped_at < $3::date + 1
      AND EXISTS (
          SELECT FROM bronze_scraped_tracks AS earlier
          WHERE earlier.playlist_id = rows.playlist_id AND earlier.row_key = rows.row_key
            AND earlier.scraped_at < current.scraped_at AND is_unknown_title(earlier.raw_data ->> 'track_name')
      )
), ranked_ids AS (
    -- The days of a track that was merged are those of the track it was merged into, as in gold_track_ranks_by_day.
    SELECT track_id, track_id AS recorded_id FROM tracks
    UNION SELECT redirect.canonical_id, redirect.track_id
    FROM tracks JOIN gold_track_redirects AS redirect ON redirect.canonical_id COLLATE "C" = tracks.track_id
), ranks AS MATERIALIZED (
    SELECT DISTINCT ON (ids.track_id, recorded.day) ids.track_id, recorded.day, recorded.genre, recorded.genre_rank
    FROM ranked_ids AS ids
    JOIN gold_track_rank_history AS recorded ON recorded.track_id = ids.recorded_id
    WHERE recorded.day BETWEEN $2::date - 28 AND $3::date
    ORDER BY ids.track_id, recorded.day, recorded.popularity_rank, recorded.track_id
), climbs AS (
    -- The newest day may still change. A track that was there within 28 days does not enter, it returns.
    SELECT 'climb', concat_ws(E'\x1f', history.track_id, history.genre, $4::integer, history.day), followed,
           history.track_id, NULL, NULL, history.day, history.genre_rank, history.genre, NULL::timestamptz
    FROM tracks
    JOIN ranks AS history ON history.track_id = tracks.track_id
    WHERE history.day BETWEEN $2 AND $3 AND history.genre_rank <= $4
      AND history.day < (SELECT max(day) FROM gold_rank_snapshots)
      AND EXISTS (
          SELECT FROM gold_rank_snapshots AS before WHERE before.day BETWEEN history.day - 28 AND history.day - 1
      )
      AND NOT EXISTS (
          SELECT FROM ranks AS before
          WHERE before.track_id = history.track_id AND before.day BETWEEN history.day - 28 AND history.day - 1
            AND before.genre = history.genre AND before.genre_rank <= $4
      )
), events AS (
    SELECT DISTINCT ON (kind, event_key) *
    FROM (
        SELECT * FROM supports
        UNION ALL SELECT * FROM sets
        UNION ALL SELECT * FROM new_tracks
        UNION ALL SELECT * FROM reveals
        UNION ALL SELECT * FROM climbs
    ) AS listed
    ORDER BY kind, event_key, followed, playlist_id
)
SELECT events.kind, event_key, followed, events.track_id, gold.track_name, gold.primary_artist, events.playlist_id,
       sets.title AS set_title, sets.dj_names, coalesce(artists.name, dj_id) AS dj_name, source_url, day, rank,
       events.genre, published_at
FROM events
LEFT JOIN gold_track_counts AS gold ON gold.track_id = events.track_id
LEFT JOIN silver_enriched_playlists AS sets ON sets.playlist_id = events.playlist_id
LEFT JOIN silver_enriched_artists AS artists ON artists.artist_id = dj_id
CROSS JOIN LATERAL (
    SELECT coalesce(
        revealed_at,
        (SELECT min(scraped_at) FROM bronze_scraped_playlists AS pages WHERE pages.playlist_id = events.playlist_id),
        sets.created_at,
        (SELECT recorded_at FROM gold_rank_snapshots AS snapshots WHERE snapshots.day = events.day),
        events.day::timestamp AT TIME ZONE 'UTC'
    ) AS published_at
) AS published
ORDER BY published_at DESC, events.kind, event_key
LIMIT $5;
