"""A signed-in client of Home Assistant's REST API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
import time
from typing import Any, Final, Self

import aiohttp

from .errors import RestError
from .flows import Flow, FlowKind
from .sign_in import PASSWORD, USER, Door, Tokens
from .waiting import wait_until
from .websocket import HomeAssistantSocket

READY_DEADLINE_S: Final = 60
REQUEST_TIMEOUT: Final = aiohttp.ClientTimeout(total=60)

type Json = dict[str, Any]


class HomeAssistantClient:
    """REST calls with a token that is renewed in time; opens websockets and flows."""

    def __init__(self, session: aiohttp.ClientSession, url: str, tokens: Tokens) -> None:
        """Speak for the owner of these tokens; `open` signs in."""
        self.url = url
        self._session = session
        self._door = Door(session, url)
        self._tokens = tokens

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, user: str = USER, password: str = PASSWORD) -> AsyncIterator[Self]:
        """Onboard or log in, and wait until Home Assistant runs."""
        async with aiohttp.ClientSession(timeout=REQUEST_TIMEOUT) as session:
            client = cls(session, url, await Door(session, url, user=user, password=password).enter())
            await wait_until(client._runs, "Home Assistant runs", deadline_s=READY_DEADLINE_S)
            yield client

    async def access_token(self) -> str:
        """Return a token that is good for at least another minute."""
        if time.monotonic() > self._tokens.expires_at:
            self._tokens = await self._door.renew(self._tokens)
        return self._tokens.access

    # JSON enters here: what it holds is known to the callers.
    async def rest(self, method: str, path: str, json: Json | list[Any] | None = None) -> Any:
        """Return the JSON answer of an endpoint, its text where it is no JSON.

        Raises:
            RestError: the status is 400 or more.
        """
        headers = {"Authorization": f"Bearer {await self.access_token()}"}
        async with self._session.request(method, f"{self.url}{path}", headers=headers, json=json) as response:
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise RestError(method=method, path=path, status=response.status, body=await response.text())
            if response.content_type == "application/json":
                return await response.json()
            return await response.text()

    async def download(self, path: str) -> bytes:
        """Fetch a file from an address that is signed, as a browser does.

        Raises:
            aiohttp.ClientResponseError: it is not there.
        """
        async with self._session.get(f"{self.url}{path}", raise_for_status=True) as response:
            return await response.read()

    @asynccontextmanager
    async def websocket(self) -> AsyncIterator[HomeAssistantSocket]:
        """Open an authenticated websocket that is closed on exit."""
        address = f"{self.url.replace('http', 'ws', 1)}/api/websocket"
        token = await self.access_token()
        async with (
            self._session.ws_connect(address, max_msg_size=0) as connection,
            HomeAssistantSocket(connection, token) as socket,
        ):
            yield socket

    async def states(self) -> dict[str, Json]:
        """Return all states by entity id."""
        return {state["entity_id"]: state for state in await self.rest("GET", "/api/states")}

    async def state(self, entity_id: str) -> str:
        """Return the state of one entity."""
        return str((await self.rest("GET", f"/api/states/{entity_id}"))["state"])

    async def wait_for_state(self, entity_id: str, state: str, *, deadline_s: float = 10) -> None:
        """Return when the entity has the state."""

        async def reached() -> bool:
            return await self.state(entity_id) == state

        await wait_until(reached, f"{entity_id} is {state}", deadline_s=deadline_s)

    async def call_service(self, domain: str, service: str, *, response: bool = False, **data: Any) -> Any:
        """Call a service; the changed states, or the service's own response."""
        query = "?return_response" if response else ""
        answer = await self.rest("POST", f"/api/services/{domain}/{service}{query}", data)
        return answer["service_response"] if response else answer

    async def flow(self, handler: str | list[str], kind: FlowKind = FlowKind.CONFIG, **context: str) -> Flow:
        """Begin a flow: of a domain, of an entry's options, or of `[entry id, subentry type]`."""
        return await Flow.begin(self.rest, kind, {"handler": handler, **context})

    async def resume_flow(self, flow_id: str, kind: FlowKind = FlowKind.CONFIG) -> Flow:
        """Take up a flow that Home Assistant began itself (re-authentication)."""
        return await Flow.resume(self.rest, kind, flow_id)

    async def entries(self, domain: str) -> list[Json]:
        """List the config entries of a domain."""
        entries: list[Json] = await self.rest("GET", f"/api/config/config_entries/entry?domain={domain}")
        return entries

    async def add_integration(self, domain: str) -> None:
        """Set up an integration whose flow asks nothing, unless it is there."""
        if await self.entries(domain):
            return
        flow = await self.flow(domain)
        if flow.step.kind == "form":
            await flow.submit({})

    async def remove_entry(self, entry_id: str) -> None:
        """Remove a config entry."""
        await self.rest("DELETE", f"/api/config/config_entries/entry/{entry_id}")

    async def reload_entry(self, entry_id: str) -> None:
        """Unload a config entry and set it up again."""
        await self.rest("POST", f"/api/config/config_entries/entry/{entry_id}/reload")

    async def diagnostics(self, entry_id: str) -> Json:
        """Download the diagnostics of a config entry as a user does."""
        answer: Json = await self.rest("GET", f"/api/diagnostics/config_entry/{entry_id}")
        return answer

    async def fix_issue(self, domain: str, issue_id: str) -> Flow:
        """Begin the flow that repairs an issue."""
        return await Flow.begin(self.rest, FlowKind.REPAIR, {"handler": domain, "issue_id": issue_id})

    async def _runs(self) -> bool:
        """Whether Home Assistant has started everything."""
        return bool((await self.rest("GET", "/api/config"))["state"] == "RUNNING")
