"""Doors for machines: no sessions, no cookies, no rules."""
