"""Retraction: taking back what was said, the board of who confirmed it, and what partners take back in too great numbers."""
