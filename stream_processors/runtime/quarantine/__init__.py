"""Records whose handling ended the process or takes too long. Knows neither Kafka nor Faust."""
