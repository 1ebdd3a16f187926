"""The simulator as a running server, and the control that tests have over it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Final, Self, override

from aiohttp import web

from .control import Control
from .exchange import frame
from .faults import Fault, FaultName
from .files.files import KeptFile
from .files.uploading import Files
from .images.gallery import Download
from .images.pictures import Pictures
from .jsontypes import Json, JsonObject
from .realtime.endpoint import Realtime
from .realtime.pace import Resume
from .realtime.record import RecordedSession
from .responses.account import Account
from .responses.responses import Responses
from .script import Scripted
from .speech.stt import SpeechToText
from .speech.tts import TextToSpeech
from .state import Pace, State
from .traffic import RecordedRequest

# Pictures of 20 MiB in base64, several in one request.
_MAX_BODY_BYTES: Final = 256 * 1024 * 1024
_HOST: Final = "127.0.0.1"
_NOTICE_S: Final = 0.02


class Simulator:
    """A stand-in for xAI's API on a local port."""

    def __init__(self, *, host: str = _HOST, port: int = 0) -> None:
        """Prepare a simulator; it listens when it is started or entered."""
        self.state = State()
        self._realtime = Realtime(self.state)
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    @classmethod
    async def start(cls, *, host: str = _HOST, port: int = 0) -> Self:
        """Make a simulator that listens already."""
        simulator = cls(host=host, port=port)
        await simulator.open()
        return simulator

    async def __aenter__(self) -> Self:
        """Listen while the block runs."""
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop when the block is left."""
        await self.stop()

    @override
    def __repr__(self) -> str:
        """Name the address, for test reports."""
        return f"<Simulator {self.url}>"

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return f"http://{self._host}:{self._port}/v1"

    @property
    def requests(self) -> list[RecordedRequest]:
        """All requests so far, in order of arrival."""
        return self.state.traffic.requests

    @property
    def violations(self) -> list[str]:
        """Everything that a client sent and the real API refuses, and our own slips."""
        return self.state.traffic.violations

    @property
    def sessions(self) -> list[RecordedSession]:
        """All sessions of the realtime voice, in the order of their opening."""
        return self.state.sessions

    @property
    def files(self) -> list[KeptFile]:
        """The uploaded files that are still kept, the oldest first."""
        return self.state.files.kept

    @property
    def uploads(self) -> list[KeptFile]:
        """Every file that was ever uploaded, kept or deleted, in order of arrival."""
        return list(self.state.files.uploads)

    @property
    def pictures(self) -> list[bytes]:
        """Every picture that was made, as the JPEG that it is."""
        return list(self.state.gallery.made)

    @property
    def downloads(self) -> list[Download]:
        """Every attempt to fetch a picture from its temporary address."""
        return list(self.state.gallery.downloads)

    def keep_pictures(self, seconds: float) -> None:
        """Set how long the addresses of the pictures to come lead somewhere; 60 seconds until it is set."""
        self.state.gallery.life_s = seconds

    @property
    def open_sessions(self) -> int:
        """How many realtime sockets are open."""
        return self._realtime.open_sessions

    def drop_sessions(self) -> None:
        """Cut all realtime sockets without a word."""
        self._realtime.drop_all()

    async def open(self) -> None:
        """Start to serve."""
        application = web.Application(middlewares=[frame(self.state)], client_max_size=_MAX_BODY_BYTES)
        application.add_routes([*Account(self.state).routes(), *Responses(self.state).routes()])
        application.add_routes([*Pictures(self.state).routes(), *Files(self.state).routes()])
        application.add_routes(self._realtime.routes())
        self._realtime.warm_up()
        application.add_routes([*TextToSpeech(self.state).routes(), *SpeechToText(self.state).routes()])
        application.add_routes(Control(self).routes())
        # Waiting handlers end when the client goes away, and at once when the simulator stops.
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await self.resume_listening()

    async def stop(self) -> None:
        """Close everything."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = self._site = None

    async def pause_listening(self) -> None:
        """Refuse connections from now on and close those that are open."""
        if self._site is None or self._runner is None or self._runner.server is None:
            return
        await self._site.stop()
        self._site = None
        for connection in self._runner.server.connections:
            connection.force_close()
            if connection.transport is not None:
                connection.transport.close()
        # Clients in this very process have to see the end of their kept connections first.
        await asyncio.sleep(_NOTICE_S)

    async def resume_listening(self) -> None:
        """Accept connections again on the same port."""
        if self._site is not None or self._runner is None:
            return
        self._site = web.TCPSite(self._runner, self._host, self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    def script(self, *replies: Scripted) -> None:
        """Queue replies for the next responses; when the queue is empty the brain answers."""
        self.state.script.extend(replies)

    def fault(
        self,
        name: FaultName | str,
        times: int | None = 1,
        path: str | None = None,
        retry_after: float | str | None = None,
    ) -> None:
        """Let the next requests fail: of one path, of all (`*`), or by default those that generate text."""
        self.state.faults.order(Fault(name=FaultName(name), retry_after=retry_after), times=times, path=path)

    def clear_faults(self) -> None:
        """Let nothing fail any more."""
        self.state.faults.clear()

    def revoke(self, key: str) -> None:
        """Make a key wrong."""
        self.state.keys.revoke(key)

    def restore(self, key: str) -> None:
        """Make a key good again."""
        self.state.keys.restore(key)

    def set_key(
        self,
        key: str,
        *,
        blocked: bool | None = None,
        disabled: bool | None = None,
        team_blocked: bool | None = None,
        acls: list[str] | None = None,
        name: str | None = None,
    ) -> None:
        """Change facts of a key; what is not named stays."""
        self.state.keys.change(key, blocked=blocked, disabled=disabled, team_blocked=team_blocked, acls=acls, name=name)

    def set_models(self, ids: list[str]) -> None:
        """Offer exactly these text models."""
        self.state.catalogue.offer(ids)

    def remove_model(self, model: str) -> None:
        """Retire a model, of texts or of pictures."""
        self.state.catalogue.remove(model)
        self.state.image_catalogue.remove(model)

    def bill(self, told: Callable[[JsonObject], JsonObject]) -> None:
        """Tell other figures of the usage of each response than the true ones."""
        self.state.bill = told

    def pace(self, *, first_delta_s: float | None = None, tokens_per_s: float | None = None) -> None:
        """Set how fast answers come; what is not named stays, zero means at once."""
        now = self.state.pace
        self.state.pace = Pace(
            first_delta_s=now.first_delta_s if first_delta_s is None else first_delta_s,
            tokens_per_s=now.tokens_per_s if tokens_per_s is None else tokens_per_s,
        )

    def voice_pace(self, **named: Json) -> None:
        """Set times of the voice, by the names of `VoicePace`; what is not named stays.

        Raises:
            TypeError: there is no such name.
            ValueError: there is no such way to resume.
        """
        if "resume" in named:
            named["resume"] = Resume(named["resume"])
        self.state.voice_pace = replace(self.state.voice_pace, **named)

    def dialect(self, name: str, value: str | None = None) -> None:
        """Let the service differ in one point: as told, or in the first way that is not the default.

        Raises:
            ValueError: there is no such dialect, or it has no such value.
        """
        self.state.dialects.choose(name, value)

    def hostile(self) -> None:
        """Let the service differ in all points at once in which it can and still be of use."""
        self.state.dialects.choose_profile("hostile")

    def reset(self) -> None:
        """Forget requests, sessions, violations, scripts, faults, dialects, changed keys and models; the paces stay."""
        self.state.reset()
