-- name: known
SELECT part, next_offset, topic_id FROM sink_offsets WHERE sink = $1 AND topic = $2;

-- name: begin
INSERT INTO sink_offsets (sink, topic, part, next_offset, topic_id)
SELECT $1, $2, part, next_offset, $5
FROM unnest($3::integer[], $4::bigint[]) AS t (part, next_offset)
ON CONFLICT (sink, topic, part) DO NOTHING;

-- name: advance
UPDATE sink_offsets AS held
SET next_offset = taken.next_offset, updated_at = now()
FROM unnest($3::integer[], $4::bigint[], $5::bigint[]) AS taken (part, expected, next_offset)
WHERE held.sink = $1 AND held.topic = $2 AND held.part = taken.part AND held.next_offset = taken.expected
RETURNING held.part;
