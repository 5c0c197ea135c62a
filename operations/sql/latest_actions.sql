-- Return the latest action per letter of one topic.
SELECT DISTINCT ON (part, letter_offset) part, letter_offset, action, at, who, note
FROM dead_letter_actions
WHERE topic = %s AND topic_id = %s
ORDER BY part, letter_offset, id DESC
