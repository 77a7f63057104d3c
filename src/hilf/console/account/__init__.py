"""People who sign in: their second factors, their sessions, what they may do."""
