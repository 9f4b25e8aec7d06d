"""A process that permission bits bind, as they do not bind root."""

import ctypes

DROP_FROM_BOUNDING_SET = 24
VERSION = 0x20080522
OVERRIDE_PERMISSIONS = (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


def give_up_privilege() -> None:
    """Let permission bits bind this process, and all that it starts or becomes, for good; on Linux alone.

    Raises:
        PermissionError: If the privilege may not be given up here.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in OVERRIDE_PERMISSIONS:  # root would have them again from the next exec on
        if libc.prctl(DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) != 0:
            raise PermissionError
    header, sets = (ctypes.c_uint32 * 2)(VERSION, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) != 0:
        raise PermissionError
    for held in (0, 1):  # the effective set and the permitted one
        for capability in OVERRIDE_PERMISSIONS:
            sets[held] &= ~(1 << capability)
    if libc.capset(header, sets) != 0:
        raise PermissionError
