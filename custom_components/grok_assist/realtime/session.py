"""The realtime session as a sans-I/O state machine: frames and times in, frames and signals out.

Order of events and their traps: xAI's speech-to-speech guide, recorded frames of July 2026, and what pydantic-ai,
livekit and pipecat found out (read 2026-11-20). Nothing here waits: `deadline` says when `expire` wants to be called.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ..core.errors import GrokConnectionError, GrokError, GrokServerError, GrokTimeoutError
from ..core.json_types import packed_json
from ..core.media.rates import RateChanger
from ..core.redaction import NO_KEY, Redactor
from ..core.usage.voice_billing import VoiceBilling
from .client_events import (
    AppendAudio,
    CancelResponse,
    ClientEvent,
    CreateMessage,
    CreateResponse,
    DeleteItem,
    ForceMessage,
    UpdateSession,
)
from .config import INPUT_RATE, MOST_REDUCED, OUTPUT_RATE, SAMPLE_BYTES, SessionConfig
from .server_events import (
    AudioDelta,
    ErrorEvent,
    FrameError,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
    parse,
)
from .traits import ServiceTraits

DETAIL_LIMIT: Final = 200
"""Characters of the service's own text that are kept …"""
READ_LIMIT: Final = 4_000
"""… and of it that are looked at."""
HANDSHAKES_S: Final = 1.0
"""Reckoned for the opening and the closing of a socket, which the service sees longer open than we do."""
MAX_GARBAGE: Final = 5
"""Frames that are no JSON before the line counts as broken."""
MOST_ASKED_AGAIN: Final = 2
"""How often what was asked is asked again where the server was busy: each is paid."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDeadlines:
    """How long a session waits for the service, in seconds."""

    greeting_s: float = 1.5
    """From the open socket until `session.created`; then it is asked to listen without."""
    configuring_s: float = 5.0
    """From `session.update` until `session.updated`; a refused update is never acknowledged."""


USUAL: Final = SessionDeadlines()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUsage:
    """What a session has used of what the service bills."""

    model: str = ""
    seconds: float = 0.0
    """That are paid."""
    open_s: float = 0.0
    """For which the socket was open."""
    text_items: int = 0
    """Text items that we created: each is paid."""
    answers: int = 0
    """Answers that the server completed."""

    def since(self, former: SessionUsage) -> SessionUsage:
        """Return what was used since an earlier moment."""
        return SessionUsage(
            model=self.model,
            seconds=self.seconds - former.seconds,
            open_s=self.open_s - former.open_s,
            text_items=self.text_items - former.text_items,
            answers=self.answers - former.answers,
        )


class Session:
    """One socket from its opening to its end. It knows no turns: events go to whoever listens."""

    def __init__(
        self,
        config: SessionConfig | None = None,
        *,
        now: float,
        redact: Redactor = NO_KEY,
        deadlines: SessionDeadlines = USUAL,
        traits: ServiceTraits | None = None,
    ) -> None:
        """Start with an open socket on which nobody has said anything; it waits for its configuration."""
        self.traits = ServiceTraits() if traits is None else traits
        self.input_rate = self.traits.input_rate
        """For the whole life of the socket."""
        self._rates = RateChanger(INPUT_RATE, self.input_rate) if self.input_rate != INPUT_RATE else None
        self._limits = deadlines
        self.state = SessionState.GREETING
        self.error: GrokError | None = None
        self.on_event: Callable[[ServerEvent, float], None] | None = None
        """Called with every event, and its time, that is not of a former turn; without it what begins is stopped."""
        self.session_id = ""
        self.model = ""
        self.billable_audio_s = 0.0
        """Seconds of audio billed so far, as far as the server told."""
        self.opened_at = now
        self.sent_s = self.received_s = 0.0
        """Seconds of sound that went out and that came."""
        self.text_items = 0
        """Text items that we created: each is paid."""
        self.answers = 0
        """Answers that the server completed."""
        self._config = config
        self._redact = redact
        self._sent_config: SessionConfig | None = None
        self._sent_reduction = 0
        self._may_restore = True
        """Whether the present configuration was not sent again yet for what an error had seemed to refuse."""
        self._is_update_pending = False
        self._unanswered = self._refused = 0
        """Updates that were neither acknowledged nor refused yet; those that count as refused."""
        self._has_format = False
        self._outbox: deque[ClientEvent] = deque()
        self._early: list[bytes] = []
        self._held: list[ClientEvent] = []
        """What follows the deletion of an item, which the server may refuse while it configures itself."""
        self._since = now
        self._garbage = 0
        self._former_ids: set[str] = set()
        self._wants_create = False
        self._may_ask_again = 0
        """How often an answer that we asked for may yet be asked for again."""
        self._asked = 0

    # --- what the shell does ---

    def take_frames(self) -> list[bytes]:
        """Take what has to be sent, in order."""
        frames = [packed_json(event.to_json()) for event in self._outbox]
        self._outbox.clear()
        return frames

    def usage(self, billing: VoiceBilling, now: float) -> SessionUsage:
        """Return what was used so far of what a rule says is paid."""
        open_s = now - self.opened_at + HANDSHAKES_S
        sound_s = self.sent_s + self.received_s
        return SessionUsage(
            model=self.model,
            seconds=billing.seconds(told_s=self.billable_audio_s, sound_s=sound_s, open_s=open_s),
            open_s=open_s,
            text_items=self.text_items,
            answers=self.answers,
        )

    @property
    def deadline(self) -> float | None:
        """When `expire` is to be called, on the clock of `now`; None while nothing is awaited."""
        if self.state is SessionState.GREETING:
            return self._since + self._limits.greeting_s
        if self.state is not SessionState.CLOSED and self._is_update_pending:
            return self._since + self._limits.configuring_s
        return None

    def expire(self, now: float) -> None:
        """Act on what did not come in time."""
        if (deadline := self.deadline) is not None and now >= deadline:
            is_greeting = self.state is SessionState.GREETING
            if is_greeting and self._config is not None:
                self.state = SessionState.CONFIGURING  # it greets nobody, maybe: whether it listens is seen now
                self._send_config(now)
                return
            awaited = "opened" if is_greeting else "configured"
            self.lost(GrokTimeoutError(deadline - self._since, f"the session was not {awaited}"))

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
            case SessionUpdated() if before is not SessionState.GREETING:
                self._configured(now)
            case ErrorEvent():
                self._fail(event, now)
        self._pass_on(event, now)

    def lost(self, error: GrokError | None = None) -> None:
        """End the session: the socket is gone, or has to go."""
        if self.state is SessionState.CLOSED:
            return
        self.state = SessionState.CLOSED
        self.error = error
        self._outbox.clear()

    # --- what the turn does ---

    @property
    def is_ready(self) -> bool:
        """Whether audio can be sent."""
        return self._has_format and self.state is not SessionState.CLOSED

    def configure(self, config: SessionConfig, now: float) -> None:
        """Ask for another configuration; goes out at once, or with the first one."""
        self._may_restore = self._may_restore or config != self._config
        self._config = config
        if (
            self.state in (SessionState.CONFIGURING, SessionState.READY)
            and not self._is_update_pending
            and config != self._sent_config
        ):
            self._send_config(now)

    def release(self, ids: Iterable[str]) -> None:
        """Serve a turn no more: what still comes for it is dropped by the ids of its responses and items."""
        self._former_ids.update(ids)
        self._wants_create, self._may_ask_again = False, 0
        # What it wanted said and was not said yet is nobody's now; what it wanted forgotten is to be forgotten.
        self._held = [event for event in self._held if isinstance(event, DeleteItem)]
        self._early.clear()
        self.on_event = None

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
                self._outbox.append(event if self._rates is None else AppendAudio(self._rates.feed(pcm)))
            case CreateResponse() | CreateMessage() | ForceMessage() | DeleteItem() if self._must_wait(event):
                self._held.append(event)
            case CreateResponse():
                self._may_ask_again = MOST_ASKED_AGAIN
                self._outbox.append(self._asking())
            case CreateMessage() | ForceMessage():
                self.text_items += 1
                self._outbox.append(event)
            case _:
                self._outbox.append(event)

    # --- inside ---

    def _must_wait(self, event: ClientEvent) -> bool:
        """Whether something has to wait for the configuration: a deletion, and all that counts on it."""
        return bool(self._held) or (isinstance(event, DeleteItem) and self._is_update_pending)

    def _note(self, event: ServerEvent) -> None:
        """Keep facts of the session."""
        match event:
            case SessionCreated(session_id=session_id, model=model):
                self.session_id, self.model = session_id, model
            case AudioDelta():
                self.received_s += len(event.delta) * 3 / 4 / SAMPLE_BYTES / OUTPUT_RATE
            case SpeechStarted() | SpeechStopped():
                self.traits.note_heard(self.input_rate)
            case ResponseCreated(tag=tag) if tag:
                self.traits.echoes_marks = True
            case ResponseDone():
                self.billable_audio_s = max(self.billable_audio_s, event.billable_audio_s or 0.0)
                self.answers += 1

    def _send_config(self, now: float) -> None:
        """Ask for the configuration, if there is one already."""
        if self._config is None:
            return
        self._sent_config, self._sent_reduction = self._config, self.traits.reduction
        self._is_update_pending = True
        self._since = now
        # Ahead of everything that waits: the server works in order.
        self._unanswered += 1
        asked = replace(self._config.reduced(self.traits.reduction), input_rate=self.input_rate)
        self._outbox.append(UpdateSession(asked))

    def _configured(self, now: float) -> None:
        """Let out what has waited for the configuration."""
        if self._unanswered:
            self._unanswered -= 1
        elif self._refused:
            # As many are acknowledged as were sent: an error was not about one of them.
            self._refused -= 1
            self.traits.restore()
        self._is_update_pending = False
        self._has_format = True
        if self._config != self._sent_config or self._has_too_little():
            self._send_config(now)
        if not self._is_update_pending:
            held, self._held = self._held, []
            for event in held:
                self.send(event, now)
        early, self._early = self._early, []
        for pcm in early:
            self.send(AppendAudio(pcm), now)

    def _has_too_little(self) -> bool:
        """Whether more can be asked than was, as that was not refused; once, as the next error may be as odd."""
        is_so = self._may_restore and self._sent_reduction > self.traits.reduction
        self._may_restore = self._may_restore and not is_so
        return is_so

    def _pass_on(self, event: ServerEvent, now: float) -> None:
        """Let the listener have an event, unless it belongs to a former turn."""
        if self.state is not SessionState.READY:
            return
        if isinstance(event, ResponseDone) and self._wants_create:
            self._wants_create = False
            self._may_ask_again -= 1
            self._outbox.append(self._asking())
        if event.ids & self._former_ids:
            return
        if self.on_event is not None:
            self.on_event(event, now)
            return
        # What begins between two turns is nobody's, also when it goes on in the next.
        self._former_ids |= event.ids
        if isinstance(event, ResponseCreated):
            self.send(CancelResponse(event.response_id), now)

    def _asking(self) -> CreateResponse:
        """Ask for an answer, with a mark by which it is known again."""
        self._asked += 1
        return CreateResponse(str(self._asked))

    def _fail(self, event: ErrorEvent, now: float) -> None:
        """React to an error event: only what is known to end a session does, and a refused configuration.

        Errors tell not what they are about, and come in many shapes; our own deadlines see what really failed.
        """
        if event.is_harmless:
            self._wants_create = self._wants_create or (event.says_busy and self._may_ask_again > 0)
            return
        detail = self._redact(f"{event.kind}: {event.message[:READ_LIMIT]}")[:DETAIL_LIMIT]
        if event.ends_session:
            self.lost(GrokConnectionError(detail))
        elif self._is_update_pending and event.may_refuse:
            self._reduce(detail, now)
        elif event.is_trouble and self.on_event is not None:
            self.lost(GrokServerError(200, detail))

    def _reduce(self, detail: str, now: float) -> None:
        """Ask for less: the old configuration stays, and a turn with the wrong prompt or voice is none."""
        if self.traits.reduction >= MOST_REDUCED:
            self.lost(GrokServerError(200, detail))
            return
        self._unanswered = max(0, self._unanswered - 1)
        self._refused += 1
        self.traits.reduce(detail)
        self._send_config(now)
