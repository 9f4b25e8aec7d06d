"""The `task-dispatcher` MCP server: which model should do this task, and what came of it."""
