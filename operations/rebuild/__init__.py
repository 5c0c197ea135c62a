"""Rebuild of a stage beside the running pipeline: all partitions in bulk, then a swap of its tables."""
