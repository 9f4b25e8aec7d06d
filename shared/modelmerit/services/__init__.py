"""What the servers and the command line can ask for: one use case a function, over the store and the policy file."""
