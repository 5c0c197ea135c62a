"""Consumers whose positions are stored in PostgreSQL, with the rows that they cover."""
