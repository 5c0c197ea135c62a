"""Dead letters: looking at them, putting their records back, setting them aside."""
