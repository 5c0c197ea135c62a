-- Records of refresh that Kafka may not have yet.

-- name: store
INSERT INTO refresh_unsent (topic, key, record)
SELECT $1, key, record FROM unnest($2::text[], $3::bytea[]) AS sent (key, record)
ON CONFLICT (topic, key) DO UPDATE SET record = excluded.record;

-- name: any
SELECT EXISTS (SELECT FROM refresh_unsent);

-- name: some
SELECT topic, key, record FROM refresh_unsent ORDER BY topic, key LIMIT $1;

-- name: delivered
DELETE FROM refresh_unsent USING unnest($1::text[], $2::text[]) AS sent (topic, key)
WHERE refresh_unsent.topic = sent.topic AND refresh_unsent.key = sent.key;
