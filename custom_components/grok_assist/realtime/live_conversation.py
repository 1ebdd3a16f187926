"""One live conversation: binds a dialogue to a socket that is there as long as the conversation, renewed where it must.

Sibling of `SpokenConversation`, which opens a socket for a turn; here the socket is never dropped for an unfinished
sentence, and one that is lost is opened again while the user is there.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
import logging
from typing import Final

from websockets.asyncio.client import ClientConnection

from ..core.errors import GrokConnectionError, GrokError
from ..core.fence import record
from ..core.redaction import NO_KEY, Redactor
from .client_events import AppendAudio, CreateResponse, UpdateSession
from .client_player import ClientPlayer
from .config import SessionConfig, silence
from .connection import Connection
from .dialler import USUAL, Dial, Dialler, DialPolicy
from .dialogue import Dialogue
from .dialogue_news import DialogueNews, GoOn
from .dialogue_turn import DialogueTurn
from .server_events import ServerEvent
from .session_pool import SessionPool
from .socket_history import Configs, SocketHistory
from .traits import ServiceTraits
from .turn import Turn
from .turn_settings import TurnSettings
from .turn_state import TurnState
from .usage_meter import UsageMeter

_LOGGER = logging.getLogger(__name__)

RING_S: Final = 20.0
"""Sound of the microphone that is kept for a new socket."""
MOST_FAILURES: Final = 3
"""Sockets that are lost before they are ready; then there is no service."""
BEFORE_S: Final = 1.0
"""So much before the beginning of a sentence is said again to a new socket."""
BOOK_S: Final = 5.0
GO_ON: Final = (
    "\n\nYou were cut off by a noise just now, by mistake. Of your answer the user heard this:\n{heard}\n"
    "Go on from exactly there, without repeating it and without a word about the interruption."
)


class LiveConversation:
    """The socket and the dialogue of one live conversation."""

    def __init__(
        self,
        conversation_id: str,
        dial: Dial,
        session_pool: SessionPool,
        *,
        settings: TurnSettings,
        policy: DialPolicy = USUAL,
        redact: Redactor = NO_KEY,
    ) -> None:
        """Start without a socket."""
        self.traits = ServiceTraits()
        """What is known of the service; may be shared with others."""
        self.player = ClientPlayer()
        self.dialogue = Dialogue(conversation_id, settings=settings, player=self.player)
        self.connection: Connection | None = None
        self.history = SocketHistory()
        self.usage = UsageMeter(BOOK_S)
        self.is_last = False
        """The user has said goodbye."""
        self.on_news: Callable[[DialogueNews], None] = lambda _: None
        self.on_settled: Callable[[], None] = lambda: None
        """Called after everything that happened: there may be sound to be sent."""
        self.on_ready: Callable[[], None] = lambda: None
        """Called when a socket is configured."""
        self.on_away: Callable[[], None] = lambda: None
        """Called when the socket is lost, or has to be renewed."""
        self.on_failed: Callable[[GrokError], None] = lambda _: None
        """Called when no socket can be had."""
        self.on_model: Callable[[str], None] = lambda _: None
        self._session_pool = session_pool
        self._policy = policy
        self._redact = redact
        self._loop = asyncio.get_running_loop()
        self._dialler = Dialler(dial, session_pool, policy=policy, on_open=self._opened, on_failed=self._fail)
        self._configs: Configs | None = None
        self._ring: deque[tuple[float, bytes]] = deque()
        """What the microphone has given lately, and when."""
        self._failures = 0
        """Sockets that were lost before they were ready, in a row."""
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._was_ready = False
        self._lost_at: float | None = None
        """Since when nobody has heard the microphone."""
        self._settling = False

    # --- what its owner does ---

    @property
    def now(self) -> float:
        """The clock of turns and sessions."""
        return self._loop.time()

    @property
    def turn(self) -> Turn | None:
        """The present turn."""
        return None if self.dialogue.current is None else self.dialogue.current.turn

    @property
    def is_ready(self) -> bool:
        """Whether the microphone is heard by the service."""
        return self.connection is not None and self.connection.is_open and self.connection.session.is_ready

    def open(self) -> None:
        """Get a place and a socket."""
        self._session_pool.mark_busy(self)
        self._dialler.start(self._wants_socket)

    def configure(self, turn: Turn, configs: Configs) -> None:
        """Say what the session has to be for a turn."""
        if turn is not self.turn and self.turn is not None:
            return
        self._configs = configs
        if self.connection is not None:
            self._apply(self.connection, self.history.config_of(configs))
            self.connection.flush()

    def feed(self, pcm: bytes) -> None:
        """Take sound of the microphone."""
        self._ring.append((self.now, pcm))
        while self._ring[0][0] < self.now - RING_S:
            self._ring.popleft()
        if self.connection is not None and self.connection.is_open:
            self.connection.session.send(AppendAudio(pcm), self.now)
            self.connection.flush()

    def note_deaf(self) -> None:
        """Take note that the service understands nothing at its rate: another socket tries the other one."""
        if (connection := self.connection) is None:
            return
        self.traits.note_deaf(connection.session.input_rate)
        self._renew(connection)

    def end_speech(self, window_ms: int) -> None:
        """Let half a sentence end: the microphone is gone, and the service waits for its silence."""
        asked_ms = 0 if self._configs is None else self._configs.fresh.silence_ms
        self.feed(silence(max(window_ms, asked_ms)))

    def settle(self, turn: Turn | None = None) -> None:
        """Say to the service what is wanted, tell the news, and wait for what is due; after every input."""
        if turn is not None and (entry := self.entry_of(turn)) is not None:
            self.dialogue.settle(entry, self.now)
        if self._settling:
            return  # whoever is told the news has given an input: the loop below takes what comes of it
        self._settling = True
        try:
            while True:
                for action in self.dialogue.take_actions():
                    if self.connection is not None and self.connection.is_open:
                        self.connection.session.send(action, self.now)  # type: ignore[arg-type]  # it closes no socket
                if not (news := self.dialogue.take_news()):
                    break
                for item in news:
                    if isinstance(item, GoOn):
                        self._go_on(item)
                    self.on_news(item)
        finally:
            self._settling = False
        if self.connection is not None:
            self.connection.flush()
        self._set_timer()
        self.on_settled()
        self._renew_if_old()

    def entry_of(self, turn: Turn) -> DialogueTurn | None:
        """Find what the dialogue knows of a turn."""
        return self.dialogue.entry_of(turn)

    async def close(self) -> None:
        """End everything."""
        if self._is_closed:
            return
        self._is_closed = True
        self.dialogue.close(self.now)
        self.settle()
        dialling = self._dialler.stop()
        if self.connection is not None:
            self._drop(self.connection)
        self._dialler.place.free()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waited = [task for task in (*self._closing, dialling) if task is not None]
        if waited:
            await asyncio.wait(waited)

    # --- the socket ---

    def _wants_socket(self, is_again: bool) -> bool:  # noqa: FBT001  # asked by the dialler
        """Whether a socket is still wanted."""
        return not self._is_closed

    def _opened(self, socket: ClientConnection) -> None:
        """Use a new socket: its configuration, and what of a sentence was said until now."""
        connection = self.connection = Connection(
            socket, self._changed, redact=self._redact, deadlines=self._policy.session, traits=self.traits
        )
        self.usage.watch(connection)
        self.history.is_fresh = True
        self._was_ready = False
        connection.session.on_event = self._receive
        if self._configs is not None:
            self._apply(connection, self.history.config_of(self._configs))
        since = self.now
        if (current := self.dialogue.current) is not None and current.turn.state is TurnState.LISTENING:
            current.turn.restart(self.now)
            current.turn.session_ready()
            since = current.began_at - BEFORE_S
        elif self._lost_at is not None:
            since = self._lost_at
        for at, pcm in self._ring:
            if at >= since:
                connection.session.send(AppendAudio(pcm), self.now)
        self._lost_at = None
        connection.flush()

    def _apply(self, connection: Connection, config: SessionConfig) -> None:
        """Ask a session for what is wanted."""
        connection.session.send(UpdateSession(config), self.now)

    def _receive(self, event: ServerEvent, now: float) -> None:
        """Take an event of the session."""
        self.dialogue.receive(event, now)

    def _changed(self, connection: Connection) -> None:
        """Pass on what happened on the socket, and mend what can be mended."""
        if connection is not self.connection:
            return
        self.usage.tell_more()
        session = connection.session
        if session.model:
            self.on_model(session.model)
        if session.is_ready and not self._was_ready:
            self._was_ready, self._failures = True, 0
            self.on_ready()
        if not connection.is_open:
            self._lost(connection)
        self.settle()

    def _lost(self, connection: Connection) -> None:
        """Get another socket for one that was lost; what was asked of it is answered by others."""
        error = connection.session.error or GrokConnectionError("the session was closed")
        was_ready = self._was_ready
        self._lost_at = self.now
        self._drop(connection)
        if self._is_closed:
            return
        current = self.dialogue.current
        if current is None or current.turn.state is not TurnState.LISTENING:
            self.dialogue.fail(error, self.now)
        self._failures += not was_ready
        refuses = not was_ready and not isinstance(error, GrokConnectionError)
        if refuses or self._failures >= MOST_FAILURES:
            self._fail(error)
            return
        _LOGGER.debug("A live session was lost: %s", error)
        self.on_away()
        self._dialler.start(self._wants_socket, after_s=0.0 if was_ready else self._policy.backoff_s[0])

    def _renew_if_old(self) -> None:
        """Open another socket before the service ends this one, between two turns."""
        connection = self.connection
        if connection is None or self._is_closed or self.now - connection.opened_at < self._policy.max_age_s:
            return
        if self.dialogue.is_quiet and not self.dialogue.is_hearing and self.player.unplayed_ms(self.now) <= 0:
            self._renew(connection)

    def _renew(self, connection: Connection) -> None:
        """Use another socket from here on."""
        self._lost_at = self.now
        self._drop(connection)
        self.on_away()
        self._dialler.start(self._wants_socket)

    def _drop(self, connection: Connection) -> None:
        """Close a socket in the background."""
        if connection is self.connection:
            self.usage.stop()
            self.connection = None
        task = self._loop.create_task(connection.close(), name="grok_assist live closer")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _fail(self, error: GrokError) -> None:
        """Let everybody know that there is no session."""
        self.dialogue.fail(error, self.now)
        self.settle()
        self.on_failed(error)

    def _go_on(self, news: GoOn) -> None:
        """Ask for the rest of an answer, for nothing: by the instructions."""
        if self._configs is None or self.connection is None or not self.connection.is_open:
            return
        config = self.history.config_of(self._configs)
        told = GO_ON.format(heard=record([news.heard]))
        self._apply(self.connection, replace(config, instructions=config.instructions + told))
        self.connection.session.send(CreateResponse(), self.now)

    def _set_timer(self) -> None:
        """Wake up for the dialogue's next deadline."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (deadline := self.dialogue.deadline) is not None and not self._is_closed:
            self._timer = self._loop.call_at(deadline, self._expire)

    def _expire(self) -> None:
        """Let the dialogue act on its deadline."""
        self.dialogue.expire(self.now)
        self.settle()
