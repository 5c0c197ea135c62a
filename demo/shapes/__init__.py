"""Pages of the world in the form of each site: own markup with the documented structure, no copied
content. What the parsers of `producers.sources` read of it is what was told (a property test says so)."""
