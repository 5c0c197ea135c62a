-- The fetches of a page that Kafka has acknowledged.
SELECT sha256, fetched_at FROM producer_pages WHERE page_id = %s
