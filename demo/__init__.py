"""A demonstration that needs no site and no account: invented sets, in the form that real pages have."""
