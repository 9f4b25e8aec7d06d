"""How evidence becomes a suggestion: pure functions over tallies of attempts."""
