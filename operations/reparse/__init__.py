"""Reading archived pages of one site again, with the parser as it is now."""
