"""Markings: TLP, statements, REL TO and originator control; their order and their join."""
