INSERT INTO dead_letter_actions (topic, topic_id, part, letter_offset, action, who, note)
VALUES (%s, %s, %s, %s, %s, %s, %s)
