"""Knowing when a site changed: pages observed, alarms raised, holds put on pages. See docs/drift.md."""
