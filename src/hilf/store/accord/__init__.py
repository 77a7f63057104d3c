"""Accords: every version, and who signed, suspended or ended it."""
