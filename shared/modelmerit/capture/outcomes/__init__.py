"""What became of a run that nobody reported on: tests that were seen, the human's next words, another try."""
