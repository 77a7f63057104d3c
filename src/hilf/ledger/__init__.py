"""That it was said, in order, for good: the Merkle tree of RFC 6962."""
