SELECT part, next_offset FROM sink_offsets WHERE sink = %s AND topic = %s
