"""Who said it: keys, signed structures, identities, officers' records, HTTP signatures."""
