"""models.json: what it says, how it is edited, and how it is written without losing anybody's work."""
