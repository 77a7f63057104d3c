"""Identities, peers, acts, batches, streams, retractions."""
