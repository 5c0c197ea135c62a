UPDATE replays SET counts_after = %s, finished_at = now() WHERE id = %s
