"""Giving memory back: a server lives for days, and should not keep what one analysis needed for a second."""

import ctypes
import sys
from functools import cache

M_MMAP_THRESHOLD = -3
LARGE_BYTES = 128 * 1024


@cache
def return_large_blocks() -> None:
    """From now on, have the C library give large blocks back as soon as they are freed, wherever it can be told so.

    glibc starts out like that, but raises its threshold with each large block it sees freed, up to 32 MB, and then
    keeps columns of that size, once in each thread that has worked on some (mallopt(3)).
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
