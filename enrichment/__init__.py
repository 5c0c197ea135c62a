"""Enrichment: requests to music data providers, their answers as events, and the values read from them."""
