"""Notices kept: what lasts and was told of, and what is on its way to the duty officer."""
