"""Sizes of records, in bytes; for code that knows no Kafka client too."""

#: One encoded value. Below the 8 MiB that topics and producers accept, to leave room for key and headers.
MAX_VALUE_BYTES = 8 * 1024 * 1024 - 64 * 1024
#: One message. A topic accepts 8 MiB; the largest record of another producer still fits into the dead
#: letters, with the headers that carry the reason.
MAX_MESSAGE_BYTES = 9 * 1024 * 1024
