"""The websocket commands of live conversations: who may talk with what, a ticket, and the way over this connection."""

import base64
from typing import Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_HOME_ASSISTANT_ERROR, ERR_NOT_FOUND, ERR_UNAUTHORIZED
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv, device_registry as dr
import voluptuous as vol

from ..const import DOMAIN
from ..core.errors import GrokError
from ..core.json_types import JsonObject
from ..core.live.frames import SoundFrame
from ..core.live.tickets import TICKET_S
from ..core.voice_settings import LiveAccess
from ..faults import async_sentence, translation_of
from .access import LiveVoice, async_find, async_voices, may_talk
from .chat_log import async_conversation_id
from .registry import Admission, async_registry
from .socket import HELLO_S, PATH, LiveView, PageLine

MOST_ID: Final = 100


@callback
def async_register_live(hass: HomeAssistant) -> None:
    """Offer the commands and the socket, once."""
    for command in (live_info, live_open, live_attach):
        async_register_command(hass, command)
    hass.http.register_view(LiveView())


@callback
@websocket_command({vol.Required("type"): "grok_assist/live/info"})
def live_info(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Say who may talk with what."""
    voices = [voice for voice in async_voices(hass) if may_talk(connection.user, voice)]
    settings = voices[0].voices.voice if voices else None
    connection.send_result(
        msg["id"],
        {
            "voices": [_told(hass, voice) for voice in voices],
            "idle_s": settings.live_idle_s if settings else 30,
            "max_s": settings.live_max_minutes * 60 if settings else 900,
        },
    )


def _told(hass: HomeAssistant, voice: LiveVoice) -> JsonObject:
    """Write what there is to know of a voice before it is talked with."""
    error = _obstacle(voice)
    return {
        "agent": voice.agent_id,
        "name": voice.name,
        "language": hass.config.language,
        "usd_per_minute": round(voice.usd_per_minute, 4),
        "available": error is None,
        "reason": None if error is None else translation_of(error)[0],
    }


def _obstacle(voice: LiveVoice) -> GrokError | None:
    """Return why no conversation can begin now, as far as is known."""
    return voice.voices.billing.meter.budget_error() or voice.voices.obstacle


@websocket_command(
    {
        vol.Required("type"): "grok_assist/live/open",
        vol.Required("agent"): cv.entity_id,
        vol.Optional("conversation_id"): vol.Any(None, vol.All(str, vol.Length(1, MOST_ID))),
        vol.Optional("device_id"): vol.Any(None, vol.All(str, vol.Length(1, MOST_ID))),
        vol.Optional("language"): vol.Any(None, vol.All(str, vol.Length(1, 35))),
    }
)
@async_response
async def live_open(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Give a ticket to the live socket."""
    language = msg.get("language") or hass.config.language
    voice = async_find(hass, msg["agent"])
    refusal = _refusal(hass, connection, msg, voice)
    if refusal is not None or voice is None:
        code, key, placeholders = refusal or (ERR_NOT_FOUND, "live_unknown_agent", {"name": msg["agent"]})
        text = await async_sentence(hass, language, key, placeholders)
        connection.send_error(
            msg["id"], code, text, translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
        )
        return
    registry = async_registry(hass)
    speaker = registry.admit(connection.user, voice, msg)
    ticket = registry.issue(Admission(voice=voice, speaker=speaker, refresh_token_id=connection.refresh_token_id))
    connection.send_result(
        msg["id"],
        {"ticket": ticket, "path": PATH, "expires_s": int(TICKET_S), "conversation_id": speaker.conversation_id},
    )


def _refusal(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any], voice: LiveVoice | None
) -> tuple[str, str, dict[str, str]] | None:
    """Return why somebody gets no ticket: the code of the error, the key of its sentence, and what stands in it."""
    device_id = msg.get("device_id")
    if voice is None:
        return ERR_NOT_FOUND, "live_unknown_agent", {"name": msg["agent"]}
    if not may_talk(connection.user, voice):
        key = "live_off" if voice.voices.voice.live is LiveAccess.OFF else "live_not_allowed"
        return ERR_UNAUTHORIZED, key, {"name": voice.name}
    if device_id and dr.async_get(hass).async_get(device_id) is None:
        return ERR_NOT_FOUND, "live_unknown_device", {"name": device_id}
    if not _is_own(hass, connection, msg.get("conversation_id")):
        return ERR_UNAUTHORIZED, "live_foreign_conversation", {}
    if (error := _obstacle(voice)) is not None:
        key, placeholders = translation_of(error)
        return ERR_HOME_ASSISTANT_ERROR, key, placeholders
    is_again = msg.get("conversation_id") in async_registry(hass).running
    return None if is_again or voice.voices.has_room else (ERR_HOME_ASSISTANT_ERROR, "live_voices_busy", {})


def _is_own(hass: HomeAssistant, connection: ActiveConnection, conversation_id: str | None) -> bool:
    """Whether a conversation that is to go on is the user's own."""
    if not conversation_id:
        return True
    owner: str | None = async_registry(hass).owner_of(conversation_id)
    if owner is not None:
        return bool(owner == connection.user.id)
    try:
        async_conversation_id(hass, conversation_id, Context(user_id=connection.user.id))
    except Unauthorized:
        return False
    return True


@callback
@websocket_command(
    {vol.Required("type"): "grok_assist/live/attach", vol.Required("ticket"): vol.All(str, vol.Length(1, MOST_ID))}
)
def live_attach(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Talk over this connection, where nothing upgrades the socket."""
    admission = async_registry(hass).take(msg["ticket"])
    if admission is None or admission.speaker.user_id != connection.user.id:
        connection.send_error(msg["id"], ERR_UNAUTHORIZED, "This ticket is used, wrong or too old")
        return
    link = EventLink(connection, msg["id"])
    page = PageLine(hass, admission, link)

    @callback
    def take(_hass: HomeAssistant, _connection: ActiveConnection, data: bytes) -> None:
        """Take a frame of the microphone, or a message, which begins with a brace."""
        if data[:1] == b"{":
            hass.async_create_task(page.take_text(data), "grok_assist live message")
        else:
            page.take_bytes(data)

    handler_id, stop = connection.async_register_binary_handler(take)

    @callback
    def gone() -> None:
        """Let go of the page."""
        stop()
        page.gone()

    @callback
    def give_up() -> None:
        """Let go of a page that says nothing."""
        if page.conversation is None:
            gone()
            connection.subscriptions.pop(msg["id"], None)

    hass.loop.call_later(HELLO_S, give_up)
    connection.subscriptions[msg["id"]] = gone
    connection.send_result(msg["id"], {"handler_id": handler_id})


class EventLink:
    """A page at the other end of Home Assistant's own connection."""

    def __init__(self, connection: ActiveConnection, subscription: int) -> None:
        """Send as events of a subscription."""
        self._connection = connection
        self._subscription = subscription
        self._is_closed = False

    def send(self, message: JsonObject) -> None:
        """Send a message."""
        if not self._is_closed:
            self._connection.send_event(self._subscription, message)

    def sound(self, frame: SoundFrame) -> None:
        """Send sound."""
        self.send({"audio": base64.b64encode(frame.to_bytes()).decode("ascii")})

    def close(self) -> None:
        """Send no more: the connection is Home Assistant's."""
        self._is_closed = True
