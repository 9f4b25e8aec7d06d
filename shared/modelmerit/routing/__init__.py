"""Which model now: rules, then exploration, then escalation."""
