"""modelmerit: learns which model each kind of coding task should go to."""

__version__ = "0.1.0"
