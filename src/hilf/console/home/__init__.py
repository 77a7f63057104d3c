"""The first page: what needs me now, then the situation."""
