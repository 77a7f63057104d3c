"""Who may do what on this node: roles, and the powers that each gives. Pure rules (trust.md 7)."""
