"""The line to Grok of one conversation: a socket that is opened when somebody speaks and kept for what follows."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
import logging
from typing import Final

from websockets.asyncio.client import ClientConnection

from ..core.errors import GrokConnectionError, GrokError, GrokServerError, GrokTimeoutError
from ..core.redaction import NO_KEY
from .client_events import (
    AppendAudio,
    CancelResponse,
    CreateFunctionOutput,
    CreateMessage,
    CreateResponse,
    DeleteItem,
    ForceMessage,
    TruncateItem,
    UpdateSession,
)
from .config import SessionConfig, silence
from .connection import Connection
from .exchange import USUAL, Exchange, TurnDeadlines
from .responses import Response
from .session_pool import Place, SessionPool
from .socket_history import Configs, SocketHistory
from .turn import Turn, TurnState
from .use import UseMeter

_LOGGER = logging.getLogger(__name__)

BACKOFF_S: Final = (2.0, 4.0, 6.0)
"""Waits before the tries that follow the first one, while the user still speaks."""
READY_S: Final = 2.0
"""From the end of the audio until the session has to be ready; then the turn goes on without it."""
PLACE_S: Final = 3.0
MAX_AGE_S: Final = 25 * 60.0
"""Sessions are renewed between turns before the shortest maximum that was ever published (30 minutes)."""
LAST_S: Final = 2.0
"""A socket is kept so long after a goodbye: the answer may still be on its way to a player."""
MAX_REDIALS: Final = 2
"""Times that one turn gets another socket for one that was lost while somebody spoke."""
PIECE_BYTES: Final = 16_000
"""What was heard before a socket stood is sent in pieces of half a second: no limit of a frame is as low."""

type Dialer = Callable[[], Awaitable[ClientConnection]]


class SpokenConversation:
    """One conversation's line; it carries one turn at a time."""

    def __init__(
        self,
        dial: Dialer,
        session_pool: SessionPool,
        *,
        keep_open_s: float,
        silence_ms: int,
        deadlines: TurnDeadlines = USUAL,
    ) -> None:
        """Start without a socket."""
        self.turn: Turn | None = None
        self.connection: Connection | None = None
        self.history = SocketHistory()
        self.former_ends_at = 0.0
        """When the answer before was heard to its end."""
        self.is_fresh = False
        """The socket was opened for the turn under way, and told the whole history."""
        self.interruption: str | None = None
        """What of the last answer was heard, where the user cut it short; empty: nothing."""
        self.on_model: Callable[[str], None] = lambda _: None
        self.on_closed: Callable[[], None] = lambda: None
        self.use = UseMeter()
        self.redact = NO_KEY
        self._dial = dial
        self._session_pool = session_pool
        self._keep_open_s = keep_open_s
        self._exchange = partial(Exchange, deadlines=deadlines)
        self._silence = silence(silence_ms)
        self._configs: Configs | None = None
        self._loop = asyncio.get_running_loop()
        self._dialling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._place = Place(session_pool)
        self._redials = 0
        """Sockets that were opened anew under the turn under way."""
        self._spent: GrokError | None = None
        """Why nothing more may be spent: the socket closes with the answer under way."""

    # --- what the agent's owner does ---

    @property
    def is_idle(self) -> bool:
        """Whether no turn is under way."""
        return self.turn is None or self.turn.state in (TurnState.DONE, TurnState.DEAD)

    @property
    def knows_history(self) -> bool:
        """Whether a socket is open that carried the turns before."""
        return self.connection is not None and self.connection.is_open

    def begin(
        self, conversation_id: str, *, waits_for_end: bool, may_search: bool, refusal: GrokError | None = None
    ) -> Turn:
        """Begin a turn; one that still runs is cut short. With a refusal it is only heard, and no session is used."""
        self._end_former()
        self._stop_timer()
        self.is_fresh = False
        now = self._loop.time()
        connection = self.connection
        if connection is not None and (not connection.is_open or now - connection.opened_at > MAX_AGE_S):
            self._drop(connection)
        exchange = self._exchange(now=now, waits_for_end=waits_for_end, may_search=may_search)
        turn = self.turn = Turn(self, exchange, conversation_id=conversation_id)
        turn.may_search, turn.waits_for_end = may_search, waits_for_end
        self._configs = None
        self._redials, self._spent = 0, None
        self._session_pool.wake(self)
        if refusal is not None:
            self._dialling = None
            self._fail(turn, refusal)
            return turn
        if self.connection is not None:
            self.connection.session.begin(exchange)
        self._dialling = self._loop.create_task(self._connect(turn), name="grok_assist realtime dialler")
        return turn

    def configure(self, turn: Turn, configs: Configs) -> None:
        """Say what the session has to be for a turn."""
        if turn is not self.turn:
            return
        self._configs = configs
        if self.connection is not None:
            self._apply(self.connection)

    def spend_no_more(self, error: GrokError) -> None:
        """Take note that the budget is spent: an answer under way is finished, nothing else goes on."""
        turn = self.turn
        if turn is not None and turn.state is TurnState.LISTENING and turn.exchange.answers.live is None:
            self._stop_dialling()
            self._fail(turn, error)
            if self.connection is not None:
                self._drop(self.connection)
        elif self.is_idle:
            self._end(self.close())
        self._spent = error

    async def close(self) -> None:
        """End everything."""
        if self.turn is not None:
            self.turn.kill()
        if self._dialling is not None:
            self._dialling.cancel()
        if self.connection is not None:
            self._drop(self.connection)
        self._place.free()
        # A turn that was ended just now has asked for a rest before the next one: there is none.
        self._stop_timer()
        self._session_pool.wake(self)
        current = asyncio.current_task()
        ending = [task for task in (*self._closing, self._dialling) if task is not None and task is not current]
        # Before the wait: a turn that begins meanwhile gets a line of its own.
        self.on_closed()
        await asyncio.gather(*ending, return_exceptions=True)

    # --- what the turn does ---

    def send_audio(self, turn: Turn, pcm: bytes) -> None:
        """Send microphone sound; while there is no socket the turn's own record serves."""
        if (connection := self._of(turn)) is not None:
            connection.session.send(AppendAudio(pcm), self._loop.time())
            connection.settle()

    def end_audio(self, turn: Turn) -> None:
        """Close the microphone: where the server still waits for silence, it is given all of it at once."""
        if turn is not self.turn:
            return
        connection = self._of(turn)
        if connection is None and (self._dialling is None or self._dialling.done()):
            self._fail(turn, GrokConnectionError("there is no session"))
            return
        if connection is not None:
            self._end_on(connection, turn)
        if connection is None or not connection.session.is_ready:
            self._stop_timer()
            self._timer = self._loop.call_later(READY_S, self._give_up, turn)

    def send_results(self, turn: Turn, results: Mapping[str, str], *, asks: bool) -> None:
        """Send the results of calls, and ask for more if that is wanted."""
        if (connection := self._of(turn)) is not None:
            now = self._loop.time()
            for call_id, output in results.items():
                connection.session.send(CreateFunctionOutput(call_id, output), now)
            if asks:
                connection.session.send(CreateResponse(), now)
                turn.exchange.await_answer(now)
            connection.settle()

    def say_exactly(self, turn: Turn, text: str) -> None:
        """Have a text spoken word by word."""
        if (connection := self._of(turn)) is not None:
            turn.exchange.has_rival = False  # what comes next is what we say
            connection.session.send(ForceMessage(text), self._loop.time())
            turn.exchange.await_answer(self._loop.time())
            connection.settle()

    def ask_again(self, turn: Turn, config: SessionConfig, text: str) -> None:
        """Forget what was heard and answered in this turn, and ask with the words as text."""
        if (connection := self._restart(turn)) is not None:
            for event in (UpdateSession(config), CreateMessage(text), CreateResponse()):
                connection.session.send(event, self._loop.time())
            connection.settle()

    def answer_exactly(self, turn: Turn, text: str) -> None:
        """Forget what was heard and answered in this turn, and have a text spoken word by word."""
        if (connection := self._restart(turn)) is None:
            return
        if turn.exchange.has_rival:
            # What the service still begins by itself could not be told from what it is to say.
            self._fail(turn, GrokConnectionError("the session has not begun to answer"))
            self._drop(connection)
            return
        connection.session.send(ForceMessage(text), self._loop.time())
        turn.exchange.await_answer(self._loop.time())
        connection.settle()

    def _restart(self, turn: Turn) -> Connection | None:
        """Forget what was heard and answered in a turn, so that it can be answered otherwise."""
        connection = self._of(turn)
        if connection is None:
            self._fail(turn, GrokConnectionError("there is no session"))
            return None
        session, former, now = connection.session, turn.exchange, self._loop.time()
        live = former.close("the answer did not fit")
        if live is not None and not live.is_over:
            session.send(CancelResponse(live.response_id), now)
        session.release(former)
        for item_id in (*former.user_speech.item_ids, *former.answers.item_ids):
            session.send(DeleteItem(item_id), now)
        turn.exchange = self._exchange(now=now, is_text=True, may_search=turn.may_search, has_rival=live is None)
        session.begin(turn.exchange)
        return connection

    def finished(self, turn: Turn) -> None:
        """Keep the socket for a follow-up, for a while after the answer was heard."""
        turn.exchange.is_over = True
        self._place.free()
        self.use.tell()
        if self._spent is not None:
            self._end(self.close())
            return
        if self.knows_history:
            self._session_pool.rest(self, self.close)
        self._rest(turn)

    def killed(self, turn: Turn, answer: Response | None, *, was_listening: bool) -> None:
        """Stop what the server does for a turn that was ended early."""
        self._stop_dialling()
        self._place.free()
        self.history.was_cut = turn.was_claimed
        connection = self._of(turn)
        if turn is self.turn:
            # Without a socket, too: a conversation that is not continued is forgotten.
            self._rest(turn)
        if connection is None:
            return
        session, now = connection.session, self._loop.time()
        if was_listening:
            # Half a sentence lies in the server's buffer, and whether clearing it ends its turn nobody documents.
            self._drop(connection)
            return
        if answer is not None and not answer.is_over:
            session.send(CancelResponse(answer.response_id), now)
        if turn.was_claimed and answer is not None and answer.sounding_item:
            session.send(TruncateItem(answer.sounding_item, int(turn.heard_of(answer) * 1000)), now)
        elif not turn.was_claimed:
            for item_id in (*turn.exchange.user_speech.item_ids, *turn.exchange.answers.item_ids):
                session.send(DeleteItem(item_id), now)
        session.release(turn.exchange)
        connection.settle()
        self._session_pool.rest(self, self.close)

    # --- inside ---

    def _stop_dialling(self) -> None:
        """Want no socket any more."""
        if self._dialling is not None and not self._dialling.done() and self._dialling is not asyncio.current_task():
            self._dialling.cancel()

    def _of(self, turn: Turn) -> Connection | None:
        """Return the open socket if the turn is the one it carries."""
        if turn is not self.turn or self.connection is None or not self.connection.is_open:
            return None
        return self.connection

    def _end_former(self) -> None:
        """Cut short the turn before, and note what of its answer was heard."""
        self.interruption = None
        self.former_ends_at = 0.0
        if (former := self.turn) is None:
            return
        if former.state is not TurnState.DEAD or former.was_claimed:
            self.interruption = former.heard_text if former.was_claimed else None
        self.former_ends_at = former.line.ends_at()
        former.kill()
        if self._dialling is not None:
            self._dialling.cancel()

    async def _connect(self, turn: Turn, *, after_s: float = 0.0) -> None:
        """Get a place and a socket, with pauses between the tries, while the user speaks."""
        error: GrokError = GrokConnectionError("there is no session")
        await asyncio.sleep(after_s)
        try:
            await self._place.take(PLACE_S)
            if self.connection is not None:
                return
            for wait_s in (0.0, *BACKOFF_S):
                if wait_s:
                    await asyncio.sleep(wait_s)
                if turn is not self.turn or turn.state is not TurnState.LISTENING or (wait_s and turn.has_ended):
                    break
                try:
                    await self._session_pool.make_room()
                    await self._open(turn)
                except (GrokConnectionError, GrokServerError) as failure:
                    error = failure
                    _LOGGER.debug("No realtime session: %s %s", type(error).__name__, error.detail)
                else:
                    return
        except GrokError as failure:
            error = failure
        self._fail(turn, error)

    async def _open(self, turn: Turn) -> None:
        """Dial; a turn that ended meanwhile wants no socket any more.

        Raises:
            GrokError: no connection, or refused.
        """
        socket = await self._dial()
        if turn is self.turn and turn.state is TurnState.LISTENING:
            self._opened(turn, socket)
        else:
            await socket.close()

    def _opened(self, turn: Turn, socket: ClientConnection) -> None:
        """Put the turn on a new socket: its configuration, and all that was said until now."""
        connection = self.connection = Connection(socket, self._changed, redact=self.redact)
        self.use.watch(connection)
        self.is_fresh = True
        if turn.exchange.is_over:
            turn.exchange = self._exchange(
                now=self._loop.time(), waits_for_end=turn.waits_for_end, may_search=turn.may_search
            )
        session, now = connection.session, self._loop.time()
        session.begin(turn.exchange)
        self._apply(connection)
        for start in range(0, len(turn.kept), PIECE_BYTES):
            session.send(AppendAudio(bytes(turn.kept[start : start + PIECE_BYTES])), now)
        if turn.has_ended:
            self._end_on(connection, turn)
        connection.settle()

    def _apply(self, connection: Connection) -> None:
        """Ask a session for what the turn wants."""
        if self._configs is None:
            return
        if self.is_fresh:
            self.history.begin(self._configs)
        config = self._configs.fresh if self.is_fresh else self._configs.kept
        connection.session.send(UpdateSession(config), self._loop.time())
        connection.settle()

    def _end_on(self, connection: Connection, turn: Turn) -> None:
        """Close the microphone on a socket."""
        if turn.exchange.is_speaking:
            connection.session.send(AppendAudio(self._silence), self._loop.time())
        turn.exchange.end_audio(self._loop.time())
        connection.settle()

    def _changed(self, connection: Connection) -> None:
        """Pass on what happened on the socket, and mend what can be mended."""
        if connection is not self.connection:
            return
        self.use.tell_more()
        turn = self.turn
        if connection.session.model:
            self.on_model(connection.session.model)
        if not connection.is_open:
            error = connection.session.error
            self._drop(connection)
            if turn is not None and self._may_redial(turn, error):
                self._redials += 1
                _LOGGER.debug("The realtime session was lost while somebody spoke: %s", error)
                self._dialling = self._loop.create_task(
                    self._connect(turn, after_s=BACKOFF_S[0]), name="grok_assist realtime dialler"
                )
                return
        if turn is not None:
            for signal in turn.exchange.take_signals():
                turn.on_signal(signal)
        if self._spent is not None and turn is not None and turn.state is TurnState.LISTENING:
            self.spend_no_more(self._spent)  # its answer has come to nothing

    def _may_redial(self, turn: Turn, error: GrokError | None) -> bool:
        """Whether a turn gets another socket for one that was lost; its last seconds may have spent the budget."""
        may_mend = isinstance(error, GrokConnectionError) and not isinstance(error, GrokTimeoutError)
        is_heard = turn.state is TurnState.LISTENING and not turn.has_ended
        return is_heard and may_mend and self._redials < MAX_REDIALS and self._spent is None

    def _give_up(self, turn: Turn) -> None:
        """Let a turn go on without a session that is not ready in time."""
        connection = self.connection
        if turn is self.turn and turn.state is TurnState.LISTENING and not (connection and connection.session.is_ready):
            self._stop_dialling()
            self._fail(turn, GrokTimeoutError(READY_S, "the session was not ready"))
            if connection is not None:
                self._drop(connection)

    def _fail(self, turn: Turn, error: GrokError) -> None:
        """Let a turn know that it has no session."""
        if turn is not self.turn:
            return
        turn.exchange.fail(error)
        for signal in turn.exchange.take_signals():
            turn.on_signal(signal)

    def _drop(self, connection: Connection) -> None:
        """Close a socket in the background."""
        if connection is self.connection:
            self.use.stop()
            self.connection = None
        self._end(connection.close())

    def _rest(self, turn: Turn) -> None:
        """Wait for a follow-up, then close."""
        self._stop_timer()
        played_in_s = max(0.0, turn.line.ends_at() - self._loop.time()) if turn.state is TurnState.DONE else 0.0
        keep_open_s = LAST_S if turn.is_last else self._keep_open_s
        self._timer = self._loop.call_later(played_in_s + keep_open_s, self._expire, turn)

    def _expire(self, turn: Turn) -> None:
        """Close the socket if nobody has spoken again."""
        if turn is self.turn and turn.state is TurnState.DONE and turn.line.ends_at() > self._loop.time():
            self._rest(turn)
        elif turn is self.turn:
            self._end(self.close())

    def _end(self, closing: Coroutine[None, None, None]) -> None:
        """Close something without anybody waiting for it."""
        task = self._loop.create_task(closing, name="grok_assist realtime closer")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _stop_timer(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
