"""Releases: what was proposed to whom, and what each partner has."""
