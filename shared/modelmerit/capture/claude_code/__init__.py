"""Reads the transcripts that Claude Code keeps: its sub-agents, the human's prompts, and the tokens of both."""
