"""Sockets to partners: the only code that opens them."""
