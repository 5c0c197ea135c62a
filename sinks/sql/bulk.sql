-- Statements of the writer of a rebuild. Tables are those of the first schema of the search path.

-- name: gone
INSERT INTO gone_versions (relation, id, version, pipeline_version)
SELECT $1, id, version, pipeline_version
FROM unnest($2::text[], $3::bigint[], $4::text[]) AS gone (id, version, pipeline_version);

-- name: is_loaded
SELECT count(*) > 0 FROM sink_offsets WHERE sink = $1 AND topic = $2 AND part = $3;

-- name: loaded
INSERT INTO sink_offsets (sink, topic, part, next_offset, topic_id) VALUES ($1, $2, $3, $4, $5);
