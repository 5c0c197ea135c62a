-- name: coverage
SELECT field, provider, tracks, considered, answered, chosen, share, field_share, confidence
FROM field_coverage
ORDER BY field_share DESC NULLS LAST, field, chosen DESC, provider;

-- name: quality
SELECT * FROM source_quality ORDER BY source, parser_version;

-- name: costs
SELECT * FROM provider_costs_since($1) ORDER BY calls DESC, provider, operation;
