"""The realtime session as a sans-I/O state machine: frames and times in, frames and signals out.

Order of events and their traps: xAI's speech-to-speech guide, recorded frames of July 2026, and what pydantic-ai,
livekit and pipecat found out (read 2026-11-20). Nothing here waits: `deadline` says when `expire` wants to be called.
"""

from collections import deque
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ..core.errors import GrokConnectionError, GrokError, GrokServerError, GrokTimeoutError
from ..core.json_types import packed_json
from ..core.redaction import NO_KEY, Redactor
from .client_events import (
    AppendAudio,
    CancelResponse,
    ClientEvent,
    CreateMessage,
    CreateResponse,
    ForceMessage,
    UpdateSession,
)
from .config import INPUT_RATE, OUTPUT_RATE, SAMPLE_BYTES, SessionConfig
from .exchange import Exchange
from .server_events import (
    AudioDelta,
    ErrorEvent,
    FrameError,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
    parse,
)
from .user_speech import SpeechState

GREETING_S: Final = 5.0
"""From the open socket until `session.created`."""
CONFIGURING_S: Final = 5.0
"""From `session.update` until `session.updated`; a refused update is never acknowledged."""
DETAIL_LIMIT: Final = 200
"""Characters of the service's own text that are kept …"""
READ_LIMIT: Final = 4_000
"""… and of it that are looked at."""
MAX_GARBAGE: Final = 5
"""Frames that are no JSON before the line counts as broken."""


class SessionState(StrEnum):
    """Where the connection is in its life."""

    GREETING = "greeting"
    CONFIGURING = "configuring"
    READY = "ready"
    CLOSED = "closed"


TRANSITIONS: Final[Mapping[tuple[SessionState, type[ServerEvent]], SessionState]] = {
    (SessionState.GREETING, SessionCreated): SessionState.CONFIGURING,
    (SessionState.CONFIGURING, SessionUpdated): SessionState.READY,
}
"""Events that are not listed leave the state as it is; `lost` leads to CLOSED from everywhere."""


class Session:
    """One socket from its opening to its end. It carries one turn at a time."""

    def __init__(self, config: SessionConfig | None = None, *, now: float, redact: Redactor = NO_KEY) -> None:
        """Start with an open socket on which nobody has said anything; it waits for its configuration."""
        self.state = SessionState.GREETING
        self.error: GrokError | None = None
        self.exchange: Exchange | None = None
        self.session_id = ""
        self.model = ""
        self.billable_audio_s = 0.0
        """Seconds of audio billed so far, as far as the server told."""
        self.sent_s = self.received_s = 0.0
        """Seconds of sound that went out and that came."""
        self._unbilled_from_s = 0.0
        self.text_items = 0
        """Text items that we created: each is paid."""
        self.answers = 0
        """Answers that the server completed."""
        self._config = config
        self._redact = redact
        self._sent_config: SessionConfig | None = None
        self._is_update_pending = False
        self._has_format = False
        self._outbox: deque[ClientEvent] = deque()
        self._early: list[bytes] = []
        self._since = now
        self._garbage = 0
        self._former_ids: set[str] = set()
        self._wants_create = False
        self._asked = 0

    # --- what the shell does ---

    def take_frames(self) -> list[bytes]:
        """Take what has to be sent, in order."""
        frames = [packed_json(event.to_json()) for event in self._outbox]
        self._outbox.clear()
        return frames

    @property
    def used_s(self) -> float:
        """Seconds of audio that are paid: those that the server told, and the sound that went and came since."""
        return self.billable_audio_s + self.sent_s + self.received_s - self._unbilled_from_s

    @property
    def deadline(self) -> float | None:
        """When `expire` is to be called, on the clock of `now`; None while nothing is awaited."""
        own = self._own_deadline
        of_turn = self.exchange.deadline if self.exchange is not None and self.state is SessionState.READY else None
        return min((moment for moment in (own, of_turn) if moment is not None), default=None)

    @property
    def _own_deadline(self) -> float | None:
        """When the session itself has waited long enough."""
        if self.state is SessionState.GREETING:
            return self._since + GREETING_S
        if self.state is not SessionState.CLOSED and self._is_update_pending:
            return self._since + CONFIGURING_S
        return None

    def expire(self, now: float) -> None:
        """Act on what did not come in time."""
        if (own := self._own_deadline) is not None and now >= own:
            self.lost(GrokTimeoutError(CONFIGURING_S, f"the session was not {self._awaited}"))
        elif self.exchange is not None and self.state is SessionState.READY:
            self.exchange.expire(now)

    def receive(self, frame: str | bytes, now: float) -> None:
        """Take one frame of the server."""
        if self.state is SessionState.CLOSED:
            return
        try:
            event = parse(frame)
        except FrameError as error:
            self._garbage += 1
            if self._garbage > MAX_GARBAGE:
                self.lost(GrokServerError(200, str(error)))
            return
        self._note(event)
        before = self.state
        self.state = TRANSITIONS.get((self.state, type(event)), self.state)
        match event:
            case SessionCreated() if before is SessionState.GREETING:
                self._send_config(now)
            case SessionUpdated():
                self._configured(now)
            case ErrorEvent():
                self._fail(event)
        self._pass_on(event, now)

    def lost(self, error: GrokError | None = None) -> None:
        """End the session: the socket is gone, or has to go."""
        if self.state is SessionState.CLOSED:
            return
        self.state = SessionState.CLOSED
        self.error = error
        self._outbox.clear()
        if self.exchange is not None:
            self.exchange.fail(error or GrokConnectionError("the session was closed"))

    # --- what the turn does ---

    @property
    def is_ready(self) -> bool:
        """Whether audio can be sent."""
        return self._has_format and self.state is not SessionState.CLOSED

    def configure(self, config: SessionConfig, now: float) -> None:
        """Ask for another configuration; goes out at once, or with the first one."""
        self._config = config
        if (
            self.state in (SessionState.CONFIGURING, SessionState.READY)
            and not self._is_update_pending
            and config != self._sent_config
        ):
            self._send_config(now)

    def begin(self, exchange: Exchange) -> None:
        """Carry a turn from now on; what still comes for the one before is dropped by its ids."""
        if self.exchange is not None:
            self.release(self.exchange)
        self.exchange = exchange

    def release(self, exchange: Exchange) -> None:
        """Carry the turn no more."""
        self._former_ids.update(exchange.user_speech.item_ids, exchange.answers.response_ids)
        self._wants_create = False
        if self.exchange is exchange:
            self.exchange = None

    def send(self, event: ClientEvent, now: float) -> None:
        """Say something; sound waits for the first configuration, and a configuration goes ahead of all that waits."""
        if self.state is SessionState.CLOSED:
            return
        match event:
            case UpdateSession(config):
                self.configure(config, now)
            case AppendAudio(pcm) if not self._has_format:
                self._early.append(pcm)
            case AppendAudio(pcm):
                self.sent_s += len(pcm) / SAMPLE_BYTES / INPUT_RATE
                self._outbox.append(event)
            case CreateResponse():
                self._asked += 1
                self._outbox.append(CreateResponse(str(self._asked)))
            case CreateMessage() | ForceMessage():
                self.text_items += 1
                self._outbox.append(event)
            case _:
                self._outbox.append(event)

    # --- inside ---

    @property
    def _awaited(self) -> str:
        """What was waited for, in words."""
        return "opened" if self.state is SessionState.GREETING else "configured"

    def _note(self, event: ServerEvent) -> None:
        """Keep facts of the session."""
        match event:
            case SessionCreated(session_id=session_id, model=model):
                self.session_id, self.model = session_id, model
            case AudioDelta():
                self.received_s += len(event.delta) * 3 / 4 / SAMPLE_BYTES / OUTPUT_RATE
            case ResponseDone():
                if event.billable_audio_s is not None and event.billable_audio_s > self.billable_audio_s:
                    self.billable_audio_s, self._unbilled_from_s = event.billable_audio_s, self.sent_s + self.received_s
                self.answers += 1

    def _send_config(self, now: float) -> None:
        """Ask for the configuration, if there is one already."""
        if self._config is None:
            return
        self._sent_config = self._config
        self._is_update_pending = True
        self._since = now
        # Ahead of everything that waits: the server works in order.
        self._outbox.append(UpdateSession(self._config))

    def _configured(self, now: float) -> None:
        """Let out what has waited for the configuration."""
        self._is_update_pending = False
        self._has_format = True
        if self._config != self._sent_config:
            self._send_config(now)
        early, self._early = self._early, []
        for pcm in early:
            self.send(AppendAudio(pcm), now)

    def _pass_on(self, event: ServerEvent, now: float) -> None:
        """Let the turn take an event, unless it belongs to a former one."""
        if self.state is not SessionState.READY:
            return
        if isinstance(event, ResponseDone) and self._wants_create:
            self._wants_create = False
            self.send(CreateResponse(), now)
        ids = {getattr(event, "item_id", ""), getattr(event, "response_id", "")} - {""}
        if ids & self._former_ids:
            return
        if isinstance(event, ResponseCreated) and self._is_orphan(event):
            # An answer to a turn that is gone: nobody will hear it.
            self._former_ids.add(event.response_id)
            self.send(CancelResponse(event.response_id), now)
        elif self.exchange is not None:
            self.exchange.receive(event, now)

    def _is_orphan(self, event: ResponseCreated) -> bool:
        """Whether an answer that begins is one to a turn, or to words, that are gone."""
        turn = self.exchange
        if turn is None or turn.is_over:
            return True
        if not turn.is_understood:
            return turn.user_speech.state is SpeechState.WAITING
        if turn.has_rival and not event.tag:
            turn.has_rival = False
            return True
        return False

    def _fail(self, event: ErrorEvent) -> None:
        """React to an error event."""
        if event.is_harmless:
            self._wants_create = self._wants_create or event.says_busy
            return
        detail = self._redact(f"{event.kind}: {event.message[:READ_LIMIT]}")[:DETAIL_LIMIT]
        if event.ends_session:
            self.lost(GrokConnectionError(detail))
        elif self._is_update_pending and event.refuses_input:
            # The old configuration stays and is never acknowledged: a turn with the wrong prompt or voice is none.
            self.lost(GrokServerError(200, detail))
        elif self.exchange is not None and not event.refuses_input:
            self.lost(GrokServerError(200, detail))
