"""What a fault does to an answer that is an ordinary body, not a socket."""

from typing import Final, Never

from aiohttp import web

from ..errors import native_body
from ..exchange import FAULT, request_id, wait_for_ever
from ..faults import FaultName

_OVERLOAD: Final = "The service is overloaded. Please try again later."
_CUTTING: Final = frozenset({FaultName.DROP, FaultName.CLOSE_1011})
_REFUSING: Final = frozenset({FaultName.ERROR_EVENT, FaultName.ERROR_IN_STREAM, FaultName.FAILED})


def fault_of(request: web.Request) -> FaultName | None:
    """Give what was ordered to go wrong with a request."""
    fault = request[FAULT]
    return None if fault is None else fault.name


def refusal_of(request: web.Request) -> web.Response | None:
    """Give the error answer, where the fault is an error that has no other form in a body."""
    if fault_of(request) not in _REFUSING:
        return None
    return web.json_response(native_body(503, _OVERLOAD), status=503, headers=request_id())


async def strike(request: web.Request) -> None:
    """Stop in the middle for ever, or hang up, where the fault says so."""
    name = fault_of(request)
    if name is FaultName.STALL:
        await wait_for_ever()
    if name in _CUTTING:
        hang_up(request)


def hang_up(request: web.Request) -> Never:
    """Close the connection without a word; what was written before still arrives.

    Raises:
        ConnectionResetError: always, since nothing can be answered any more.
    """
    if request.transport is not None:
        request.transport.close()
    raise ConnectionResetError
