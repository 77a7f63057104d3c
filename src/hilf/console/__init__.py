"""Pages for people: sign-in, the first page, and a folder for each room (faces.md 2). Knows no rules and no SQL."""
