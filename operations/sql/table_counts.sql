-- Count what a replay must not change, per table, in one snapshot, without the columns that refresh owns,
-- versions and processing times. `content` sums a hash of each row: it shows errors that cancel out in the sums.
SELECT 'bronze_pages' AS relation, jsonb_build_object('rows', count(*)) AS counts FROM bronze_pages
UNION ALL
SELECT 'bronze_page_fetches', jsonb_build_object('rows', count(*)) FROM bronze_page_fetches
UNION ALL
SELECT 'bronze_scraped_tracks', jsonb_build_object('rows', count(*)) FROM bronze_scraped_tracks
UNION ALL
SELECT 'bronze_scraped_playlists', jsonb_build_object('rows', count(*)) FROM bronze_scraped_playlists
UNION ALL
SELECT 'bronze_scraped_artists', jsonb_build_object('rows', count(*)) FROM bronze_scraped_artists
UNION ALL
SELECT 'bronze_events', jsonb_build_object('rows', count(*)) FROM bronze_events
UNION ALL
SELECT 'bronze_api_enrichments', jsonb_build_object('rows', count(*)) FROM bronze_api_enrichments
UNION ALL
SELECT 'bronze_decisions', jsonb_build_object('rows', count(*)) FROM bronze_decisions
UNION ALL
SELECT 'silver_enriched_playlists', jsonb_build_object(
    'rows', count(*),
    'counted', count(*) FILTER (WHERE counted),
    'identified_rows', coalesce(sum(identified_rows), 0),
    'content', coalesce(sum(hashtextextended(row(playlist_id, content_hash, set_id, counted)::text, 0)::numeric), 0)::text)
FROM silver_enriched_playlists
UNION ALL
SELECT 'silver_playlist_tracks', jsonb_build_object(
    'rows', count(*),
    'identified', count(track_id),
    'content', coalesce(sum(hashtextextended(
        row(playlist_id, row_index, row_key, position, role, status, track_id)::text, 0)::numeric), 0)::text)
FROM silver_playlist_tracks
UNION ALL
SELECT 'silver_enriched_tracks', jsonb_build_object(
    'rows', count(*),
    'quality', round(coalesce(sum(data_quality_score::numeric), 0), 3),
    'content', coalesce(sum(hashtextextended(row(track_id, track_name, primary_artist, bronze_id,
        bpm, key, key_mode, isrc, label, duration_ms, data_quality_score)::text, 0)::numeric), 0)::text)
FROM silver_enriched_tracks
UNION ALL
SELECT 'silver_enriched_artists', jsonb_build_object(
    'rows', count(*),
    'content', coalesce(sum(hashtextextended(
        row(artist_id, name, is_dj, is_producer, data_quality_score)::text, 0)::numeric), 0)::text)
FROM silver_enriched_artists
UNION ALL
SELECT 'silver_events', jsonb_build_object('rows', count(*)) FROM silver_events
UNION ALL
SELECT 'silver_event_lineups', jsonb_build_object('rows', count(*)) FROM silver_event_lineups
UNION ALL
SELECT 'track_redirects', jsonb_build_object('rows', count(*)) FROM track_redirects
UNION ALL
SELECT 'gold_track_analytics', jsonb_build_object(
    'rows', count(*),
    'play_count', coalesce(sum(play_count), 0),
    'component_plays', coalesce(sum(component_plays), 0),
    'self_plays', coalesce(sum(self_plays), 0),
    'playlist_appearances', coalesce(sum(playlist_appearances), 0),
    'dj_support', coalesce(sum(dj_support), 0),
    'support_days', coalesce(sum(cardinality(support_dates)), 0),
    'content', coalesce(sum(hashtextextended(row(track_id, play_count, component_plays, self_plays,
        playlist_appearances, dj_support, first_seen_date, last_seen_date, support_dates::text)::text, 0)::numeric), 0)::text)
FROM gold_track_counts
UNION ALL
SELECT 'gold_artist_analytics', jsonb_build_object(
    'rows', count(*),
    'play_count', coalesce(sum(play_count), 0),
    'playlist_appearances', coalesce(sum(playlist_appearances), 0),
    'dj_support', coalesce(sum(dj_support), 0),
    'sets_played', coalesce(sum(sets_played), 0),
    'content', coalesce(sum(hashtextextended(row(artist_id, play_count, component_plays,
        playlist_appearances, dj_support, sets_played, first_seen_date, last_seen_date)::text, 0)::numeric), 0)::text)
FROM gold_artist_analytics
