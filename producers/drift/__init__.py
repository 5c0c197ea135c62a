"""Detection of changed sites: observe pages, raise alarms, put holds on pages. See docs/drift.md."""
