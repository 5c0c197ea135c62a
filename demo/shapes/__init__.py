"""Pages of the world in the form of each site: own markup with the documented structure, no copied
content. The parsers of `producers.sources` read back the rows rendered; a property test checks it."""
