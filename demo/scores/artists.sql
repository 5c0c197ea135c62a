-- Every artist with the fields that providers give
SELECT artist_id, country, artist_type, life_begin, groups, biography
FROM silver_enriched_artists
