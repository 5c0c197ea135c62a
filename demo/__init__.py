"""A demonstration that needs no site and no account: an invented world, in the form that real pages have."""
