"""Intelligence: what this node knows, found, looked at, taken in, decided on and marked (faces.md 2)."""
