-- name: append
INSERT INTO refresh_queue (kind, id) SELECT $1, unnest($2::text[]);
