"""Query API and dashboard over gold: reads tables, and writes operator decisions only."""
