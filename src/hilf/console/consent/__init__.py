"""Consent: whether what a nation wrote may go on to another one; asked of us and by us (docs/adr/0014)."""
