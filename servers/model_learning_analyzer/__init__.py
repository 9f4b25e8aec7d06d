"""The `model-learning-analyzer` MCP server: what the evidence says, and a human's decisions on it."""
