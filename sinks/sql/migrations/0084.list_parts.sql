-- Lists of the query API are read part by part after the sort key of the last row: these indexes have the whole key.
-- Most tracks do not rise, so the index of those that do is smaller than one of all.
DROP INDEX gold_track_analytics_trending;
CREATE INDEX gold_track_analytics_trending ON gold_track_analytics (trending_score DESC, track_id DESC)
    WHERE trending_score > 0;
DROP INDEX gold_track_analytics_genre_trending;
CREATE INDEX gold_track_analytics_genre_trending
    ON gold_track_analytics ((genres[1]), trending_score DESC, track_id DESC) WHERE trending_score > 0;

DROP INDEX silver_events_date;
CREATE INDEX silver_events_date ON silver_events (event_date, ra_event_id);
CREATE INDEX silver_events_country ON silver_events (lower(country), event_date, ra_event_id);
