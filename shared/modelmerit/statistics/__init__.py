"""Pure statistics: numbers in, numbers out. No clock, no I/O; randomness is passed in."""
