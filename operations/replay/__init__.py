"""Reading a process's input again from an earlier offset, with proof that the counts stay."""
