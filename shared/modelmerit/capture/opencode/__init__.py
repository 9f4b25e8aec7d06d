"""OpenCode: what its store tells of sub-agents and prompts, the plugin that notes when to look, an agent per model."""
