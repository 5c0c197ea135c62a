-- name: known
-- The fetches of a page that Kafka has acknowledged.
SELECT sha256, fetched_at FROM producer_pages WHERE page_id = %(page_id)s

-- name: newest
-- The body of a page that was fetched last, of those that Kafka has.
SELECT sha256 FROM producer_pages WHERE page_id = %(page_id)s ORDER BY fetched_at DESC LIMIT 1

-- name: note
-- Fetches that Kafka has acknowledged. Another producer may have noted the same one: that changes nothing.
INSERT INTO producer_pages (page_id, sha256, fetched_at) VALUES (%(page_id)s, %(sha256)s, %(fetched_at)s)
ON CONFLICT DO NOTHING
