"""Servers that the tests start in this process."""

import logging

from websockets.asyncio.server import Server

QUIET = logging.getLogger(f"{__name__}.quiet")
"""For what a server logs: the tests look at the client's log only."""
QUIET.disabled = True


def port_of(server: Server) -> int:
    """Tell where a server listens."""
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port
