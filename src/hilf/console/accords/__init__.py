"""Accords: read in words, drafted with clauses as forms, compared, signed, suspended, ended and printed (faces.md 2)."""
