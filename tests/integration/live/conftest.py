"""A page that talks with a home."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from tests.harness.live import LivePage, SocketWire
from tests.simulator.server import Simulator

from ..guarded_home import GuardedHome

AGENT = "conversation.grok_voice"


@dataclass(slots=True)
class Door:
    """Opens live conversations as the card does."""

    http: TestClient[Any, Any]
    ask: Any
    """Home Assistant's websocket connection of the user."""
    pages: list[LivePage] = field(default_factory=list)

    async def command(self, kind: str, **fields: object) -> dict[str, Any]:
        """Send a websocket command; return the whole reply."""
        await self.ask.send_json_auto_id({"type": f"grok_assist/live/{kind}", **fields})
        reply: dict[str, Any] = await self.ask.receive_json()
        return reply

    async def ticket(self, **fields: object) -> dict[str, Any]:
        """Get a ticket."""
        reply = await self.command("open", agent=AGENT, **fields)
        assert reply["success"], reply
        result: dict[str, Any] = reply["result"]
        return result

    async def socket(self, ticket: str, path: str = "/api/grok_assist/live") -> Any:
        """Open the live socket."""
        return await self.http.ws_connect(path, protocols=("grok-assist.1", f"ticket.{ticket}"))

    async def page(
        self, *, resume: LivePage | None = None, conversation_id: str | None = None, **more: Any
    ) -> LivePage:
        """Open a page, or let one come back."""
        given = await self.ticket(**({"conversation_id": conversation_id} if conversation_id else {}))
        wire = SocketWire(await self.socket(given["ticket"], given["path"]))
        hello = more.pop("hello", {})
        page = LivePage(wire=wire, **more)
        if resume is not None:
            page.messages, page.heard_of, page._at = resume.messages, resume.heard_of, resume._at
            page.received_of, page.heard = resume.received_of, resume.heard
            await page.open(resume=resume.of("ready")[-1]["resume"], **hello)
        else:
            await page.open(**hello)
        self.pages.append(page)
        return page


@pytest.fixture
async def door(
    hass: HomeAssistant,
    voice: str,
    simulator: Simulator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> AsyncGenerator[Door]:
    """The card's way in, as the owner of the home."""
    assert await async_setup_component(hass, "websocket_api", {})
    simulator.voice_pace(audio_speed=4)
    door = Door(await hass_client_no_auth(), await hass_ws_client(hass))
    yield door
    for page in door.pages:
        await page.close()


type OpenPage = Callable[..., Awaitable[LivePage]]


@pytest.fixture
async def guarded(hass: HomeAssistant, voice: str) -> GuardedHome:
    """What opens, unlocks and disarms."""
    made = GuardedHome(hass)
    await made.set_up()
    return made
