"""The audit trail, to search and to take along."""
