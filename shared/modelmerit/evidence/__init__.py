"""What happened: the store of attempts, and the reading of task texts before they are stored."""
