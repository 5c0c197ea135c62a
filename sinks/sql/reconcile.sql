-- name: tracks
-- What gold must say, from the rows of the sets that count (docs: counts). A play is a distinct position of a
-- set where the track is not a component of a mashup; a set counts for a DJ who played the track in it.
WITH rows AS (
    SELECT p.playlist_id, p.dj_ids, t.track_id, t.position, t.role,
           p.dj_ids && (t.artist_ids || t.version_artist_ids) AS own,
           CASE WHEN p.set_date <= (p.last_observed_at AT TIME ZONE 'UTC')::date + 30 THEN p.set_date END AS day
    FROM silver_playlist_tracks AS t
    JOIN silver_enriched_playlists AS p USING (playlist_id)
    WHERE p.counted AND t.status = 'identified' AND t.track_id IS NOT NULL
), sets AS (
    SELECT track_id, playlist_id, day, dj_ids,
           count(DISTINCT position) FILTER (WHERE role <> 'component') AS plays,
           count(*) FILTER (WHERE role = 'component') AS component_plays,
           bool_or(own) AS own
    FROM rows
    GROUP BY track_id, playlist_id, day, dj_ids
), djs AS (
    SELECT track_id, count(DISTINCT dj) AS djs
    FROM sets
    CROSS JOIN unnest(dj_ids) AS dj
    WHERE plays > 0
    GROUP BY track_id
), expected AS (
    SELECT track_id,
           sum(plays)::integer AS play_count,
           sum(component_plays)::integer AS component_plays,
           coalesce(sum(plays) FILTER (WHERE own), 0)::integer AS self_plays,
           (count(*) FILTER (WHERE plays > 0))::integer AS playlist_appearances,
           coalesce(max(djs), 0)::integer AS dj_support,
           min(day) FILTER (WHERE plays > 0) AS first_seen_date,
           max(day) FILTER (WHERE plays > 0) AS last_seen_date
    FROM sets
    LEFT JOIN djs USING (track_id)
    GROUP BY track_id
)
SELECT coalesce(e.track_id, g.track_id) AS track_id,
       to_jsonb(e) - 'track_id' AS expected,
       CASE WHEN g.track_id IS NOT NULL THEN jsonb_build_object(
           'play_count', g.play_count,
           'component_plays', g.component_plays,
           'self_plays', g.self_plays,
           'playlist_appearances', g.playlist_appearances,
           'dj_support', g.dj_support,
           'first_seen_date', g.first_seen_date,
           'last_seen_date', g.last_seen_date
       ) END AS found
FROM expected AS e
FULL JOIN gold_track_counts AS g USING (track_id)
WHERE CASE
    WHEN e.track_id IS NULL THEN g.play_count + g.component_plays > 0
    WHEN g.track_id IS NULL THEN true
    ELSE (e.play_count, e.component_plays, e.self_plays, e.playlist_appearances, e.dj_support,
          e.first_seen_date, e.last_seen_date)
         IS DISTINCT FROM
         (g.play_count, g.component_plays, g.self_plays, g.playlist_appearances, g.dj_support,
          g.first_seen_date, g.last_seen_date)
END
ORDER BY 1;

-- name: compared
SELECT count(*) FROM (
    SELECT track_id FROM gold_track_counts
    UNION
    SELECT track_id FROM silver_playlist_tracks WHERE track_id IS NOT NULL
) AS tracks;
