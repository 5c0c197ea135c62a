-- name: coverage
SELECT field, provider, tracks, considered, answered, chosen, share, field_share, confidence
FROM field_coverage
ORDER BY field_share DESC NULLS LAST, field, chosen DESC, provider;

-- name: artist_coverage
-- Artists with a value by field and provider. "page": of a page about the artist, or of a set.
WITH named AS (
    SELECT artist_id, split_part(source.key, '.', 1) AS field, unnest(string_to_array(source.value, ',')) AS provider
    FROM silver_enriched_artists
    CROSS JOIN LATERAL jsonb_each_text(value_sources) AS source
    WHERE source.key NOT LIKE 'aliases.%'
    UNION ALL
    SELECT artist_id, page.field, 'page'
    FROM silver_enriched_artists
    CROSS JOIN LATERAL (VALUES ('country', country), ('biography', biography)) AS page (field, value)
    WHERE page.value IS NOT NULL AND NOT value_sources ? page.field
), counted AS (
    SELECT field, provider, count(DISTINCT artist_id)::integer AS artists FROM named GROUP BY field, provider
), filled AS (
    SELECT field, count(DISTINCT artist_id) AS artists FROM named GROUP BY field
)
SELECT counted.field, counted.provider, counted.artists,
       counted.artists::double precision / total.artists AS share,
       filled.artists::double precision / total.artists AS field_share
FROM counted
JOIN filled USING (field)
CROSS JOIN (SELECT count(*) AS artists FROM silver_enriched_artists) AS total
ORDER BY field_share DESC, counted.field, counted.artists DESC, counted.provider;

-- name: quality
SELECT * FROM source_quality ORDER BY source, parser_version;

-- name: costs
SELECT * FROM provider_costs_since($1) ORDER BY calls DESC, provider, operation;
