"""What an operator does to a running pipeline: read again from an earlier offset, deal with dead letters."""
