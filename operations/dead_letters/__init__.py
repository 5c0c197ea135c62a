"""Dead letters: list them, reinsert their records, or mark them as handled."""
