"""Crawling: pages of the frontier are fetched, archived, read, and asked for again when it is time."""
