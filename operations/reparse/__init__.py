"""Reparse: read archived pages of one site again with the current parser."""
