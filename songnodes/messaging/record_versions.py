"""Versions of records: they ascend per key, within a version of the application and over all of them."""

#: More than the sum of the offsets of a key; version 8,000 of an application is exact in a double, too.
VERSIONS_PER_APPLICATION = 1 << 40


def first_version(application_version: int) -> int:
    """Return the number to which a stage or the resolver adds its sums of offsets.

    The topics of a new version of the application begin at offset 0 again. Without this number, tables and
    stages would ignore its records until their sums are higher than those of the earlier version.
    """
    return (application_version - 1) * VERSIONS_PER_APPLICATION
