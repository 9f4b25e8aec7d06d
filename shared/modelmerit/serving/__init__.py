"""What both servers share of the protocol: strict tools, errors an agent can read, and asking a human."""
