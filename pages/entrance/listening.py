"""The socket on which the program listens."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress


def send_at_once() -> int:
    """Has each message to a browser leave at once; on how many sockets. Else the system holds a small one back until the one before it is
    confirmed, which the other side puts off for 40 ms: three times what a page takes. A connection takes it from the socket it came by.

    Streamlit makes the socket itself and hands it to nobody, so it is looked for among those that this process has open.
    """
    found = 0
    for number in [int(name) for name in os.listdir("/dev/fd")] if os.path.isdir("/dev/fd") else []:
        with suppress(OSError):  # it may be closed by now
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            with socket.socket(fileno=os.dup(number)) as one:
                found += _hurries(one)
    return found


def _hurries(one: socket.socket) -> bool:
    """Has a socket send at once if it is one that listens for browsers; whether it is."""
    if one.family not in (socket.AF_INET, socket.AF_INET6) or not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return False
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return True
