"""The checks of `modelmerit doctor`, one file for each thing that can be wrong."""
