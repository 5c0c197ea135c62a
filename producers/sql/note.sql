-- Fetches that Kafka has acknowledged. Another producer may have noted the same one: that changes nothing.
INSERT INTO producer_pages (page_id, sha256, fetched_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
