UPDATE sink_offsets SET next_offset = %s, updated_at = now() WHERE sink = %s AND topic = %s AND part = %s
