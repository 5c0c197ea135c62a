"""The servers of one machine, without containers: Kafka, PostgreSQL, Redis, Apicurio Registry."""
