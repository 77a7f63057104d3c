"""Bring the catalogues of the console's languages up to what its pages and modules say: python assets/messages.py."""
