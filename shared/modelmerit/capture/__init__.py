"""What the clients did: runs of agents, read from the clients' own records, and what became of them."""
