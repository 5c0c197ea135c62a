"""Delivery by librdkafka: outputs, changelogs, offsets, and the commit that orders them. Knows no Faust."""
