-- name: columns
SELECT attname AS name
FROM pg_attribute
WHERE attrelid = ('pg_temp.' || $1)::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum;
