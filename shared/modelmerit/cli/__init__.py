"""The `modelmerit` command."""
