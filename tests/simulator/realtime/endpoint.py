"""The paths of the realtime voice: the socket, and the tokens for those who open it without a key."""

from contextlib import suppress
from typing import Final

from aiohttp import web

from ..errors import RefusalError
from ..exchange import FAULT, KEY, RECORD, json_reply, read_json
from ..speech.hearing import spoken, spoken_names
from ..state import State
from .accent import Accent
from .config import SessionConfig, offered_model
from .conversation import Conversation, new_id
from .mischief import Mischief
from .record import RecordedSession
from .room import Room
from .session import Session
from .wire import Wire

_MAX_FRAME_BYTES: Final = {"none": 16 * 1024 * 1024, "1MiB": 1024 * 1024, "64KiB": 64 * 1024}
_SPOKEN_RATE = 16_000


class Realtime:
    """The voice of the vendor."""

    def __init__(self, state: State) -> None:
        """Answer from the shared state."""
        self._state = state
        self._wires: set[Wire] = set()

    def routes(self) -> list[web.RouteDef]:
        """Give the paths that are answered here."""
        return [
            web.get("/v1/realtime", self._connect, allow_head=False),
            web.post("/v1/realtime/client_secrets", self._issue),
        ]

    @property
    def open_sessions(self) -> int:
        """How many sockets are open."""
        return sum(wire.is_open for wire in self._wires)

    def warm_up(self) -> None:
        """Hear something once: the ear reads its sentences at the first use, which no turn shall have to wait for."""
        name = spoken_names()[0]
        self._state.hearing.transcribe(spoken(name)[1], _SPOKEN_RATE)

    def drop_all(self) -> None:
        """Cut every line now."""
        for wire in self._wires:
            wire.kill()

    async def _issue(self, request: web.Request) -> web.Response:
        """Make a short-lived token."""
        request[KEY].require("endpoint", "realtime")
        order = await read_json(request) if request.body_exists else {}
        return json_reply(
            self._state, self._state.secrets.issue(request[KEY], order), definition="rt.client_secret.response"
        )

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one session."""
        request[KEY].require("endpoint", "realtime")
        dialects = self._state.dialects
        if self.open_sessions >= int(dialects["sessions_at_once"]):
            raise RefusalError(429, "Too many concurrent sessions for your team.")
        offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if name]
        longest = _MAX_FRAME_BYTES[dialects["frame_limit"]]
        socket = web.WebSocketResponse(protocols=offered, compress=False, max_msg_size=longest)
        if not socket.can_prepare(request):
            raise RefusalError(400, "Expected a WebSocket handshake.", is_violation=True)
        await socket.prepare(request)
        request[RECORD].reply_status = socket.status
        room = self._room(request, socket)
        self._state.sessions.append(room.record)
        self._wires.add(room.wire)
        try:
            with suppress(ConnectionError):
                await Session(room).serve(socket)
        finally:
            self._wires.discard(room.wire)
            if room.config.is_resumable:
                self._state.conversations[room.conversation.id] = room.conversation
        return socket

    def _room(self, request: web.Request, socket: web.WebSocketResponse) -> Room:
        """Set up a session."""
        fault = request[FAULT]
        mischief = Mischief(None if fault is None else fault.name)
        query = dict(request.query)
        dialects = self._state.dialects
        is_resolved = dialects["session_model"] == "resolved"
        config = SessionConfig(session_id=new_id(), model=offered_model(query.get("model"), is_resolved=is_resolved))
        if "reasoning.effort" in query:
            config = config.updated({"reasoning": {"effort": query["reasoning.effort"]}})
        record = RecordedSession(id=config.session_id, model=config.model, query=query, rule=dialects["voice_bill"])
        wire = Wire(
            socket,
            request.transport,
            traffic=self._state.traffic,
            record=record,
            mischief=mischief,
            accent=Accent(dialects),
        )
        return Room(
            state=self._state,
            request=request[RECORD],
            key=request[KEY],
            wire=wire,
            mischief=mischief,
            record=record,
            conversation=self._conversation(query.get("conversation_id", "")),
            config=config,
        )

    def _conversation(self, conversation_id: str) -> Conversation:
        """Give a conversation that is gone on with, or a new one."""
        kept = self._state.conversations.get(conversation_id)
        is_lost = self._state.dialects["resumption"] == "lost"
        return Conversation() if kept is None or is_lost else kept
