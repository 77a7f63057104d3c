"""Release: what may leave, asking for it, approving it as somebody else, what became of it, and standing orders (accord.md 4)."""
