-- Warnings about written lists, counted per source: shown by `songnodes status`.

CREATE FUNCTION list_warning_codes(warnings text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(DISTINCT split_part(warning, ':', 1)), '{}')
    FROM unnest(warnings) AS listed (warning)
    WHERE split_part(warning, ':', 1) IN (
        'list_unread', 'list_uncertain', 'rows_missing', 'counter_stands_still', 'cues_past_the_end',
        'times_of_day'
    )
);
COMMENT ON FUNCTION list_warning_codes(text[]) IS
'Codes of the warnings of a page that concern its written list';

CREATE INDEX bronze_scraped_playlists_list_warnings ON bronze_scraped_playlists (source)
    WHERE list_warning_codes(warnings) <> '{}';

CREATE VIEW bronze_list_warnings AS
SELECT page.source, code, count(*) AS pages, max(page.scraped_at) AS newest_at
FROM bronze_scraped_playlists AS page
CROSS JOIN LATERAL unnest(list_warning_codes(page.warnings)) AS listed (code)
WHERE list_warning_codes(page.warnings) <> '{}'
    AND NOT EXISTS (
        SELECT FROM bronze_scraped_playlists AS later
        WHERE later.playlist_id = page.playlist_id AND later.page_kind = page.page_kind
            AND (later.scraped_at, later.parser_version, later.id)
                > (page.scraped_at, page.parser_version, page.id)
    )
GROUP BY page.source, code;
COMMENT ON VIEW bronze_list_warnings IS
'Pages whose written list could not be read, or only with doubts, by source and kind of warning';
COMMENT ON COLUMN bronze_list_warnings.source IS 'site: 1001tracklists, mixesdb, mixcloud, ra';
COMMENT ON COLUMN bronze_list_warnings.code IS
'kind of warning: list_unread (announced, not one row read), list_uncertain, rows_missing, counter_stands_still, cues_past_the_end, times_of_day';
COMMENT ON COLUMN bronze_list_warnings.pages IS 'pages with this warning, by the newest content of each';
COMMENT ON COLUMN bronze_list_warnings.newest_at IS 'time at which the newest of these pages was fetched';
