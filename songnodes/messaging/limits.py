"""Sizes of records, and the stated domain of values beyond their Avro type.

Imports nothing: code without a Kafka client uses it too.

A field is found by its name, which has one meaning in all schemas. `ranges` compiles the table into one check
per schema. Narrower ranges of single numbers (a share of 0 to 1, a tempo above 0) are constraints of the
tables: no arithmetic of a stage depends on them.
"""

#: One encoded value. Below the 8 MiB that topics and producers accept, to leave room for key and headers.
MAX_VALUE_BYTES = 8 * 1024 * 1024 - 64 * 1024
#: One message. A topic accepts 8 MiB; the largest record of another producer still fits into the dead
#: letters, with the headers that carry the reason.
MAX_MESSAGE_BYTES = 9 * 1024 * 1024
#: Bytes of an id in UTF-8. A B-tree entry of PostgreSQL has at most 2,704 bytes, and the widest index of
#: ours has three ids.
MAX_ID_BYTES = 800
#: Entries of a list or map. Sets over 2,000 rows are flagged; a set of 10,000 rows is legal.
MAX_ITEMS = 50_000
#: Years of moments and dates; outside of them arithmetic or PostgreSQL's client yields infinities.
YEARS = range(1000, 9000)
#: A number of Avro type int, in which Avro writes more than 32 bits without complaint.
INT = range(-(2**31), 2**31)

#: Identifiers that the rule for names (`is_id`) does not cover.
IDS = frozenset(
    {
        *("id", "ids", "known_ids", "native_ids", "tracks", "sha256", "page_sha256", "content_hash"),
        *("artists", "djs", "djs_live", "djs_gone", "own_djs"),  # where they are lists of texts
        *("row_key", "parent_row_key", "source", "kind", "page_kind", "provider", "operation"),
    }
)


def is_id(name: str) -> bool:
    """Return True if the texts of a field of this name are identifiers."""
    return name in IDS or name.endswith(("_id", "_ids"))
