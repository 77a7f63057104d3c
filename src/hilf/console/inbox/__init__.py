"""The inbox: what came from partners."""
