"""Named faults that a test or the demo can order for the coming requests."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .errors import RefusalError

GENERATING_PATHS: Final = frozenset({"/v1/responses"})
PICTURE_PATHS: Final = frozenset({"/v1/images/generations", "/v1/images/edits"})
REALTIME_PATH: Final = "/v1/realtime"
_API_PREFIX: Final = "/v1"


class FaultName(StrEnum):
    """Everything that can be made to go wrong."""

    BAD_KEY = "bad_key"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NO_CREDITS = "no_credits"
    NO_CREDITS_429 = "no_credits_429"
    NO_MODEL = "no_model"
    UNPROCESSABLE = "unprocessable"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    UNAVAILABLE = "unavailable"
    OVERLOADED = "overloaded"
    SILENT = "silent"
    STALL = "stall"
    DROP = "drop"
    TRUNCATED = "truncated"
    ERROR_IN_STREAM = "error_in_stream"
    ERROR_EVENT = "error_event"
    FAILED = "failed"
    EMPTY = "empty"
    HTML = "html"
    # These two are about pictures that are made.
    EXPIRED_URL = "expired_url"
    NO_IMAGE = "no_image"
    # From here on they are about one session of the realtime voice.
    NO_SESSION = "no_session"
    NO_UPDATE = "no_update"
    REFUSED_UPDATE = "refused_update"
    DROP_LISTENING = "drop_listening"
    DROP_BEFORE_AUDIO = "drop_before_audio"
    DROP_MID_AUDIO = "drop_mid_audio"
    CLOSE_1011 = "close_1011"
    CLOSE_MID_AUDIO_1011 = "close_mid_audio_1011"
    GARBAGE_FRAME = "garbage_frame"
    HUGE_FRAME = "huge_frame"
    UNKNOWN_EVENTS = "unknown_events"
    NEVER_FINISHES = "never_finishes"
    STALLED_RESPONSE = "stalled_response"
    SILENT_VAD = "silent_vad"
    NO_TRANSCRIPT = "no_transcript"
    LATE_TRANSCRIPT = "late_transcript"
    EMPTY_TRANSCRIPT = "empty_transcript"
    DUPLICATE_CALLS = "duplicate_calls"
    CLOCK_SKEW = "clock_skew"
    VANISHING_RESPONSE = "vanishing_response"
    MAX_DURATION = "max_duration"
    SESSION_TIMEOUT = "session_timeout"
    RESPONSE_ERROR = "response_error"
    SUBSTITUTED_MODEL = "substituted_model"
    REPEATED_STARTED = "repeated_started"


SESSION_FAULTS: Final = frozenset(list(FaultName)[list(FaultName).index(FaultName.NO_SESSION) :])
PICTURE_FAULTS: Final = frozenset({FaultName.EXPIRED_URL, FaultName.NO_IMAGE})
_NO_CREDITS: Final = (
    "Your team has either used all available credits or reached its monthly spending limit."
    " To continue, purchase more credits or raise your spending limit in the console."
)
_REFUSALS: Final[dict[FaultName, tuple[int, str]]] = {
    FaultName.BAD_KEY: (
        400,
        "Incorrect API key provided: xa***xx. You can obtain an API key from https://console.x.ai.",
    ),
    FaultName.UNAUTHORIZED: (401, "No API key was provided. Pass it as a Bearer token in the Authorization header."),
    FaultName.FORBIDDEN: (403, "The API key does not have permission to use this endpoint."),
    FaultName.NO_CREDITS: (403, _NO_CREDITS),
    FaultName.NO_CREDITS_429: (429, _NO_CREDITS),
    FaultName.NO_MODEL: (404, "The model does not exist or your team does not have access to it."),
    FaultName.UNPROCESSABLE: (422, "Failed to deserialize the JSON body into the target type."),
    FaultName.RATE_LIMITED: (429, "Too many requests for your team and this model. Please slow down."),
    FaultName.SERVER_ERROR: (500, "Something went wrong on our side."),
    FaultName.BAD_GATEWAY: (502, "The upstream server did not answer."),
    FaultName.UNAVAILABLE: (503, "The service is temporarily unavailable. Please try again later."),
    FaultName.OVERLOADED: (529, "The model is at capacity. Please try again later."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault as it is applied to one request."""

    name: FaultName
    retry_after: float | str | None = None

    @property
    def refusal(self) -> RefusalError | None:
        """The plain error answer of this fault, or None where it is of another kind."""
        if self.name not in _REFUSALS:
            return None
        status, message = _REFUSALS[self.name]
        return RefusalError(status, message)


@dataclass(slots=True, kw_only=True)
class _Order:
    """A fault ordered for some of the coming requests; it counts down, so it is not frozen."""

    fault: Fault
    times: int | None
    path: str | None

    def covers(self, path: str) -> bool:
        """Whether a request of this path meets the fault."""
        match self.path:
            case "*":
                return True
            case None if self.fault.name in SESSION_FAULTS:
                return path == REALTIME_PATH
            case None if self.fault.name in PICTURE_FAULTS:
                return path in PICTURE_PATHS
            case None:
                return path in GENERATING_PATHS
            case wanted:
                return path in {wanted, _API_PREFIX + wanted}


class FaultPlan:
    """The faults to come, used up in the order in which they were ordered."""

    def __init__(self) -> None:
        """Start with nothing going wrong."""
        self._orders: list[_Order] = []

    def order(self, fault: Fault, *, times: int | None, path: str | None) -> None:
        """Let the next requests of a path fail; None times means until cleared."""
        self._orders.append(_Order(fault=fault, times=times, path=path))

    def clear(self) -> None:
        """Let nothing fail any more."""
        self._orders.clear()

    def take(self, path: str) -> Fault | None:
        """Give the fault for a request that has just come in, if one was ordered."""
        for order in self._orders:
            if order.covers(path) and order.times != 0:
                if order.times is not None:
                    order.times -= 1
                return order.fault
        return None
