"""One spoken conversation: binds a turn to a socket that is opened when somebody speaks and kept for what follows."""

import asyncio
from collections.abc import Callable
from functools import partial
import logging

from websockets.asyncio.client import ClientConnection

from ..core.errors import GrokConnectionError, GrokError, GrokTimeoutError
from ..core.redaction import NO_KEY, Redactor
from .client_events import AppendAudio, UpdateSession
from .connection import Connection
from .dialler import USUAL, Dial, Dialler, DialPolicy
from .input_audio import InputAudio
from .playback import Player
from .session_pool import SessionPool
from .socket_history import Configs, SocketHistory
from .traits import ServiceTraits
from .turn import Turn
from .turn_news import CloseSocket
from .turn_state import TurnState
from .usage_meter import UsageMeter

_LOGGER = logging.getLogger(__name__)


class SpokenConversation:
    """One conversation's socket; it carries one turn at a time."""

    def __init__(
        self,
        dial: Dial,
        session_pool: SessionPool,
        *,
        keep_open_s: float,
        policy: DialPolicy = USUAL,
        redact: Redactor = NO_KEY,
        traits: ServiceTraits | None = None,
    ) -> None:
        """Start without a socket; what is learnt of the service may be shared with others."""
        self.traits = ServiceTraits() if traits is None else traits
        self.turn: Turn | None = None
        self.connection: Connection | None = None
        self.history = SocketHistory()
        self.usage = UsageMeter()
        self.former_ends_at = 0.0
        """When the answer before was heard to its end."""
        self.is_last = False
        """The user has said goodbye: nothing will follow."""
        self.on_model: Callable[[str], None] = lambda _: None
        self.on_closed: Callable[[], None] = lambda: None
        self._session_pool = session_pool
        self._keep_open_s = keep_open_s
        self._policy = policy
        self._redact = redact
        self._loop = asyncio.get_running_loop()
        self._dialler = Dialler(dial, session_pool, policy=policy, on_open=self._opened, on_failed=self._fail)
        self._input = InputAudio()
        self._player: Player | None = None
        self._on_news: Callable[[], None] = lambda: None
        self._configs: Configs | None = None
        self._timer: asyncio.TimerHandle | None = None
        """Of the turn under way."""
        self._rest_timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        """Of sockets."""
        self._ending: asyncio.Task[None] | None = None
        """Of the conversation, by itself."""
        self._called: set[str] = set()
        """Calls that were told: another turn runs none of them again."""
        self._redials = 0
        """Sockets that were opened anew under the turn under way."""
        self._is_released = True
        """The turn under way needs its session no more."""
        self._spent: GrokError | None = None
        """Why nothing more may be spent: the socket closes with the answer under way."""

    # --- what its owner does ---

    @property
    def now(self) -> float:
        """The clock of turns and sessions."""
        return self._loop.time()

    @property
    def is_idle(self) -> bool:
        """Whether no turn under way needs a session."""
        return self.turn is None or not self.turn.needs_session

    @property
    def knows_history(self) -> bool:
        """Whether a socket is open that carried the turns before."""
        return self.connection is not None and self.connection.is_open

    def begin(
        self,
        turn: Turn,
        *,
        input_audio: InputAudio,
        player: Player,
        on_news: Callable[[], None],
        refusal: GrokError | None = None,
    ) -> None:
        """Carry a turn; one that still runs is cut short. With a refusal it is only heard, and no session is used.

        Args:
            turn: that begins now.
            input_audio: of its microphone.
            player: of its sound.
            on_news: called when the turn has news.
            refusal: why no session may be used.
        """
        self._end_former()
        self._stop_resting()
        connection = self.connection
        if connection is not None and (
            not connection.is_open or self.now - connection.opened_at > self._policy.max_age_s
        ):
            self._drop(connection)
        self.turn, self._input, self._player, self._on_news = turn, input_audio, player, on_news
        turn.note_calls(self._called)
        self.history.is_fresh = self.is_last = self._is_released = False
        self._configs = self._spent = None
        self._redials = 0
        self._session_pool.mark_busy(self)
        if refusal is not None:
            self._fail(refusal)
            return
        if self.connection is not None:
            self._listen(self.connection, turn)
        self._dialler.start(partial(self._wants_socket, turn), has_socket=self.connection is not None)
        self._set_timer()

    def configure(self, turn: Turn, configs: Configs) -> None:
        """Say what the session has to be for a turn."""
        if turn is not self.turn:
            return
        self._configs = configs
        if self.connection is not None:
            self._apply(self.connection, configs)
            self.connection.flush()

    def feed(self, turn: Turn, pcm: bytes) -> None:
        """Take sound of the microphone; while there is no socket its record serves."""
        if not turn.state.is_listening or turn is not self.turn:
            return
        if (frame := self._input.feed(pcm)) and turn.needs_session:
            self._append(frame)

    def end_input(self, turn: Turn) -> None:
        """Take note that the microphone is closed."""
        if turn is not self.turn or turn.speech.has_ended or not turn.state.is_listening:
            return
        if (frame := self._input.rest()) and turn.needs_session:
            self._append(frame)
        turn.end_input(self.now)
        self.settle(turn)

    def settle(self, turn: Turn) -> None:
        """Say to the service what a turn wants said, tell its news, and wait for what is due; after every input."""
        if turn is not self.turn:
            return
        for action in turn.take_actions():
            if isinstance(action, CloseSocket):
                self._dialler.stop()
                if self.connection is not None:
                    self._drop(self.connection)
            elif self.knows_history and self.connection is not None:
                self.connection.session.send(action, self.now)
        if not turn.needs_session:
            self._release(turn)
        if self.connection is not None:
            self.connection.flush()
        self._set_timer()
        self._on_news()

    def spend_no_more(self, error: GrokError) -> None:
        """Take note that the budget is spent: an answer under way is finished, nothing else goes on."""
        turn = self.turn
        if turn is not None and turn.needs_session and turn.state.is_listening and turn.answer.live is None:
            self._dialler.stop()
            if self.connection is not None:
                self._drop(self.connection)
            self._fail(error)
        elif turn is None or turn.state.is_over:
            self._close_soon()
        self._spent = error

    async def close(self) -> None:
        """End everything."""
        self._kill_turn()
        self.turn = None
        dialling = self._dialler.stop()
        if self.connection is not None:
            self._drop(self.connection)
        self._dialler.place.free()
        # A turn that was ended just now has asked for a rest before the next one: there is none.
        self._stop_resting()
        self._session_pool.mark_busy(self)
        ending = [task for task in (*self._closing, dialling) if task is not None]
        # Before the wait: a turn that begins meanwhile gets a conversation of its own.
        self.on_closed()
        if ending:
            await asyncio.wait(ending)  # whoever waits may be cancelled; what closes a socket must not

    # --- the socket ---

    def _wants_socket(self, turn: Turn, is_again: bool) -> bool:  # noqa: FBT001  # asked by the dialler
        """Whether a turn still waits for a socket; a second try is only made while somebody speaks."""
        is_listening = turn is self.turn and turn.needs_session and turn.state is TurnState.LISTENING
        return is_listening and not (is_again and turn.speech.has_ended)

    def _opened(self, socket: ClientConnection) -> None:
        """Put the turn on a new socket: its configuration, and all that was said until now."""
        if (turn := self.turn) is None:
            return  # a socket is only dialled for a turn
        connection = self.connection = Connection(
            socket, self._changed, redact=self._redact, deadlines=self._policy.session, traits=self.traits
        )
        self.usage.watch(connection)
        self.history.is_fresh = True
        self._listen(connection, turn)
        for piece in self._input.replay():
            connection.session.send(AppendAudio(piece), self.now)
        if turn.speech.has_ended:
            turn.end_input(self.now)
        self.settle(turn)

    def _listen(self, connection: Connection, turn: Turn) -> None:
        """Let a turn have what a session tells."""
        session = connection.session
        session.on_event = turn.receive
        if session.is_ready:
            turn.session_ready()
        if self._configs is not None:
            self._apply(connection, self._configs)

    def _apply(self, connection: Connection, configs: Configs) -> None:
        """Ask a session for what the turn wants."""
        connection.session.send(UpdateSession(self.history.config_of(configs)), self.now)

    def _append(self, pcm: bytes) -> None:
        """Send microphone sound."""
        if self.connection is not None and self.connection.is_open:
            self.connection.session.send(AppendAudio(pcm), self.now)
            self.connection.flush()

    def _changed(self, connection: Connection) -> None:
        """Pass on what happened on the socket, and mend what can be mended."""
        if connection is not self.connection:
            return
        self.usage.tell_more()
        session, turn = connection.session, self.turn
        if session.model:
            self.on_model(session.model)
        if not connection.is_open:
            self._lost(connection)
        if turn is None:
            return
        if session.is_ready and connection.is_open:
            turn.session_ready()
        self.settle(turn)
        if self._spent is not None and turn.state is TurnState.LISTENING:
            self.spend_no_more(self._spent)  # its answer has come to nothing

    def _lost(self, connection: Connection) -> None:
        """Get another socket for one that was lost while somebody spoke; else the turn has none."""
        turn, error = self.turn, connection.session.error
        self._drop(connection)
        if turn is None:
            return
        may_mend = isinstance(error, GrokConnectionError) and not isinstance(error, GrokTimeoutError)
        # Its last seconds may have spent the budget.
        if (
            may_mend
            and self._spent is None
            and self._redials < self._policy.max_redials
            and self._wants_socket(turn, True)
        ):
            self._redials += 1
            _LOGGER.debug("The realtime session was lost while somebody spoke: %s", error)
            turn.restart(self.now)
            self._dialler.start(partial(self._wants_socket, turn), after_s=self._policy.backoff_s[0])
        else:
            turn.fail(error or GrokConnectionError("the session was closed"))

    def _drop(self, connection: Connection) -> None:
        """Close a socket in the background."""
        if connection is self.connection:
            self.usage.stop()
            self.connection = None
        task = self._loop.create_task(connection.close(), name="grok_assist realtime closer")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    # --- the turn ---

    def _end_former(self) -> None:
        """Cut short the turn before, and note what of its answer was heard."""
        self.history.interruption = None
        self.former_ends_at = 0.0
        if (former := self.turn) is None or self._player is None:
            return
        self.history.interruption = former.heard_before(self._player.position(self.now))
        self.former_ends_at = self._player.ends_at()
        self._kill_turn()
        self._dialler.stop()

    def _kill_turn(self) -> None:
        """End the turn under way."""
        if self.turn is not None and self._player is not None:
            self.turn.kill(at=self._player.position(self.now))
            self.settle(self.turn)

    def _fail(self, error: GrokError) -> None:
        """Let the turn under way know that it has no session."""
        if self.turn is not None:
            self.turn.fail(error)
            self.settle(self.turn)

    def _release(self, turn: Turn) -> None:
        """Keep the socket of a turn that needs it no more for a follow-up, for a while."""
        if not turn.state.is_listening and self._rest_timer is None:
            # Without a socket, too: a conversation that is not continued is forgotten.
            self._rest(turn)
        if self._is_released:
            return
        self._is_released = True
        self._called |= turn.answer.called
        self._dialler.stop()
        self._dialler.place.free()
        if turn.state is TurnState.DONE:
            self.usage.tell()
        else:
            self.history.was_cut = turn.was_attached
        if self._spent is not None and turn.state.is_over:
            self._close_soon()
        elif self.connection is not None and self.knows_history:
            self.connection.session.release(turn.ids)
            self._session_pool.mark_idle(self, self.close)

    def _set_timer(self) -> None:
        """Wake up for the turn's next deadline."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.turn is not None and (deadline := self.turn.deadline) is not None:
            self._timer = self._loop.call_at(deadline, self._expire, self.turn)

    def _expire(self, turn: Turn) -> None:
        """Let a turn act on its deadline."""
        if turn is self.turn:
            turn.expire(self.now)
            self.settle(turn)

    # --- rest ---

    def _rest(self, turn: Turn) -> None:
        """Wait for a follow-up, then close."""
        ends_at = self._player.ends_at() if turn.state is TurnState.DONE and self._player is not None else 0.0
        keep_open_s = self._policy.goodbye_s if self.is_last else self._keep_open_s
        rest_s = max(0.0, ends_at - self.now) + keep_open_s
        self._rest_timer = self._loop.call_later(rest_s, self._rested, turn)

    def _rested(self, turn: Turn) -> None:
        """Close the socket if nobody has spoken again."""
        self._rest_timer = None
        if turn is not self.turn:
            return
        if turn.state is TurnState.DONE and self._player is not None and self._player.ends_at() > self.now:
            self._rest(turn)
        else:
            self._close_soon()

    def _stop_resting(self) -> None:
        """Wait for a follow-up no longer."""
        if self._rest_timer is not None:
            self._rest_timer.cancel()
            self._rest_timer = None

    def _close_soon(self) -> None:
        """Close without anybody waiting for it, once; a turn that begins before is not ended by that."""
        if self._ending is None or self._ending.done():
            closing = self._close_unless_followed(self.turn)
            self._ending = self._loop.create_task(closing, name="grok_assist realtime closer")

    async def _close_unless_followed(self, turn: Turn | None) -> None:
        """Close, unless another turn has begun."""
        if self.turn is turn:
            await self.close()
