"""People who sign in: invitations, roles, officers, sessions."""
