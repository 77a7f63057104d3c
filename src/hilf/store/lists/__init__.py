"""Lists kept: entries, actions, and what was found in which object."""
