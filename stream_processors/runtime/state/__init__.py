"""State of a stage: tables, entities, and their values in RocksDB. Knows neither Kafka nor Faust."""
