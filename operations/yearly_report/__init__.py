"""Yearly reports: computed once, stored, printed as they were made."""
