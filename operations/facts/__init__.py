"""Facts: emit the facts of stored playlists again, for consumers that lost them."""
