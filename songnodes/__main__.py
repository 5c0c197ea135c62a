"""`python -m songnodes`: the command line, where the console script is not on the path."""

from songnodes.cli import main

main()
