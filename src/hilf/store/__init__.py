"""The one Django app with tables, and the hot paths in SQL."""
