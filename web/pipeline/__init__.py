"""State of the pipeline for the dashboard."""
