"""Who gets in, and with what: tickets, users, logins, ids."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import HomeAssistant
import pytest

from custom_components.grok_assist.live.registry import async_registry
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.harness.live import LivePage, SocketWire
from tests.simulator.server import Simulator

from ..agents import change_voice
from .conftest import AGENT, Door


async def status_of(door: Door, *protocols: str) -> int:
    """Knock; return the HTTP status."""
    reply = await door.http.get(
        "/api/grok_assist/live",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol": ", ".join(protocols),
        },
    )
    return reply.status


async def test_door_when_ticket_is_none_wrong_or_used_then_shut(door: Door) -> None:
    """Only a ticket opens it, once."""
    assert await status_of(door) == 401
    assert await status_of(door, "grok-assist.1", "ticket.wrong") == 401
    given = await door.ticket()
    assert given["expires_s"] == 30
    assert given["ticket"] not in given["path"]
    assert await status_of(door, f"ticket.{given['ticket']}") == 401  # without the protocol's own name
    socket = await door.socket((await door.ticket())["ticket"])
    assert socket.protocol == "grok-assist.1"
    await socket.close()


async def test_door_when_ticket_is_used_or_old_then_shut(hass: HomeAssistant, door: Door) -> None:
    """A second use, and thirty-one seconds."""
    given = await door.ticket()
    socket = await door.socket(given["ticket"])
    assert await status_of(door, "grok-assist.1", f"ticket.{given['ticket']}") == 401
    await socket.close()
    old = await door.ticket()
    tickets = async_registry(hass).tickets
    assert tickets.take(old["ticket"], hass.loop.time() + 31) is None


async def test_info_when_asked_then_voices_with_their_cost(door: Door) -> None:
    """What the card shows before the first tap."""
    told = (await door.command("info"))["result"]
    assert told["voices"] == [
        {
            "agent": AGENT,
            "name": "Grok Voice",
            "language": "en",
            "usd_per_minute": 0.08,
            "available": True,
            "reason": None,
        }
    ]
    assert (told["idle_s"], told["max_s"]) == (30, 900)


@pytest.mark.parametrize(
    ("fields", "code", "key"),
    [
        ({"agent": "conversation.nobody"}, "not_found", "live_unknown_agent"),
        ({"agent": AGENT, "device_id": "nothing"}, "not_found", "live_unknown_device"),
    ],
)
async def test_open_when_something_does_not_exist_then_said(
    door: Door, fields: dict[str, str], code: str, key: str
) -> None:
    """With the name of what is missing."""
    error = (await door.command("open", **fields))["error"]
    assert (error["code"], error["translation_key"]) == (code, key)
    assert list(fields.values())[-1] in error["message"]


@pytest.mark.parametrize("case", [
    ("everyone", False, True), ("administrators", False, False), ("administrators", True, True), ("off", True, False),
])  # fmt: skip
async def test_open_when_access_is_limited_then_others_are_told(
    hass: HomeAssistant, door: Door, entry: GrokConfigEntry, hass_admin_user: User, case: tuple[str, bool, bool]
) -> None:
    """The voice's own setting, in a sentence."""
    access, is_admin, is_let_in = case
    await change_voice(hass, entry, live=access)
    if not is_admin:
        hass_admin_user.groups = [await hass.auth.async_get_group("system-users")]  # type: ignore[list-item]
        hass_admin_user.invalidate_cache()
    reply = await door.command("open", agent=AGENT)
    assert reply["success"] is is_let_in
    voices = (await door.command("info"))["result"]["voices"]
    assert bool(voices) is is_let_in
    if not is_let_in:
        assert "Grok Voice" in reply["error"]["message"]


async def test_open_when_user_may_only_look_then_refused(
    hass: HomeAssistant, door: Door, hass_admin_user: User
) -> None:
    """Who may not control the agent may not talk with it."""
    group = await hass.auth.async_get_group("system-read-only")
    assert group is not None
    hass_admin_user.groups = [group]
    hass_admin_user.invalidate_cache()
    assert not hass_admin_user.permissions.check_entity(AGENT, POLICY_CONTROL)
    reply = await door.command("open", agent=AGENT)
    assert reply["error"]["code"] == "unauthorized"


async def test_conversation_when_login_is_removed_then_ends(
    hass: HomeAssistant, door: Door, simulator: Simulator
) -> None:
    """Within a second, with a sentence."""
    page = await door.page()
    await page.until(lambda page: page.of("ready"))
    (admission,) = async_registry(hass)._revocations
    assert admission
    await door.ask.close()
    for token in [token for found in await hass.auth.async_get_users() for token in found.refresh_tokens.values()]:
        hass.auth.async_remove_refresh_token(token)
    await page.until(lambda page: page.of("end"), 1.0)
    assert page.of("end")[0]["reason"] == "error"
    assert "log in" in page.of("end")[0]["text"].lower()


@pytest.mark.parametrize(
    "first",
    [
        '{"type":"hello","version":2}',
        '{"type":"hello","version":1,"rate":12345}',
        '{"type":"text","text":"hi"}',
        "[]",
        "no",
    ],
)
async def test_page_when_it_breaks_the_protocol_then_told_and_closed(door: Door, first: str) -> None:
    """A client of somebody's own that is wrong."""
    given = await door.ticket()
    wire = SocketWire(await door.socket(given["ticket"]))
    await wire.send(first)
    page = LivePage(wire=wire)
    texts = [await wire.receive() for _ in range(3)]
    assert '"fatal":true' in str(texts[0])
    assert '"reason":"error"' in str(texts[1])
    assert texts[2] is None
    assert page.messages == []


async def test_conversation_when_it_runs_already_then_the_second_page_takes_its_place(door: Door) -> None:
    """One page at a time."""
    first = await door.page()
    await first.until(lambda page: page.of("ready"))
    second = await door.page(conversation_id=first.of("ready")[0]["conversation_id"])
    await first.until(lambda page: page.of("end"))
    assert first.of("end")[0]["reason"] == "replaced"
    await second.until(lambda page: page.of("ready"))
