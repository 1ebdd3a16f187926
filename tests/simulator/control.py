"""Control over HTTP for other processes, the same as the methods of `Simulator`; JSON in and out.

    GET  /_sim/state                  {"url", "requests": [...], "violations": [...], "models": [...], "scripted": n,
                                       "dialects": {name: value}, "files": [...], "uploads": [...]}: files that are
                                       kept, and all there ever were
    POST /_sim/script                 {"replies": [reply, ...]}; the form of a reply is told in `script.py`
    POST /_sim/fault                  {"name", "times"?: n or null, "path"?, "retry_after"?}
    POST /_sim/clear_faults           {}
    POST /_sim/dialect                {"name", "value"?} or {"profile": "hostile"}; `--list-dialects` tells them all
    POST /_sim/revoke, /_sim/restore  {"key"}
    POST /_sim/set_key                {"key", "blocked"?, "disabled"?, "team_blocked"?, "acls"?, "name"?}
    POST /_sim/models                 {"ids": [...]} or {"remove": id}
    POST /_sim/pace                   {"first_delta_s"?, "tokens_per_s"?}
    POST /_sim/voice_pace             any fields of `VoicePace` (realtime/pace.py)
    POST /_sim/keep_pictures          {"seconds"}: how long the addresses of pictures lead somewhere
    POST /_sim/drop_sessions          {}: cuts all realtime sockets
    GET  /_sim/sessions               [session, ...]; its form is told in `realtime/record.py`
    GET  /_sim/sessions/{id}/audio    ?response=<id> or ?input=1: raw PCM, its rate in the header `x-audio-rate`
    POST /_sim/listening              {"paused_s": seconds}: refuses connections for so long, then listens again
    POST /_sim/reset                  {}

Every POST answers `{"ok": true}`, or 400 with `{"error"}` where the order makes no sense.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from aiohttp import web

from .jsontypes import Json, JsonObject
from .script import Scripted, reply_from_json
from .state import State

_PREFIX: Final = "/_sim"


class Controlled(Protocol):
    """What the control needs of a simulator."""

    state: State

    @property
    def url(self) -> str:
        """The base URL of the API."""

    def script(self, *replies: Scripted) -> None:
        """Queue replies."""

    def fault(
        self, name: str, times: int | None = 1, path: str | None = None, retry_after: float | str | None = None
    ) -> None:
        """Order a fault."""

    def clear_faults(self) -> None:
        """Clear the faults."""

    def revoke(self, key: str) -> None:
        """Make a key wrong."""

    def restore(self, key: str) -> None:
        """Make a key good again."""

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
        """Change facts of a key."""

    def set_models(self, ids: list[str]) -> None:
        """Offer exactly these models."""

    def remove_model(self, model: str) -> None:
        """Retire a model."""

    def pace(self, *, first_delta_s: float | None = None, tokens_per_s: float | None = None) -> None:
        """Set the pace."""

    def voice_pace(self, **named: Json) -> None:
        """Set times of the voice."""

    def keep_pictures(self, seconds: float) -> None:
        """Set how long addresses last."""

    def drop_sessions(self) -> None:
        """Cut all realtime sockets."""

    def reset(self) -> None:
        """Forget everything."""

    async def pause_listening(self) -> None:
        """Refuse connections."""

    async def resume_listening(self) -> None:
        """Accept connections again."""


class Control:
    """The paths under `/_sim`."""

    def __init__(self, simulator: Controlled) -> None:
        """Control one simulator."""
        self._simulator = simulator
        self._pauses: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """Give the paths that are answered here."""
        simulator = self._simulator
        orders: dict[str, Callable[[JsonObject], None]] = {
            "script": self._script,
            "fault": lambda order: simulator.fault(**order),
            "clear_faults": lambda _: simulator.clear_faults(),
            "dialect": self._dialect,
            "revoke": lambda order: simulator.revoke(order["key"]),
            "restore": lambda order: simulator.restore(order["key"]),
            "set_key": lambda order: simulator.set_key(**order),
            "models": self._models,
            "pace": lambda order: simulator.pace(**order),
            "voice_pace": lambda order: simulator.voice_pace(**order),
            "keep_pictures": lambda order: simulator.keep_pictures(order["seconds"]),
            "drop_sessions": lambda _: simulator.drop_sessions(),
            "listening": self._pause,
            "reset": lambda _: simulator.reset(),
        }
        posts = [web.post(f"{_PREFIX}/{name}", _obeying(act)) for name, act in orders.items()]
        gets = [
            web.get(f"{_PREFIX}/state", self._state),
            web.get(f"{_PREFIX}/sessions", self._sessions),
            web.get(f"{_PREFIX}/sessions/{{id}}/audio", self._audio),
        ]
        return [*gets, *posts]

    async def _state(self, _: web.Request) -> web.Response:
        """Tell what has happened so far."""
        state = self._simulator.state
        return web.json_response(
            {
                "url": self._simulator.url,
                "requests": [request.facts for request in state.traffic.requests],
                "violations": state.traffic.violations,
                "models": [model.id for model in state.catalogue.models],
                "scripted": len(state.script),
                "dialects": state.dialects.facts,
                "files": [file.facts for file in state.files.kept],
                "uploads": [file.facts for file in state.files.uploads],
            }
        )

    async def _sessions(self, _: web.Request) -> web.Response:
        """Tell of all realtime sessions, without their audio."""
        return web.json_response([session.facts for session in self._simulator.state.sessions])

    async def _audio(self, request: web.Request) -> web.Response:
        """Give the audio of one answer, or all that came in."""
        wanted = [item for item in self._simulator.state.sessions if item.id == request.match_info["id"]]
        if wanted and "input" in request.query:
            return web.Response(body=bytes(wanted[0].audio_in))
        answers = [answer for item in wanted for answer in item.responses if answer.id == request.query.get("response")]
        if not answers:
            raise web.HTTPNotFound
        return web.Response(body=bytes(answers[0].audio), headers={"x-audio-rate": str(answers[0].audio_rate)})

    def _script(self, order: JsonObject) -> None:
        """Queue replies given as JSON."""
        self._simulator.script(*[reply_from_json(reply) for reply in order["replies"]])

    def _dialect(self, order: JsonObject) -> None:
        """Differ in one point, or in all of a profile."""
        if "profile" in order:
            self._simulator.state.dialects.choose_profile(order["profile"])
        else:
            self._simulator.state.dialects.choose(order["name"], order.get("value"))

    def _models(self, order: JsonObject) -> None:
        """Offer other models."""
        if "remove" in order:
            self._simulator.remove_model(order["remove"])
        else:
            self._simulator.set_models(order["ids"])

    def _pause(self, order: JsonObject) -> None:
        """Refuse connections for a while."""
        task = asyncio.create_task(self._refuse_for(float(order["paused_s"])))
        self._pauses.add(task)
        task.add_done_callback(self._pauses.discard)

    async def _refuse_for(self, seconds: float) -> None:
        """Refuse connections, wait, accept them again."""
        await self._simulator.pause_listening()
        await asyncio.sleep(seconds)
        await self._simulator.resume_listening()


def _obeying(act: Callable[[JsonObject], None]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Give a handler that carries out one kind of order."""

    async def handle(request: web.Request) -> web.Response:
        """Carry out the order in the body."""
        try:
            act(await request.json())
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({"ok": True})

    return handle
