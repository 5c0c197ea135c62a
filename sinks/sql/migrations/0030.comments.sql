-- The description of every table, view and column: units, range and origin. `songnodes dictionary` prints them.
-- Each later migration comments what it adds.


COMMENT ON TABLE analysed_tracks IS
    'Bookkeeping of refresh: values of each track when its sets were last analysed.';
COMMENT ON COLUMN analysed_tracks.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key';
COMMENT ON COLUMN analysed_tracks.looks IS
    'key, tempo, energy and genre of the track when its sets were last analysed';

COMMENT ON TABLE bronze_api_enrichments IS
    'Every attempt at a provider, whether a call was made or not. From topic bronze.enrichments.';
COMMENT ON COLUMN bronze_api_enrichments.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN bronze_api_enrichments.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key';
COMMENT ON COLUMN bronze_api_enrichments.request_id IS
    'UUIDv5 of the track, its spelling, its known ids and the number of the re-check: a provider''s worker answers each once';
COMMENT ON COLUMN bronze_api_enrichments.provider IS 'name of the provider';
COMMENT ON COLUMN bronze_api_enrichments.operation IS
    'operation at the provider, such as search or recording';
COMMENT ON COLUMN bronze_api_enrichments.parameters IS 'normalised parameters of the call';
COMMENT ON COLUMN bronze_api_enrichments.status IS
    'hit, miss, skipped, rejected, error, rate_limited, quota_exhausted, breaker_open, disabled or stale_cache';
COMMENT ON COLUMN bronze_api_enrichments.http_status IS 'HTTP status code; NULL: no call was made';
COMMENT ON COLUMN bronze_api_enrichments.body IS 'answer as received, compressed with zstd';
COMMENT ON COLUMN bronze_api_enrichments.response IS 'answer as JSON, where it is JSON';
COMMENT ON COLUMN bronze_api_enrichments.latency_ms IS 'duration of the call in milliseconds';
COMMENT ON COLUMN bronze_api_enrichments.cached IS 'true: answered from the cache';
COMMENT ON COLUMN bronze_api_enrichments.attempted_at IS 'time of the attempt, UTC';
COMMENT ON COLUMN bronze_api_enrichments.note IS 'reason or remark';
COMMENT ON COLUMN bronze_api_enrichments.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN bronze_api_enrichments.stored_at IS 'time at which the sink wrote the row';

COMMENT ON TABLE bronze_decisions IS
    'Every decision of an operator: override, merge, split, hold, release. From topic bronze.decisions.';
COMMENT ON COLUMN bronze_decisions.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN bronze_decisions.decision_id IS
    'id of the decision; a later record with the same id replaces it';
COMMENT ON COLUMN bronze_decisions.subject_id IS
    'id of what was decided on: a track, a playlist or a page kind';
COMMENT ON COLUMN bronze_decisions.kind IS 'override, link (merge), split, hold, release';
COMMENT ON COLUMN bronze_decisions.field IS 'name of the overridden field';
COMMENT ON COLUMN bronze_decisions.value IS 'value of the override, as JSON';
COMMENT ON COLUMN bronze_decisions.other_id IS 'second track of a merge or split';
COMMENT ON COLUMN bronze_decisions.reason IS 'reason, as the operator or rule gave it';
COMMENT ON COLUMN bronze_decisions.author IS 'who decided';
COMMENT ON COLUMN bronze_decisions.decided_at IS 'time of the decision, UTC';
COMMENT ON COLUMN bronze_decisions.withdrawn IS 'true: the decision is withdrawn';
COMMENT ON COLUMN bronze_decisions.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN bronze_decisions.stored_at IS 'time at which the sink wrote the row';

COMMENT ON TABLE bronze_events IS
    'Every parsed event, by content. From topic bronze.events.';
COMMENT ON COLUMN bronze_events.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN bronze_events.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN bronze_events.source_url IS 'address of the page at the source';
COMMENT ON COLUMN bronze_events.ra_event_id IS 'id of the event, source:native-id; NULL: no event is known';
COMMENT ON COLUMN bronze_events.title IS 'title as written';
COMMENT ON COLUMN bronze_events.event_date IS
    'day of the event; a night that starts before midnight keeps its first day';
COMMENT ON COLUMN bronze_events.raw_data IS
    'what was read from the page, before validation, with the member names of the specification';
COMMENT ON COLUMN bronze_events.content_hash IS
    'SHA-256 of what was read, without counters: equal content emits nothing';
COMMENT ON COLUMN bronze_events.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN bronze_events.scraped_at IS 'time at which the page was fetched, UTC';
COMMENT ON COLUMN bronze_events.scraper_version IS 'version of the code that fetched or ingested the page';
COMMENT ON COLUMN bronze_events.parser_version IS
    'version of the parser that read the page; raised whenever a reading changes';
COMMENT ON COLUMN bronze_events.stored_at IS 'time at which the sink wrote the row';

COMMENT ON TABLE bronze_page_fetches IS
    'Every fetch of a page, including those that returned a known body. From topic bronze.pages.';
COMMENT ON COLUMN bronze_page_fetches.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN bronze_page_fetches.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN bronze_page_fetches.sha256 IS 'SHA-256 of the body, hexadecimal';
COMMENT ON COLUMN bronze_page_fetches.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN bronze_page_fetches.url IS 'address of the page or work';
COMMENT ON COLUMN bronze_page_fetches.status IS 'HTTP status code of the response';
COMMENT ON COLUMN bronze_page_fetches.fetched_at IS 'time at which the response was received, UTC';
COMMENT ON COLUMN bronze_page_fetches.fetcher IS 'how the page was obtained: saved (a file), http, browser';
COMMENT ON COLUMN bronze_page_fetches.robots IS
    'verdict of robots.txt at the time of the fetch; NULL for saved files';
COMMENT ON COLUMN bronze_page_fetches.scraper_version IS
    'version of the code that fetched or ingested the page';
COMMENT ON COLUMN bronze_page_fetches.stored_at IS 'time at which the sink wrote the row';

COMMENT ON TABLE bronze_pages IS
    'Every distinct response body, as received. Insert-only; from topic bronze.pages.';
COMMENT ON COLUMN bronze_pages.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN bronze_pages.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN bronze_pages.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN bronze_pages.kind IS
    'kind of page at the source: tracklist, mix, cloudcast, event, listing, artist, search, ...';
COMMENT ON COLUMN bronze_pages.native_id IS 'id that the source itself uses; NULL where it shows none';
COMMENT ON COLUMN bronze_pages.url IS 'address of the page or work';
COMMENT ON COLUMN bronze_pages.status IS 'HTTP status code of the response';
COMMENT ON COLUMN bronze_pages.headers IS
    'response headers, names in lower case, without client addresses and cookies';
COMMENT ON COLUMN bronze_pages.content_type IS 'media type of the response, as sent';
COMMENT ON COLUMN bronze_pages.body IS
    'body as received, compressed with zstd; sha256 is of the uncompressed bytes';
COMMENT ON COLUMN bronze_pages.body_size IS 'size of the body in bytes, before compression';
COMMENT ON COLUMN bronze_pages.sha256 IS 'SHA-256 of the body, hexadecimal';
COMMENT ON COLUMN bronze_pages.fetched_at IS 'time of the first fetch that returned this body, UTC';
COMMENT ON COLUMN bronze_pages.fetcher IS 'how the page was obtained: saved (a file), http, browser';
COMMENT ON COLUMN bronze_pages.robots IS
    'verdict of robots.txt at the time of the fetch; NULL for saved files';
COMMENT ON COLUMN bronze_pages.scraper_version IS 'version of the code that fetched or ingested the page';
COMMENT ON COLUMN bronze_pages.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN bronze_pages.stored_at IS 'time at which the sink wrote the row';

COMMENT ON TABLE bronze_scraped_artists IS
    'Every parsed artist profile, by content. From topic bronze.artists.';
COMMENT ON COLUMN bronze_scraped_artists.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN bronze_scraped_artists.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN bronze_scraped_artists.source_url IS 'address of the page at the source';
COMMENT ON COLUMN bronze_scraped_artists.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';
COMMENT ON COLUMN bronze_scraped_artists.name IS 'name as displayed';
COMMENT ON COLUMN bronze_scraped_artists.biography IS 'biography as the source shows it';
COMMENT ON COLUMN bronze_scraped_artists.links IS 'addresses of the artist, by service';
COMMENT ON COLUMN bronze_scraped_artists.raw_data IS
    'what was read from the page, before validation, with the member names of the specification';
COMMENT ON COLUMN bronze_scraped_artists.content_hash IS
    'SHA-256 of what was read, without counters: equal content emits nothing';
COMMENT ON COLUMN bronze_scraped_artists.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN bronze_scraped_artists.scraped_at IS 'time at which the page was fetched, UTC';
COMMENT ON COLUMN bronze_scraped_artists.scraper_version IS
    'version of the code that fetched or ingested the page';
COMMENT ON COLUMN bronze_scraped_artists.parser_version IS
    'version of the parser that read the page; raised whenever a reading changes';
COMMENT ON COLUMN bronze_scraped_artists.stored_at IS 'time at which the sink wrote the row';

COMMENT ON TABLE bronze_scraped_playlists IS
    'Every parsed tracklist, by content. From topic bronze.tracklists.';
COMMENT ON COLUMN bronze_scraped_playlists.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN bronze_scraped_playlists.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN bronze_scraped_playlists.source_url IS 'address of the page at the source';
COMMENT ON COLUMN bronze_scraped_playlists.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN bronze_scraped_playlists.page_kind IS
    'kind of the page the record was read from; the newest of each kind is held per tracklist';
COMMENT ON COLUMN bronze_scraped_playlists.raw_data IS
    'header and rows as read, without the rows'' source fragments';
COMMENT ON COLUMN bronze_scraped_playlists.counters IS
    'views, likes and other counters of the page; never part of the content';
COMMENT ON COLUMN bronze_scraped_playlists.warnings IS
    'identifiers of what the parser could not read or doubts, such as date_implausible';
COMMENT ON COLUMN bronze_scraped_playlists.row_count IS 'number of rows, identified or not';
COMMENT ON COLUMN bronze_scraped_playlists.content_hash IS
    'SHA-256 of what was read, without counters: equal content emits nothing';
COMMENT ON COLUMN bronze_scraped_playlists.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN bronze_scraped_playlists.page_sha256 IS 'SHA-256, hexadecimal, of the body of the page';
COMMENT ON COLUMN bronze_scraped_playlists.scraped_at IS 'time at which the page was fetched, UTC';
COMMENT ON COLUMN bronze_scraped_playlists.scraper_version IS
    'version of the code that fetched or ingested the page';
COMMENT ON COLUMN bronze_scraped_playlists.parser_version IS
    'version of the parser that read the page; raised whenever a reading changes';
COMMENT ON COLUMN bronze_scraped_playlists.stored_at IS 'time at which the sink wrote the row';

COMMENT ON TABLE bronze_scraped_tracks IS
    'Every parsed row of every tracklist, by content: a page that is fetched again adds nothing. From topic bronze.tracklists.';
COMMENT ON COLUMN bronze_scraped_tracks.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN bronze_scraped_tracks.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN bronze_scraped_tracks.source_url IS 'address of the page at the source';
COMMENT ON COLUMN bronze_scraped_tracks.raw_data IS
    'the row as read: track_name, artist_name, mix_name, position, timestamp, original_html, metadata';
COMMENT ON COLUMN bronze_scraped_tracks.scraped_at IS 'time at which the page was fetched, UTC';
COMMENT ON COLUMN bronze_scraped_tracks.scraper_version IS
    'version of the code that fetched or ingested the page';
COMMENT ON COLUMN bronze_scraped_tracks.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN bronze_scraped_tracks.row_key IS
    'id of the row within its tracklist: the source''s own, else its place';
COMMENT ON COLUMN bronze_scraped_tracks.ordinal IS 'place on the page or in the list, from 0';
COMMENT ON COLUMN bronze_scraped_tracks.content_hash IS
    'SHA-256 of what was read, without counters: equal content emits nothing';
COMMENT ON COLUMN bronze_scraped_tracks.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN bronze_scraped_tracks.page_sha256 IS 'SHA-256, hexadecimal, of the body of the page';
COMMENT ON COLUMN bronze_scraped_tracks.parser_version IS
    'version of the parser that read the page; raised whenever a reading changes';
COMMENT ON COLUMN bronze_scraped_tracks.stored_at IS 'time at which the sink wrote the row';

COMMENT ON TABLE crawl_frontier IS
    'Bookkeeping of the crawler: pages known to exist and when to fetch them next.';
COMMENT ON COLUMN crawl_frontier.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN crawl_frontier.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN crawl_frontier.kind IS
    'kind of page at the source: tracklist, mix, cloudcast, event, listing, artist, search, ...';
COMMENT ON COLUMN crawl_frontier.native_id IS 'id that the source itself uses; NULL where it shows none';
COMMENT ON COLUMN crawl_frontier.url IS 'address of the page or work';
COMMENT ON COLUMN crawl_frontier.state IS 'queued, leased, fetched, parsed, blocked or failed';
COMMENT ON COLUMN crawl_frontier.why IS 'reason of the last attempt that returned no page';
COMMENT ON COLUMN crawl_frontier.priority IS 'higher is fetched first';
COMMENT ON COLUMN crawl_frontier.attempts IS 'failed attempts in a row';
COMMENT ON COLUMN crawl_frontier.next_at IS
    'earliest time of the next fetch; of a leased page the latest end of the lease';
COMMENT ON COLUMN crawl_frontier.crawl IS 'crawl that wants the page now';
COMMENT ON COLUMN crawl_frontier.watched IS 'true: a list that is fetched again by schedule';
COMMENT ON COLUMN crawl_frontier.lease IS 'id of the lease';
COMMENT ON COLUMN crawl_frontier.lease_pid IS 'database backend that holds the lease';
COMMENT ON COLUMN crawl_frontier.lease_session IS 'start of that backend: tells a reused pid';
COMMENT ON COLUMN crawl_frontier.found_at IS 'time at which the page was discovered';
COMMENT ON COLUMN crawl_frontier.discovered_from IS 'page that linked to it first';
COMMENT ON COLUMN crawl_frontier.title IS 'title as written';
COMMENT ON COLUMN crawl_frontier.set_date IS
    'day of the performance, 1950 to two years ahead; the first day where the date is partial; NULL: unknown';
COMMENT ON COLUMN crawl_frontier.listed_identified IS 'identified tracks according to lists';
COMMENT ON COLUMN crawl_frontier.listed_total IS 'tracks according to lists';
COMMENT ON COLUMN crawl_frontier.listed_revision IS 'revision according to lists';
COMMENT ON COLUMN crawl_frontier.fetched_at IS 'time of the last answer, including not modified';
COMMENT ON COLUMN crawl_frontier.etag IS 'ETag of the last body';
COMMENT ON COLUMN crawl_frontier.last_modified IS 'Last-Modified of the last body';
COMMENT ON COLUMN crawl_frontier.sha256 IS 'SHA-256 of the body, hexadecimal';
COMMENT ON COLUMN crawl_frontier.content_hash IS
    'SHA-256 of what was read, without counters: equal content emits nothing';
COMMENT ON COLUMN crawl_frontier.revision IS 'revision number of the page at the source';
COMMENT ON COLUMN crawl_frontier.unidentified IS 'rows without an identified track';
COMMENT ON COLUMN crawl_frontier.unchanged IS 'answers in a row without new content';

COMMENT ON TABLE crawls IS
    'Bookkeeping of the crawler: searches and lists that are followed.';
COMMENT ON COLUMN crawls.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN crawls.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN crawls.question IS 'search or list that the crawl follows, as given';
COMMENT ON COLUMN crawls.since IS 'sets before this day are not fetched';
COMMENT ON COLUMN crawls.page_limit IS 'largest number of pages to fetch; NULL: no limit';
COMMENT ON COLUMN crawls.taken IS 'pages fetched so far';
COMMENT ON COLUMN crawls.started_at IS 'start of the crawl';
COMMENT ON COLUMN crawls.finished_at IS 'end of the crawl; NULL: unfinished';

COMMENT ON TABLE dead_letter_actions IS
    'Bookkeeping: actions of operators on dead letters. Append-only.';
COMMENT ON COLUMN dead_letter_actions.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN dead_letter_actions.topic IS 'name of the dead-letter topic on the broker';
COMMENT ON COLUMN dead_letter_actions.topic_id IS
    'id of the topic at the broker: a topic that was deleted and created again has another';
COMMENT ON COLUMN dead_letter_actions.part IS 'partition';
COMMENT ON COLUMN dead_letter_actions.letter_offset IS 'offset of the dead letter';
COMMENT ON COLUMN dead_letter_actions.action IS 'reinserted, dropped or reparsed';
COMMENT ON COLUMN dead_letter_actions.at IS 'time of the action';
COMMENT ON COLUMN dead_letter_actions.who IS 'who acted';
COMMENT ON COLUMN dead_letter_actions.note IS 'reason or remark';

COMMENT ON TABLE drift_alarms IS
    'Alarms about sources whose pages changed.';
COMMENT ON COLUMN drift_alarms.id IS 'source:kind:vVERSION:measure:NUMBER';
COMMENT ON COLUMN drift_alarms.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN drift_alarms.kind IS
    'kind of page at the source: tracklist, mix, cloudcast, event, listing, artist, search, ...';
COMMENT ON COLUMN drift_alarms.parser_version IS
    'version of the parser that read the page; raised whenever a reading changes';
COMMENT ON COLUMN drift_alarms.measure IS 'measure that changed';
COMMENT ON COLUMN drift_alarms.since IS 'seq of the oldest page of the window that raised the alarm';
COMMENT ON COLUMN drift_alarms.holds IS 'true: pages of this kind are held';
COMMENT ON COLUMN drift_alarms.evidence IS 'figures before and after';
COMMENT ON COLUMN drift_alarms.raised_at IS 'time of the alarm';
COMMENT ON COLUMN drift_alarms.announced_at IS 'time at which bronze.decisions acknowledged it';
COMMENT ON COLUMN drift_alarms.released_at IS 'time of the release; NULL: open';
COMMENT ON COLUMN drift_alarms.released_by IS 'who released it';
COMMENT ON COLUMN drift_alarms.release_reason IS 'reason of the release';

COMMENT ON TABLE drift_observations IS
    'Bookkeeping of the drift watch: what the newest pages showed.';
COMMENT ON COLUMN drift_observations.seq IS 'sequence number';
COMMENT ON COLUMN drift_observations.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN drift_observations.kind IS
    'kind of page at the source: tracklist, mix, cloudcast, event, listing, artist, search, ...';
COMMENT ON COLUMN drift_observations.parser_version IS
    'version of the parser that read the page; raised whenever a reading changes';
COMMENT ON COLUMN drift_observations.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN drift_observations.sha256 IS 'SHA-256 of the body, hexadecimal';
COMMENT ON COLUMN drift_observations.failure IS 'reason why the page could not be read; NULL: it was';
COMMENT ON COLUMN drift_observations.kept IS 'contract to whether all records kept it';
COMMENT ON COLUMN drift_observations.fields IS 'field to [filled places, all places]';
COMMENT ON COLUMN drift_observations.structure IS 'form of the row containers';
COMMENT ON COLUMN drift_observations.seen_at IS 'time of the observation';

COMMENT ON TABLE drift_positions IS
    'Bookkeeping of the drift watch: position in bronze.pages.';
COMMENT ON COLUMN drift_positions.topic IS 'name of the topic on the broker';
COMMENT ON COLUMN drift_positions.part IS 'partition';
COMMENT ON COLUMN drift_positions.next_offset IS 'offset of the next record to read';

COMMENT ON TABLE gold_artist_analytics IS
    'Counts of artists, as producer and as DJ, from topic gold.artists; scores and ranks from refresh.';
COMMENT ON COLUMN gold_artist_analytics.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';
COMMENT ON COLUMN gold_artist_analytics.name IS 'name as displayed';
COMMENT ON COLUMN gold_artist_analytics.play_count IS
    'number of distinct appearances (playlist, position) in counted tracklists';
COMMENT ON COLUMN gold_artist_analytics.component_plays IS
    'number of appearances as component of a mashup; not in play_count';
COMMENT ON COLUMN gold_artist_analytics.playlist_appearances IS 'number of distinct counted sets';
COMMENT ON COLUMN gold_artist_analytics.dj_support IS 'number of distinct DJs';
COMMENT ON COLUMN gold_artist_analytics.sets_played IS 'number of counted sets the artist played as DJ';
COMMENT ON COLUMN gold_artist_analytics.first_seen_date IS
    'day of the first set (exact days only), not of scraping';
COMMENT ON COLUMN gold_artist_analytics.last_seen_date IS
    'day of the last set (exact days only), not of scraping';
COMMENT ON COLUMN gold_artist_analytics.first_set_date IS 'day of the first set as DJ';
COMMENT ON COLUMN gold_artist_analytics.last_set_date IS 'day of the last set as DJ';
COMMENT ON COLUMN gold_artist_analytics.support_dates IS
    'days with support, ascending, one entry per day: the evidence of the trending score';
COMMENT ON COLUMN gold_artist_analytics.support_weights IS
    'weight of each day of support_dates; one DJ counts once a week';
COMMENT ON COLUMN gold_artist_analytics.last_observed_at IS
    'fetch time of the newest page that names it, UTC';
COMMENT ON COLUMN gold_artist_analytics.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN gold_artist_analytics.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN gold_artist_analytics.event_id IS
    'UUIDv5 of the record''s content: the same content has the same id, so a record that is produced twice is one record';
COMMENT ON COLUMN gold_artist_analytics.updated_at IS 'time at which the row was last written';
COMMENT ON COLUMN gold_artist_analytics.trending_score IS
    'trending score, 0 to 1, at the day of refresh_state.as_of; owned by refresh';
COMMENT ON COLUMN gold_artist_analytics.popularity_rank IS
    'rank by distinct DJs, then sets, then id, from 1; owned by refresh';
COMMENT ON COLUMN gold_artist_analytics.genre_distribution IS
    'share of the artist''s tracks by genre, 0 to 1 each; owned by refresh';

COMMENT ON TABLE gold_artist_collaboration_network IS
    'Pairs of artists that share tracks, with shared sets and genre overlap. Made by refresh.';
COMMENT ON COLUMN gold_artist_collaboration_network.artist_1 IS 'name of the artist that sorts first';
COMMENT ON COLUMN gold_artist_collaboration_network.artist_2 IS 'name of the artist that sorts second';
COMMENT ON COLUMN gold_artist_collaboration_network.collaboration_count IS
    'number of tracks on which both are credited, remixes included';
COMMENT ON COLUMN gold_artist_collaboration_network.shared_playlists IS
    'number of sets with tracks of both, at most 5 per leading DJ';
COMMENT ON COLUMN gold_artist_collaboration_network.genre_overlap IS
    'weighted Jaccard index of the genres of their tracks, 0 to 1';
COMMENT ON COLUMN gold_artist_collaboration_network.artist_1_id IS 'artist id of artist_1';
COMMENT ON COLUMN gold_artist_collaboration_network.artist_2_id IS 'artist id of artist_2';
COMMENT ON COLUMN gold_artist_collaboration_network.first_date IS 'day of the first shared set';
COMMENT ON COLUMN gold_artist_collaboration_network.last_date IS 'day of the last shared set';

COMMENT ON VIEW gold_harmonic_mixing_recommendations IS
    'All tracks that mix with a track by key and tempo. Query it for one source track.';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.source_track_id IS 'track that is playing';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.recommended_track_id IS 'track to mix into';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.compatibility IS
    'perfect (same key), compatible (one step or relative key) or possible';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.bpm_difference IS
    'absolute tempo difference in BPM after folding half and double tempo, 0 to 6';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.move IS 'name of the harmonic move';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.score IS
    'weight of the move times nearness in tempo times confidence, 0 to 1';

COMMENT ON TABLE gold_playlist_analytics IS
    'Analytics of sets, made by refresh.';
COMMENT ON COLUMN gold_playlist_analytics.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN gold_playlist_analytics.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN gold_playlist_analytics.row_count IS 'number of rows, identified or not';
COMMENT ON COLUMN gold_playlist_analytics.identified_count IS 'number of identified rows';
COMMENT ON COLUMN gold_playlist_analytics.identified_share IS 'share of identified rows, 0 to 1';
COMMENT ON COLUMN gold_playlist_analytics.duration_seconds IS 'duration of the recording in seconds';
COMMENT ON COLUMN gold_playlist_analytics.coverage IS
    'share of the moments of the set with tempo and key, 0 to 1';
COMMENT ON COLUMN gold_playlist_analytics.bpm_min IS 'lowest tempo, beats per minute';
COMMENT ON COLUMN gold_playlist_analytics.bpm_max IS 'highest tempo, beats per minute';
COMMENT ON COLUMN gold_playlist_analytics.bpm_mean IS 'mean tempo, beats per minute';
COMMENT ON COLUMN gold_playlist_analytics.bpm_drift_per_hour IS
    'slope of the tempo over time, beats per minute per hour';
COMMENT ON COLUMN gold_playlist_analytics.key_relations IS
    'number of transitions by class of the harmonic move';
COMMENT ON COLUMN gold_playlist_analytics.harmonic_flow_score IS
    'mean weight of the harmonic moves, 0 to 1';
COMMENT ON COLUMN gold_playlist_analytics.energy_mean IS 'mean energy, 0 to 1';
COMMENT ON COLUMN gold_playlist_analytics.energy_peak IS 'highest energy, 0 to 1';
COMMENT ON COLUMN gold_playlist_analytics.shape IS 'label of the shape of the energy curve';
COMMENT ON COLUMN gold_playlist_analytics.genre_mix IS 'share of the rows by genre, 0 to 1 each';
COMMENT ON COLUMN gold_playlist_analytics.as_of IS 'day at which the values were computed';
COMMENT ON COLUMN gold_playlist_analytics.updated_at IS 'time at which the row was last written';

COMMENT ON VIEW gold_top_tracks_by_genre IS
    'Tracks released in the last two years, ranked within each genre by trending score.';
COMMENT ON COLUMN gold_top_tracks_by_genre.genre IS 'genre';
COMMENT ON COLUMN gold_top_tracks_by_genre.track_name IS
    'base title with the version in brackets, never variant or featured artists';
COMMENT ON COLUMN gold_top_tracks_by_genre.primary_artist IS 'first artist of the credit';
COMMENT ON COLUMN gold_top_tracks_by_genre.play_count IS
    'number of distinct appearances (playlist, position) in counted tracklists';
COMMENT ON COLUMN gold_top_tracks_by_genre.trending_score IS
    'trending score, 0 to 1, at the day of refresh_state.as_of; owned by refresh';
COMMENT ON COLUMN gold_top_tracks_by_genre.rank IS
    'rank within the genre by trending score, play count and id, from 1';
COMMENT ON COLUMN gold_top_tracks_by_genre.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key';

COMMENT ON TABLE gold_track_analytics IS
    'Counts of tracks with their evidence from topic gold.tracks; scores, ranks and matches from refresh.';
COMMENT ON COLUMN gold_track_analytics.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key';
COMMENT ON COLUMN gold_track_analytics.track_name IS
    'base title with the version in brackets, never variant or featured artists';
COMMENT ON COLUMN gold_track_analytics.base_title IS 'title without version, variant and featured artists';
COMMENT ON COLUMN gold_track_analytics.version_family IS
    'remix, dub, vip, mashup, live, ...; NULL: the original';
COMMENT ON COLUMN gold_track_analytics.version_text IS 'version as displayed, without brackets';
COMMENT ON COLUMN gold_track_analytics.version_artists IS 'names of the artists of the version (remixers)';
COMMENT ON COLUMN gold_track_analytics.stem IS 'regular, acapella or instrumental';
COMMENT ON COLUMN gold_track_analytics.primary_artist IS 'first artist of the credit';
COMMENT ON COLUMN gold_track_analytics.all_artists IS
    'names of all artists, then of the version''s artists';
COMMENT ON COLUMN gold_track_analytics.bpm IS 'tempo in beats per minute, above 0';
COMMENT ON COLUMN gold_track_analytics.key IS
    'key as the number 1 to 12 on the Camelot wheel; set with key_mode or not at all';
COMMENT ON COLUMN gold_track_analytics.key_mode IS 'major or minor';
COMMENT ON COLUMN gold_track_analytics.camelot IS
    'key in Camelot notation, 1A to 12B, generated from key and key_mode';
COMMENT ON COLUMN gold_track_analytics.energy IS 'energy, 0 to 1';
COMMENT ON COLUMN gold_track_analytics.genres IS 'genres, the primary one first';
COMMENT ON COLUMN gold_track_analytics.release_year IS 'year of release_date';
COMMENT ON COLUMN gold_track_analytics.play_count IS
    'number of distinct appearances (playlist, position) in counted tracklists';
COMMENT ON COLUMN gold_track_analytics.component_plays IS
    'number of appearances as component of a mashup; not in play_count';
COMMENT ON COLUMN gold_track_analytics.self_plays IS
    'number of appearances in sets of the track''s own artists';
COMMENT ON COLUMN gold_track_analytics.playlist_appearances IS 'number of distinct counted sets';
COMMENT ON COLUMN gold_track_analytics.dj_support IS 'number of distinct DJs';
COMMENT ON COLUMN gold_track_analytics.first_seen_date IS
    'day of the first set (exact days only), not of scraping';
COMMENT ON COLUMN gold_track_analytics.last_seen_date IS
    'day of the last set (exact days only), not of scraping';
COMMENT ON COLUMN gold_track_analytics.support_dates IS
    'days with support, ascending, one entry per day: the evidence of the trending score';
COMMENT ON COLUMN gold_track_analytics.support_weights IS
    'weight of each day of support_dates; one DJ counts once a week';
COMMENT ON COLUMN gold_track_analytics.compatible_keys IS
    'Camelot keys that mix: the same, one step down and up the wheel, the relative key';
COMMENT ON COLUMN gold_track_analytics.data_completeness IS
    'share of the fields named in the configuration that are filled, 0 to 1';
COMMENT ON COLUMN gold_track_analytics.confidence_score IS
    'mean confidence of the filled enriched fields, 0 to 1; 0 where there are none';
COMMENT ON COLUMN gold_track_analytics.validation_score IS
    'weighted share of the graded checks passed, 0 to 1';
COMMENT ON COLUMN gold_track_analytics.last_enriched IS
    'time of the newest provider answer used, UTC; NULL: none';
COMMENT ON COLUMN gold_track_analytics.last_observed_at IS
    'fetch time of the newest page that names it, UTC';
COMMENT ON COLUMN gold_track_analytics.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN gold_track_analytics.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN gold_track_analytics.event_id IS
    'UUIDv5 of the record''s content: the same content has the same id, so a record that is produced twice is one record';
COMMENT ON COLUMN gold_track_analytics.updated_at IS 'time at which the row was last written';
COMMENT ON COLUMN gold_track_analytics.trending_score IS
    'trending score, 0 to 1, at the day of refresh_state.as_of; owned by refresh';
COMMENT ON COLUMN gold_track_analytics.popularity_rank IS
    'rank by distinct DJs, then sets, then id, from 1; owned by refresh';
COMMENT ON COLUMN gold_track_analytics.genre_rank IS
    'popularity rank within the primary genre, from 1; owned by refresh';
COMMENT ON COLUMN gold_track_analytics.harmonic_matches IS
    'track ids of the best harmonic matches, at most 20, best first; owned by refresh';
COMMENT ON COLUMN gold_track_analytics.harmonic_floor IS
    'score of the last of 20 matches; NULL: fewer than 20; owned by refresh';

COMMENT ON TABLE gone_versions IS
    'Bookkeeping: versions at which rows were retracted.';
COMMENT ON COLUMN gone_versions.relation IS 'name of the table';
COMMENT ON COLUMN gone_versions.id IS 'key of the deleted row';
COMMENT ON COLUMN gone_versions.version IS
    'version at which the row was retracted; older records cannot bring it back';
COMMENT ON COLUMN gone_versions.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN gone_versions.gone_at IS 'time of the deletion';
COMMENT ON COLUMN gone_versions.created_at IS 'created_at of the deleted row, for when it comes back';

COMMENT ON TABLE harmonic_moves IS
    'Harmonic mixing moves between Camelot keys. Constant.';
COMMENT ON COLUMN harmonic_moves.camelot IS 'Camelot key that is playing';
COMMENT ON COLUMN harmonic_moves.other IS 'Camelot key to mix into';
COMMENT ON COLUMN harmonic_moves.move IS 'name of the harmonic move';
COMMENT ON COLUMN harmonic_moves.compatibility IS 'perfect, compatible or possible';
COMMENT ON COLUMN harmonic_moves.weight IS 'weight of the move, 0 to 1';

COMMENT ON TABLE network_artists_due IS
    'Queue of the artist network: artists whose name or genres may have changed.';
COMMENT ON COLUMN network_artists_due.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';

COMMENT ON TABLE network_credits IS
    'State of the artist network: credits of each counted set.';
COMMENT ON COLUMN network_credits.playlist_id IS 'counted set';
COMMENT ON COLUMN network_credits.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';
COMMENT ON COLUMN network_credits.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key';

COMMENT ON TABLE network_genres IS
    'State of the artist network: genres of each artist''s tracks.';
COMMENT ON COLUMN network_genres.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';
COMMENT ON COLUMN network_genres.genre IS 'genre';
COMMENT ON COLUMN network_genres.tracks IS 'number of tracks of the artist in the genre';

COMMENT ON TABLE network_pairs_due IS
    'Queue of the artist network: pairs to compute again.';
COMMENT ON COLUMN network_pairs_due.a IS 'artist id that sorts first';
COMMENT ON COLUMN network_pairs_due.b IS 'artist id that sorts second';
COMMENT ON COLUMN network_pairs_due.sets IS 'true: tracks and sets too; false: names and genres only';

COMMENT ON TABLE network_sets IS
    'State of the artist network: artists of each set.';
COMMENT ON COLUMN network_sets.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';
COMMENT ON COLUMN network_sets.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN network_sets.lead_dj IS 'artist id of the leading DJ; -: none';
COMMENT ON COLUMN network_sets.set_date IS 'day of the set';

COMMENT ON TABLE network_sets_due IS
    'Queue of the artist network: sets to take in.';
COMMENT ON COLUMN network_sets_due.playlist_id IS 'id of a tracklist, source:native-id';

COMMENT ON TABLE network_track_artists IS
    'State of the artist network: artists of each track over all sets.';
COMMENT ON COLUMN network_track_artists.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key';
COMMENT ON COLUMN network_track_artists.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';
COMMENT ON COLUMN network_track_artists.sets IS 'number of sets in which the track has the artist';

COMMENT ON TABLE producer_pages IS
    'Bookkeeping: fetches that Kafka acknowledged, so that the same files publish nothing again.';
COMMENT ON COLUMN producer_pages.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN producer_pages.sha256 IS 'SHA-256 of the body, hexadecimal';
COMMENT ON COLUMN producer_pages.fetched_at IS 'time at which the response was received, UTC';
COMMENT ON COLUMN producer_pages.published_at IS 'time at which Kafka acknowledged the page';

COMMENT ON TABLE record_attempts IS
    'Bookkeeping: last attempt per partition, to find the record that ends a process.';
COMMENT ON COLUMN record_attempts.process IS 'process: sink TOPIC, resolver';
COMMENT ON COLUMN record_attempts.topic IS 'name of the topic on the broker';
COMMENT ON COLUMN record_attempts.part IS 'partition';
COMMENT ON COLUMN record_attempts.record_offset IS 'offset of the record, or of the first one of the batch';
COMMENT ON COLUMN record_attempts.single IS 'true: the record was handled alone';
COMMENT ON COLUMN record_attempts.attempts IS 'attempts in a row';
COMMENT ON COLUMN record_attempts.error IS 'error of the last attempt; NULL: the process ended without one';
COMMENT ON COLUMN record_attempts.attempted_at IS 'time of the attempt';

COMMENT ON TABLE refresh_queue IS
    'Bookkeeping: entities whose refresh-owned columns may be out of date.';
COMMENT ON COLUMN refresh_queue.seq IS 'sequence number';
COMMENT ON COLUMN refresh_queue.kind IS 'track, artist or playlist';
COMMENT ON COLUMN refresh_queue.id IS 'id of the entity to refresh';

COMMENT ON TABLE refresh_state IS
    'Bookkeeping: day that scores are computed for.';
COMMENT ON COLUMN refresh_state.singleton IS 'always true: the table has one row';
COMMENT ON COLUMN refresh_state.as_of IS 'day at which the values were computed';
COMMENT ON COLUMN refresh_state.pinned IS
    'true: as_of was set by an operator and does not move at midnight';
COMMENT ON COLUMN refresh_state.whole_at IS 'time of the last complete refresh';
COMMENT ON COLUMN refresh_state.whole_seconds IS 'duration of the last complete refresh in seconds';

COMMENT ON TABLE refresh_steps IS
    'Bookkeeping of refresh: last success, backlog and error of each step.';
COMMENT ON COLUMN refresh_steps.step IS 'name of the step';
COMMENT ON COLUMN refresh_steps.succeeded_at IS 'time of the last success; NULL: never';
COMMENT ON COLUMN refresh_steps.seconds IS 'duration of the last success in seconds';
COMMENT ON COLUMN refresh_steps.began_at IS 'start of the running pass; NULL: not running';
COMMENT ON COLUMN refresh_steps.done IS 'entries handled by the running or last pass';
COMMENT ON COLUMN refresh_steps.waiting IS 'entries left';
COMMENT ON COLUMN refresh_steps.failures IS 'failures since the last success';
COMMENT ON COLUMN refresh_steps.error IS 'error of the last failure; NULL after a success';
COMMENT ON COLUMN refresh_steps.failed_at IS 'time of the last failure';

COMMENT ON TABLE replays IS
    'Bookkeeping: every replay, with its reason and counts before and after.';
COMMENT ON COLUMN replays.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN replays.process IS 'stage or sink that was rewound';
COMMENT ON COLUMN replays.starting_at IS 'requested start: earliest, an offset or a time';
COMMENT ON COLUMN replays.plan IS 'per topic and partition: from, to';
COMMENT ON COLUMN replays.reason IS 'reason, as the operator or rule gave it';
COMMENT ON COLUMN replays.operator IS 'who requested it';
COMMENT ON COLUMN replays.counts_before IS 'row counts before';
COMMENT ON COLUMN replays.counts_after IS 'row counts after';
COMMENT ON COLUMN replays.requested_at IS 'time of the request';
COMMENT ON COLUMN replays.finished_at IS 'time at which the backlog was read; NULL: running';

COMMENT ON TABLE resolver_claims IS
    'State of the resolver: claims in normal form.';
COMMENT ON COLUMN resolver_claims.claim_id IS
    'the row''s own track id, before merges; equal to track_id unless tracks were merged';
COMMENT ON COLUMN resolver_claims.artists IS 'artist names, normalised';
COMMENT ON COLUMN resolver_claims.title IS 'title, normalised';
COMMENT ON COLUMN resolver_claims.version_artists IS 'names of the artists of the version (remixers)';
COMMENT ON COLUMN resolver_claims.stem IS 'regular, acapella or instrumental';
COMMENT ON COLUMN resolver_claims.text IS 'artists, title and version as displayed';

COMMENT ON TABLE resolver_decisions IS
    'State of the resolver: decisions in force.';
COMMENT ON COLUMN resolver_decisions.decision_id IS
    'id of the decision; a later record with the same id replaces it';
COMMENT ON COLUMN resolver_decisions.rank IS 'time and content: of two decisions the greater is in force';
COMMENT ON COLUMN resolver_decisions.kind IS 'link (merge), split or override';
COMMENT ON COLUMN resolver_decisions.claim_a IS 'first claim, or the overridden track';
COMMENT ON COLUMN resolver_decisions.claim_b IS 'second claim; NULL for an override';
COMMENT ON COLUMN resolver_decisions.forced IS 'true: made without a check of the ids';
COMMENT ON COLUMN resolver_decisions.withdrawn IS 'true: the decision is withdrawn';
COMMENT ON COLUMN resolver_decisions.reason IS 'reason, as the operator or rule gave it';
COMMENT ON COLUMN resolver_decisions.author IS 'who decided';
COMMENT ON COLUMN resolver_decisions.decided_at IS 'time of the decision, UTC';

COMMENT ON TABLE resolver_events IS
    'State of the resolver: events.';
COMMENT ON COLUMN resolver_events.ra_event_id IS
    'id of the event, source:native-id; NULL: no event is known';
COMMENT ON COLUMN resolver_events.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN resolver_events.event_day IS 'day of the event';
COMMENT ON COLUMN resolver_events.acts IS 'names of the acts, normalised';
COMMENT ON COLUMN resolver_events.title IS 'title as written';
COMMENT ON COLUMN resolver_events.venue IS 'name of the venue';
COMMENT ON COLUMN resolver_events.city IS 'city';
COMMENT ON COLUMN resolver_events.country IS 'country, English name';

COMMENT ON TABLE resolver_marks IS
    'State of the resolver: what has to be resolved again.';
COMMENT ON COLUMN resolver_marks.kind IS 'claim, id or playlist';
COMMENT ON COLUMN resolver_marks.name IS 'what has to be resolved again';

COMMENT ON TABLE resolver_offsets IS
    'Bookkeeping of the resolver: position in its topics.';
COMMENT ON COLUMN resolver_offsets.topic IS 'name of the topic on the broker';
COMMENT ON COLUMN resolver_offsets.part IS 'partition';
COMMENT ON COLUMN resolver_offsets.next_offset IS 'offset of the next record to read';
COMMENT ON COLUMN resolver_offsets.topic_id IS
    'id of the topic at the broker: a topic that was deleted and created again has another';

COMMENT ON TABLE resolver_playlists IS
    'State of the resolver: tracklists.';
COMMENT ON COLUMN resolver_playlists.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN resolver_playlists.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN resolver_playlists.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN resolver_playlists.set_day IS 'day of the set, exact days only';
COMMENT ON COLUMN resolver_playlists.dj_key IS 'DJ names split and normalised; NULL: none';
COMMENT ON COLUMN resolver_playlists.djs IS 'whole DJ names, normalised';
COMMENT ON COLUMN resolver_playlists.title IS 'title as written';
COMMENT ON COLUMN resolver_playlists.event_name IS 'name of the event or show';
COMMENT ON COLUMN resolver_playlists.venue IS 'name of the venue';
COMMENT ON COLUMN resolver_playlists.city IS 'city';
COMMENT ON COLUMN resolver_playlists.country IS 'country, English name';
COMMENT ON COLUMN resolver_playlists.claims IS 'claim ids of the identified rows, in order';
COMMENT ON COLUMN resolver_playlists.row_count IS 'number of rows, identified or not';
COMMENT ON COLUMN resolver_playlists.observed_at IS
    'time, UTC, at which the source showed this content: the fetch time of the newest page behind the record, never the time of processing';
COMMENT ON COLUMN resolver_playlists.shown IS 'resolution that the record was made under';
COMMENT ON COLUMN resolver_playlists.asked IS 'resolution sent since; NULL: none';

COMMENT ON TABLE resolver_sightings IS
    'State of the resolver: ids and durations that rows give for claims.';
COMMENT ON COLUMN resolver_sightings.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN resolver_sightings.claim_id IS
    'the row''s own track id, before merges; equal to track_id unless tracks were merged';
COMMENT ON COLUMN resolver_sightings.ids IS 'ids at shops and services as name=value';
COMMENT ON COLUMN resolver_sightings.duration_ms IS 'duration in milliseconds';

COMMENT ON TABLE set_aside IS
    'Records and entities that failed and were passed over so that the rest could go on.';
COMMENT ON COLUMN set_aside.process IS 'process that passed it over';
COMMENT ON COLUMN set_aside.kind IS 'record, or the kind of entity: track, artist, playlist';
COMMENT ON COLUMN set_aside.id IS 'id of the entity, or TOPIC[PARTITION]@OFFSET';
COMMENT ON COLUMN set_aside.attempts IS 'failures in a row';
COMMENT ON COLUMN set_aside.is_set_aside IS 'false: it is tried again';
COMMENT ON COLUMN set_aside.error IS 'error of the last failure';
COMMENT ON COLUMN set_aside.first_at IS 'time of the first failure';
COMMENT ON COLUMN set_aside.last_at IS 'time of the last failure';

COMMENT ON VIEW set_events IS
    'Sets whose event is known.';
COMMENT ON COLUMN set_events.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN set_events.set_id IS
    'id of the performance: one for all tracklists of the same set, on one site or several';
COMMENT ON COLUMN set_events.counted IS 'true for the one tracklist of its set whose rows enter the counts';
COMMENT ON COLUMN set_events.set_date IS
    'day of the performance, 1950 to two years ahead; the first day where the date is partial; NULL: unknown';
COMMENT ON COLUMN set_events.dj_names IS 'names of the DJs, in page order';
COMMENT ON COLUMN set_events.ra_event_id IS 'id of the event, source:native-id; NULL: no event is known';
COMMENT ON COLUMN set_events.event_title IS 'title of the event';
COMMENT ON COLUMN set_events.event_date IS
    'day of the event; a night that starts before midnight keeps its first day';
COMMENT ON COLUMN set_events.venue IS 'name of the venue';
COMMENT ON COLUMN set_events.city IS 'city';
COMMENT ON COLUMN set_events.country IS 'country, English name';
COMMENT ON COLUMN set_events.promoters IS 'names of the promoters';
COMMENT ON COLUMN set_events.line_up IS 'names of the acts of the event, in order';

COMMENT ON TABLE set_links IS
    'Pairs of tracklists that are one set, with the evidence.';
COMMENT ON COLUMN set_links.playlist_a IS 'first tracklist, in order of ids';
COMMENT ON COLUMN set_links.playlist_b IS 'second tracklist';
COMMENT ON COLUMN set_links.share IS 'share of rows in common order, 0 to 1; NULL: too few are identified';
COMMENT ON COLUMN set_links.same_occasion IS 'true: titles or events agree';

COMMENT ON VIEW set_tracklists IS
    'Sets that have several tracklists, with the one that is counted.';
COMMENT ON COLUMN set_tracklists.set_id IS
    'id of the performance: one for all tracklists of the same set, on one site or several';
COMMENT ON COLUMN set_tracklists.counted_playlist_id IS 'the tracklist of the set that is counted';
COMMENT ON COLUMN set_tracklists.playlist_ids IS 'all tracklists of the set, sorted by id';
COMMENT ON COLUMN set_tracklists.sources IS 'source of each of playlist_ids';
COMMENT ON COLUMN set_tracklists.source_urls IS 'address of each of playlist_ids';
COMMENT ON COLUMN set_tracklists.identified_rows IS 'identified rows of each of playlist_ids';

COMMENT ON TABLE silver_enriched_artists IS
    'Artists, one row each. From topic silver.artists.';
COMMENT ON COLUMN silver_enriched_artists.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN silver_enriched_artists.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';
COMMENT ON COLUMN silver_enriched_artists.name IS 'name as displayed';
COMMENT ON COLUMN silver_enriched_artists.aliases IS 'other spellings and the number of sets that use each';
COMMENT ON COLUMN silver_enriched_artists.native_ids IS
    'ids of the artist at sources, as source:native-id, sorted';
COMMENT ON COLUMN silver_enriched_artists.links IS 'addresses of the artist, by service';
COMMENT ON COLUMN silver_enriched_artists.country IS 'country, English name';
COMMENT ON COLUMN silver_enriched_artists.biography IS 'biography as the source shows it';
COMMENT ON COLUMN silver_enriched_artists.is_dj IS 'true: played a set that is in silver';
COMMENT ON COLUMN silver_enriched_artists.is_producer IS 'true: credited on a track that is in silver';
COMMENT ON COLUMN silver_enriched_artists.data_completeness IS
    'share of the fields named in the configuration that are filled, 0 to 1';
COMMENT ON COLUMN silver_enriched_artists.confidence_score IS
    'mean confidence of the filled enriched fields, 0 to 1; 0 where there are none';
COMMENT ON COLUMN silver_enriched_artists.validation_score IS
    'weighted share of the graded checks passed, 0 to 1';
COMMENT ON COLUMN silver_enriched_artists.data_quality_score IS
    '0.4 completeness + 0.4 confidence + 0.2 validation, 0 to 1, stored to 3 decimals';
COMMENT ON COLUMN silver_enriched_artists.validation_status IS
    'validated, warning, needs_review or rejected';
COMMENT ON COLUMN silver_enriched_artists.checks IS
    'graded checks; rows, tracks and artists list only those that failed';
COMMENT ON COLUMN silver_enriched_artists.last_observed_at IS
    'fetch time of the newest page that names it, UTC';
COMMENT ON COLUMN silver_enriched_artists.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN silver_enriched_artists.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN silver_enriched_artists.event_id IS
    'UUIDv5 of the record''s content: the same content has the same id, so a record that is produced twice is one record';
COMMENT ON COLUMN silver_enriched_artists.created_at IS
    'time at which the row was first written; kept by later versions, merges and splits';
COMMENT ON COLUMN silver_enriched_artists.updated_at IS 'time at which the row was last written';

COMMENT ON TABLE silver_enriched_playlists IS
    'Tracklists, one row each, newest version. From topic silver.playlists.';
COMMENT ON COLUMN silver_enriched_playlists.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN silver_enriched_playlists.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN silver_enriched_playlists.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN silver_enriched_playlists.source_url IS 'address of the page at the source';
COMMENT ON COLUMN silver_enriched_playlists.title IS 'title as written';
COMMENT ON COLUMN silver_enriched_playlists.mix_name IS 'name of the set without DJs, venue and date';
COMMENT ON COLUMN silver_enriched_playlists.set_date IS
    'day of the performance, 1950 to two years ahead; the first day where the date is partial; NULL: unknown';
COMMENT ON COLUMN silver_enriched_playlists.set_date_precision IS
    'precision of set_date: day, month or year';
COMMENT ON COLUMN silver_enriched_playlists.set_id IS
    'id of the performance: one for all tracklists of the same set, on one site or several';
COMMENT ON COLUMN silver_enriched_playlists.counted IS
    'true for the one tracklist of its set whose rows enter the counts';
COMMENT ON COLUMN silver_enriched_playlists.ra_event_id IS
    'id of the event, source:native-id; NULL: no event is known';
COMMENT ON COLUMN silver_enriched_playlists.dj_ids IS 'artist ids of the DJs, in page order';
COMMENT ON COLUMN silver_enriched_playlists.dj_names IS 'names of the DJs, in page order';
COMMENT ON COLUMN silver_enriched_playlists.event_name IS 'name of the event or show';
COMMENT ON COLUMN silver_enriched_playlists.venue IS 'name of the venue';
COMMENT ON COLUMN silver_enriched_playlists.city IS 'city';
COMMENT ON COLUMN silver_enriched_playlists.country IS 'country, English name';
COMMENT ON COLUMN silver_enriched_playlists.set_type IS
    'club, festival, radio, podcast or b2b; NULL: unknown';
COMMENT ON COLUMN silver_enriched_playlists.styles IS
    'styles that the source names for the set, in its order';
COMMENT ON COLUMN silver_enriched_playlists.genres IS 'genres, the primary one first';
COMMENT ON COLUMN silver_enriched_playlists.duration_seconds IS 'duration of the recording in seconds';
COMMENT ON COLUMN silver_enriched_playlists.recordings IS 'audio and video recordings of the set';
COMMENT ON COLUMN silver_enriched_playlists.declared_tracks IS 'number of tracks that the page announces';
COMMENT ON COLUMN silver_enriched_playlists.row_count IS 'number of rows, identified or not';
COMMENT ON COLUMN silver_enriched_playlists.identified_rows IS 'number of rows with an identified track';
COMMENT ON COLUMN silver_enriched_playlists.data_completeness IS
    'share of the fields named in the configuration that are filled, 0 to 1';
COMMENT ON COLUMN silver_enriched_playlists.confidence_score IS
    'mean confidence of the filled enriched fields, 0 to 1; 0 where there are none';
COMMENT ON COLUMN silver_enriched_playlists.validation_score IS
    'weighted share of the graded checks passed, 0 to 1';
COMMENT ON COLUMN silver_enriched_playlists.data_quality_score IS
    '0.4 completeness + 0.4 confidence + 0.2 validation, 0 to 1, stored to 3 decimals';
COMMENT ON COLUMN silver_enriched_playlists.validation_status IS
    'validated, warning, needs_review or rejected';
COMMENT ON COLUMN silver_enriched_playlists.checks IS
    'graded checks; rows, tracks and artists list only those that failed';
COMMENT ON COLUMN silver_enriched_playlists.page_ids IS 'pages behind this version of the tracklist';
COMMENT ON COLUMN silver_enriched_playlists.content_hash IS
    'SHA-256 of what was read, without counters: equal content emits nothing';
COMMENT ON COLUMN silver_enriched_playlists.parser_version IS
    'version of the parser that read the page; raised whenever a reading changes';
COMMENT ON COLUMN silver_enriched_playlists.last_observed_at IS
    'fetch time of the newest page that names it, UTC';
COMMENT ON COLUMN silver_enriched_playlists.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN silver_enriched_playlists.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN silver_enriched_playlists.event_id IS
    'UUIDv5 of the record''s content: the same content has the same id, so a record that is produced twice is one record';
COMMENT ON COLUMN silver_enriched_playlists.created_at IS
    'time at which the row was first written; kept by later versions, merges and splits';
COMMENT ON COLUMN silver_enriched_playlists.updated_at IS 'time at which the row was last written';

COMMENT ON TABLE silver_enriched_tracks IS
    'Tracks: names, ids, chosen values and quality, one row per canonical track. From topic silver.tracks.';
COMMENT ON COLUMN silver_enriched_tracks.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN silver_enriched_tracks.bronze_id IS
    'id of the row in bronze_scraped_tracks: leads to the raw line and the page';
COMMENT ON COLUMN silver_enriched_tracks.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key';
COMMENT ON COLUMN silver_enriched_tracks.track_name IS
    'base title with the version in brackets, never variant or featured artists';
COMMENT ON COLUMN silver_enriched_tracks.base_title IS
    'title without version, variant and featured artists';
COMMENT ON COLUMN silver_enriched_tracks.version_family IS
    'remix, dub, vip, mashup, live, ...; NULL: the original';
COMMENT ON COLUMN silver_enriched_tracks.version_text IS 'version as displayed, without brackets';
COMMENT ON COLUMN silver_enriched_tracks.version_artists IS
    'names of the artists of the version (remixers)';
COMMENT ON COLUMN silver_enriched_tracks.stem IS 'regular, acapella or instrumental';
COMMENT ON COLUMN silver_enriched_tracks.primary_artist IS 'first artist of the credit';
COMMENT ON COLUMN silver_enriched_tracks.artist_names IS 'names of the artists, in credit order';
COMMENT ON COLUMN silver_enriched_tracks.artist_ids IS 'ids of the artists, in credit order';
COMMENT ON COLUMN silver_enriched_tracks.featured IS 'names of featured artists';
COMMENT ON COLUMN silver_enriched_tracks.mix_name IS 'name of the set without DJs, venue and date';
COMMENT ON COLUMN silver_enriched_tracks.position_in_mix IS
    'position of the first appearance: the lowest (set date, playlist, position)';
COMMENT ON COLUMN silver_enriched_tracks.timestamp_in_mix IS 'cue of the first appearance, as written';
COMMENT ON COLUMN silver_enriched_tracks.first_playlist_id IS 'playlist of the first appearance';
COMMENT ON COLUMN silver_enriched_tracks.first_set_date IS 'set date of the first appearance';
COMMENT ON COLUMN silver_enriched_tracks.spotify_id IS 'Spotify track id, 22 base-62 characters';
COMMENT ON COLUMN silver_enriched_tracks.isrc IS
    'International Standard Recording Code, 12 characters without hyphens';
COMMENT ON COLUMN silver_enriched_tracks.musicbrainz_id IS 'MusicBrainz recording id, a UUID';
COMMENT ON COLUMN silver_enriched_tracks.beatport_id IS 'Beatport track id';
COMMENT ON COLUMN silver_enriched_tracks.bpm IS 'tempo in beats per minute, above 0';
COMMENT ON COLUMN silver_enriched_tracks.bpm_ambiguous IS
    'true: sources agree on the tempo only after halving or doubling';
COMMENT ON COLUMN silver_enriched_tracks.key IS
    'key as the number 1 to 12 on the Camelot wheel; set with key_mode or not at all';
COMMENT ON COLUMN silver_enriched_tracks.key_mode IS 'major or minor';
COMMENT ON COLUMN silver_enriched_tracks.camelot IS
    'key in Camelot notation, 1A to 12B, generated from key and key_mode';
COMMENT ON COLUMN silver_enriched_tracks.energy IS 'energy, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.danceability IS 'danceability, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.valence IS 'musical positiveness, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.acousticness IS 'acousticness, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.instrumentalness IS 'probability of no vocals, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.liveness IS 'probability of a live recording, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.speechiness IS 'share of spoken words, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.loudness IS 'integrated loudness in dB, usually -60 to 0';
COMMENT ON COLUMN silver_enriched_tracks.genres IS 'genres, the primary one first';
COMMENT ON COLUMN silver_enriched_tracks.release_date IS 'release date; the first day where it is partial';
COMMENT ON COLUMN silver_enriched_tracks.release_date_precision IS
    'precision of release_date: day, month or year';
COMMENT ON COLUMN silver_enriched_tracks.release_name IS 'title of the release';
COMMENT ON COLUMN silver_enriched_tracks.label IS
    'record label; placeholder labels (Not On Label, White, CDR, ...) are NULL';
COMMENT ON COLUMN silver_enriched_tracks.duration_ms IS 'duration in milliseconds';
COMMENT ON COLUMN silver_enriched_tracks.spellings IS 'spellings seen and the number of sets that use each';
COMMENT ON COLUMN silver_enriched_tracks.data_completeness IS
    'share of the fields named in the configuration that are filled, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.completeness_ceiling IS
    'data_completeness that the configured providers could reach at most, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.confidence_score IS
    'mean confidence of the filled enriched fields, 0 to 1; 0 where there are none';
COMMENT ON COLUMN silver_enriched_tracks.validation_score IS
    'weighted share of the graded checks passed, 0 to 1';
COMMENT ON COLUMN silver_enriched_tracks.data_quality_score IS
    '0.4 completeness + 0.4 confidence + 0.2 validation, 0 to 1, stored to 3 decimals';
COMMENT ON COLUMN silver_enriched_tracks.validation_status IS
    'validated, warning, needs_review or rejected';
COMMENT ON COLUMN silver_enriched_tracks.checks IS
    'graded checks; rows, tracks and artists list only those that failed';
COMMENT ON COLUMN silver_enriched_tracks.enrichment_metadata IS
    'JSON: providers used, every attempt of the waterfall and where each value comes from';
COMMENT ON COLUMN silver_enriched_tracks.config_version IS
    'version of waterfall.yaml that chose the values';
COMMENT ON COLUMN silver_enriched_tracks.last_enriched IS
    'time of the newest provider answer used, UTC; NULL: none';
COMMENT ON COLUMN silver_enriched_tracks.last_observed_at IS
    'fetch time of the newest page that names it, UTC';
COMMENT ON COLUMN silver_enriched_tracks.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN silver_enriched_tracks.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN silver_enriched_tracks.event_id IS
    'UUIDv5 of the record''s content: the same content has the same id, so a record that is produced twice is one record';
COMMENT ON COLUMN silver_enriched_tracks.created_at IS
    'time at which the row was first written; kept by later versions, merges and splits';
COMMENT ON COLUMN silver_enriched_tracks.updated_at IS 'time at which the row was last written';

COMMENT ON TABLE silver_event_lineups IS
    'Acts of events. From topic silver.events.';
COMMENT ON COLUMN silver_event_lineups.ra_event_id IS
    'id of the event, source:native-id; NULL: no event is known';
COMMENT ON COLUMN silver_event_lineups.ordinal IS 'place on the page or in the list, from 0';
COMMENT ON COLUMN silver_event_lineups.name IS 'name of the act';
COMMENT ON COLUMN silver_event_lineups.native_id IS 'the source''s own id of the act';
COMMENT ON COLUMN silver_event_lineups.artist_id IS
    'id of an artist: slug of the name and 8 hexadecimal digits of its identity key, or source:native-id where the page links the artist';

COMMENT ON TABLE silver_events IS
    'Events, one row each. From topic silver.events.';
COMMENT ON COLUMN silver_events.id IS
    'surrogate key, UUIDv5 of the natural key, so it is the same in every database';
COMMENT ON COLUMN silver_events.ra_event_id IS 'id of the event, source:native-id; NULL: no event is known';
COMMENT ON COLUMN silver_events.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN silver_events.source_url IS 'address of the page at the source';
COMMENT ON COLUMN silver_events.title IS 'title as written';
COMMENT ON COLUMN silver_events.event_date IS
    'day of the event; a night that starts before midnight keeps its first day';
COMMENT ON COLUMN silver_events.start_time IS 'start, UTC; NULL where the time zone is unknown';
COMMENT ON COLUMN silver_events.end_time IS 'end, UTC; NULL where the time zone is unknown';
COMMENT ON COLUMN silver_events.timezone IS 'IANA time zone of the venue';
COMMENT ON COLUMN silver_events.venue IS 'name of the venue';
COMMENT ON COLUMN silver_events.venue_native_id IS 'the source''s own id of the venue';
COMMENT ON COLUMN silver_events.address IS 'postal address of the venue, as written';
COMMENT ON COLUMN silver_events.latitude IS 'latitude of the venue in degrees, -90 to 90';
COMMENT ON COLUMN silver_events.longitude IS 'longitude of the venue in degrees, -180 to 180';
COMMENT ON COLUMN silver_events.city IS 'city';
COMMENT ON COLUMN silver_events.country IS 'country, English name';
COMMENT ON COLUMN silver_events.promoters IS 'names of the promoters';
COMMENT ON COLUMN silver_events.genres IS 'genres, the primary one first';
COMMENT ON COLUMN silver_events.attending IS 'number of users who said they attend';
COMMENT ON COLUMN silver_events.cost IS 'price as written';
COMMENT ON COLUMN silver_events.data_completeness IS
    'share of the fields named in the configuration that are filled, 0 to 1';
COMMENT ON COLUMN silver_events.confidence_score IS
    'mean confidence of the filled enriched fields, 0 to 1; 0 where there are none';
COMMENT ON COLUMN silver_events.validation_score IS 'weighted share of the graded checks passed, 0 to 1';
COMMENT ON COLUMN silver_events.data_quality_score IS
    '0.4 completeness + 0.4 confidence + 0.2 validation, 0 to 1, stored to 3 decimals';
COMMENT ON COLUMN silver_events.validation_status IS 'validated, warning, needs_review or rejected';
COMMENT ON COLUMN silver_events.checks IS
    'graded checks; rows, tracks and artists list only those that failed';
COMMENT ON COLUMN silver_events.last_observed_at IS 'fetch time of the newest page that names it, UTC';
COMMENT ON COLUMN silver_events.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN silver_events.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN silver_events.event_id IS
    'UUIDv5 of the record''s content: the same content has the same id, so a record that is produced twice is one record';
COMMENT ON COLUMN silver_events.created_at IS
    'time at which the row was first written; kept by later versions, merges and splits';
COMMENT ON COLUMN silver_events.updated_at IS 'time at which the row was last written';
COMMENT ON COLUMN silver_events.page_kind IS
    'kind of the page the record was read from; the newest of each kind is held per tracklist';
COMMENT ON COLUMN silver_events.area IS 'the source''s own name of the region';
COMMENT ON COLUMN silver_events.start_local IS
    'start by the wall clock of the venue, ISO 8601 without zone';
COMMENT ON COLUMN silver_events.end_local IS 'end by the wall clock of the venue, ISO 8601 without zone';
COMMENT ON COLUMN silver_events.festival IS 'true: the source calls it a festival';
COMMENT ON COLUMN silver_events.interested IS 'number of users who said they are interested';
COMMENT ON COLUMN silver_events.lineup_text IS 'line-up as written, including acts that have no page';
COMMENT ON COLUMN silver_events.warnings IS
    'identifiers of what the parser could not read or doubts, such as date_implausible';

COMMENT ON TABLE silver_playlist_tracks IS
    'Rows of tracklists, with the transition to the next moment; replaced as a whole with their tracklist. From topic silver.playlists.';
COMMENT ON COLUMN silver_playlist_tracks.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN silver_playlist_tracks.row_index IS 'place of the row in its record, from 0';
COMMENT ON COLUMN silver_playlist_tracks.row_key IS
    'id of the row within its tracklist: the source''s own, else its place';
COMMENT ON COLUMN silver_playlist_tracks.bronze_id IS
    'id of the row in bronze_scraped_tracks: leads to the raw line and the page';
COMMENT ON COLUMN silver_playlist_tracks.position IS
    'place in the set from 1; unidentified rows keep theirs';
COMMENT ON COLUMN silver_playlist_tracks.number IS 'number of the row as shown on the page';
COMMENT ON COLUMN silver_playlist_tracks.group_index IS 'rows played together share it, from 1';
COMMENT ON COLUMN silver_playlist_tracks.role IS
    'main, layered (played over the main row), component (of a mashup) or acapella';
COMMENT ON COLUMN silver_playlist_tracks.status IS
    'identified, artist_only, title_only, base_only, unidentified or unparsed';
COMMENT ON COLUMN silver_playlist_tracks.track_id IS
    'canonical track id; NULL unless the row is identified';
COMMENT ON COLUMN silver_playlist_tracks.claim_id IS
    'the row''s own track id, before merges; equal to track_id unless tracks were merged';
COMMENT ON COLUMN silver_playlist_tracks.track_name IS
    'base title with the version in brackets, never variant or featured artists';
COMMENT ON COLUMN silver_playlist_tracks.artist_credit IS 'artists as displayed, without featured ones';
COMMENT ON COLUMN silver_playlist_tracks.artist_names IS 'names of the artists, in credit order';
COMMENT ON COLUMN silver_playlist_tracks.artist_ids IS 'ids of the artists, in credit order';
COMMENT ON COLUMN silver_playlist_tracks.version_artist_ids IS 'ids of the artists of the version';
COMMENT ON COLUMN silver_playlist_tracks.featured_ids IS 'ids of featured artists';
COMMENT ON COLUMN silver_playlist_tracks.variant IS
    'edit of the same recording: regular, extended, radio, short, ...; not part of the identity';
COMMENT ON COLUMN silver_playlist_tracks.genre IS 'genre that the source gives for this track';
COMMENT ON COLUMN silver_playlist_tracks.claim IS
    'what the row states about the track: names, version, label, ids';
COMMENT ON COLUMN silver_playlist_tracks.raw_text IS 'the line as written';
COMMENT ON COLUMN silver_playlist_tracks.cue_text IS 'time of the row as written';
COMMENT ON COLUMN silver_playlist_tracks.cue_seconds IS
    'start of the track in the recording, seconds from 0; NULL: unknown';
COMMENT ON COLUMN silver_playlist_tracks.cue_grain IS 'resolution of the cue: second or minute';
COMMENT ON COLUMN silver_playlist_tracks.part IS 'name of the part, in a set of several parts';
COMMENT ON COLUMN silver_playlist_tracks.validation IS 'weighted share of the graded checks passed, 0 to 1';
COMMENT ON COLUMN silver_playlist_tracks.validation_status IS
    'validated, warning, needs_review or rejected';
COMMENT ON COLUMN silver_playlist_tracks.checks IS
    'graded checks; rows, tracks and artists list only those that failed';
COMMENT ON COLUMN silver_playlist_tracks.native_track_id IS 'the source''s own id of the track of this row';
COMMENT ON COLUMN silver_playlist_tracks.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN silver_playlist_tracks.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN silver_playlist_tracks.next_row_index IS
    'row_index of the main row of the next moment of the same part; NULL at the end';
COMMENT ON COLUMN silver_playlist_tracks.gap_seconds IS
    'seconds to the cue of the next moment; NULL next to an unknown cue';
COMMENT ON COLUMN silver_playlist_tracks.key_relation IS
    'harmonic move to the next moment (see harmonic_moves) or clash; owned by refresh';
COMMENT ON COLUMN silver_playlist_tracks.bpm_change IS
    'tempo of the next moment minus this one, folded to this octave; owned by refresh';

COMMENT ON TABLE sink_offsets IS
    'Bookkeeping: position of each sink, committed with its rows.';
COMMENT ON COLUMN sink_offsets.sink IS 'name of the sink';
COMMENT ON COLUMN sink_offsets.topic IS 'name of the topic on the broker';
COMMENT ON COLUMN sink_offsets.part IS 'partition';
COMMENT ON COLUMN sink_offsets.next_offset IS 'offset of the next record to read';
COMMENT ON COLUMN sink_offsets.topic_id IS
    'id of the topic at the broker: a topic that was deleted and created again has another';
COMMENT ON COLUMN sink_offsets.updated_at IS 'time at which the row was last written';

COMMENT ON TABLE track_canonical IS
    'Claims that belong to another track, and which.';
COMMENT ON COLUMN track_canonical.claim_id IS
    'the row''s own track id, before merges; equal to track_id unless tracks were merged';
COMMENT ON COLUMN track_canonical.canonical_id IS 'track id that the claim belongs to';

COMMENT ON VIEW track_history IS
    'Every sighting of every track with current silver and gold values.';
COMMENT ON COLUMN track_history.bronze_id IS
    'id of the row in bronze_scraped_tracks: leads to the raw line and the page';
COMMENT ON COLUMN track_history.source IS
    'site, provider or process that the record comes from: 1001tracklists, mixesdb, ra, mixcloud, a provider''s name, cli';
COMMENT ON COLUMN track_history.source_url IS 'address of the page at the source';
COMMENT ON COLUMN track_history.original_track_name IS 'title as written on the page';
COMMENT ON COLUMN track_history.original_artist_name IS 'artists as written on the page';
COMMENT ON COLUMN track_history.scraped_at IS 'time at which the page was fetched, UTC';
COMMENT ON COLUMN track_history.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN track_history.row_key IS
    'id of the row within its tracklist: the source''s own, else its place';
COMMENT ON COLUMN track_history.page_id IS
    'id of the archived page, source:kind:native-id; the key of bronze.pages';
COMMENT ON COLUMN track_history.page_sha256 IS 'SHA-256, hexadecimal, of the body of the page';
COMMENT ON COLUMN track_history.superseded IS 'true: a later version of the page replaced this row';
COMMENT ON COLUMN track_history.position IS 'place in the set from 1; unidentified rows keep theirs';
COMMENT ON COLUMN track_history.role IS
    'main, layered (played over the main row), component (of a mashup) or acapella';
COMMENT ON COLUMN track_history.status IS 'status of the row that is current at this place';
COMMENT ON COLUMN track_history.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key';
COMMENT ON COLUMN track_history.validated_track_name IS 'track name in silver';
COMMENT ON COLUMN track_history.bpm IS 'tempo in beats per minute, above 0';
COMMENT ON COLUMN track_history.key IS
    'key as the number 1 to 12 on the Camelot wheel; set with key_mode or not at all';
COMMENT ON COLUMN track_history.key_mode IS 'major or minor';
COMMENT ON COLUMN track_history.energy IS 'energy, 0 to 1';
COMMENT ON COLUMN track_history.data_quality_score IS
    '0.4 completeness + 0.4 confidence + 0.2 validation, 0 to 1, stored to 3 decimals';
COMMENT ON COLUMN track_history.providers IS 'providers used for the track';
COMMENT ON COLUMN track_history.play_count IS
    'number of distinct appearances (playlist, position) in counted tracklists';
COMMENT ON COLUMN track_history.playlist_appearances IS 'number of distinct counted sets';
COMMENT ON COLUMN track_history.trending_score IS
    'trending score, 0 to 1, at the day of refresh_state.as_of; owned by refresh';
COMMENT ON COLUMN track_history.popularity_rank IS
    'rank by distinct DJs, then sets, then id, from 1; owned by refresh';

COMMENT ON TABLE track_links IS
    'Links between claims, followed or for review.';
COMMENT ON COLUMN track_links.claim_a IS 'first claim, in order of ids';
COMMENT ON COLUMN track_links.claim_b IS 'second claim';
COMMENT ON COLUMN track_links.reason IS 'name of the shared id, or person';
COMMENT ON COLUMN track_links.evidence IS 'the shared value, or the decision';
COMMENT ON COLUMN track_links.why IS 'why the link is not followed; NULL: followed';

COMMENT ON TABLE track_redirects IS
    'Track ids that were merged into others. From topic silver.redirects.';
COMMENT ON COLUMN track_redirects.track_id IS 'track id that was merged into another';
COMMENT ON COLUMN track_redirects.canonical_id IS
    'track id that this one was merged into; NULL: it is a track of its own again';
COMMENT ON COLUMN track_redirects.version IS
    'orders the records of one key within one application version: sum of the input offsets taken in; a consumer keeps the highest';
COMMENT ON COLUMN track_redirects.pipeline_version IS 'version of the code that made the record';
COMMENT ON COLUMN track_redirects.updated_at IS 'time at which the row was last written';

COMMENT ON TABLE trending_kappa IS
    'Bookkeeping: half-saturation of the trending level by genre.';
COMMENT ON COLUMN trending_kappa.subject IS 'track or artist';
COMMENT ON COLUMN trending_kappa.genre IS 'primary genre; empty: all';
COMMENT ON COLUMN trending_kappa.kappa IS 'half-saturation of the trending level';
COMMENT ON COLUMN trending_kappa.active IS 'number of active subjects it was computed over';
COMMENT ON COLUMN gold_track_analytics.harmonic_basis IS
    'key, tempo and confidence that harmonic_matches was computed from; owned by refresh';
