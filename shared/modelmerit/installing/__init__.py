"""Entering modelmerit into the configurations of coding agents' clients, and taking it out again to the byte."""
