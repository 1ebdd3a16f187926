"""All live conversations of this Home Assistant, the tickets to them, and who may come back."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
import logging

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.live import messages
from ..core.live.endings import EndReason
from ..core.live.tickets import Tickets
from .access import LiveVoice
from .chat_log import async_conversation_id
from .link import Link
from .open_conversation import OpenConversation
from .turn_runner import Speaker

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a ticket is good for."""

    voice: LiveVoice
    speaker: Speaker
    refresh_token_id: str | None


@dataclass(slots=True)
class LiveRegistry:
    """Who talks."""

    hass: HomeAssistant
    tickets: Tickets[Admission] = field(default_factory=Tickets)
    running: dict[str, OpenConversation] = field(default_factory=dict)
    """By conversation id."""
    _revocations: dict[str, CALLBACK_TYPE] = field(default_factory=dict)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    def owner_of(self, conversation_id: str) -> str | None:
        """Return whose a conversation is, while it runs."""
        found = self.running.get(conversation_id)
        return None if found is None else found.speaker.user_id

    @callback
    def admit(self, user: User, voice: LiveVoice, wanted: Mapping[str, str | None]) -> Speaker:
        """Say who will speak; the conversation has an id of its own unless it goes on."""
        asked, context = wanted.get("conversation_id"), Context(user_id=user.id)
        if asked is not None and asked in self.running:
            conversation_id = asked
        else:
            conversation_id = async_conversation_id(self.hass, asked, context)
        return Speaker(
            conversation_id=conversation_id,
            user_id=user.id,
            agent_id=voice.agent_id,
            device_id=wanted.get("device_id"),
            language=wanted.get("language") or self.hass.config.language,
        )

    @callback
    def issue(self, admission: Admission) -> str:
        """Give out a ticket."""
        return self.tickets.issue(admission, self.hass.loop.time())

    @callback
    def take(self, ticket: str) -> Admission | None:
        """Take a ticket in."""
        return self.tickets.take(ticket, self.hass.loop.time())

    @callback
    def begin(self, admission: Admission, hello: messages.Hello, link: Link) -> OpenConversation | None:
        """Open a conversation for a page, or let one go on that it had; None where there is nothing to come back to."""
        conversation_id = admission.speaker.conversation_id
        found = self.running.get(conversation_id)
        if hello.resume is not None:
            if found is None or found.resume != hello.resume or found.speaker.user_id != admission.speaker.user_id:
                return None
            found.attach(link, hello)
            return found
        if found is not None:
            self._spawn(found.end(EndReason.REPLACED))
        made = OpenConversation(self.hass, admission.voice, admission.speaker)
        made.on_ended = self._ended
        self.running[conversation_id] = made
        if admission.refresh_token_id is not None:
            self._revocations[conversation_id] = self.hass.auth.async_register_revoke_token_callback(
                admission.refresh_token_id, lambda: self._revoked(made)
            )
        made.attach(link, hello)
        made.open()
        return made

    async def end_all(self, reason: EndReason, entry: ConfigEntry | None = None) -> None:
        """End all conversations, or those of one account."""
        ending = [
            conversation.end(reason)
            for conversation in list(self.running.values())
            if entry is None or conversation.voice.entry is entry
        ]
        await asyncio.gather(*ending)

    def _revoked(self, conversation: OpenConversation) -> None:
        """End a conversation whose login is gone."""
        # Not at once: Home Assistant goes through its list of callbacks, and the end takes ours out of it.
        self.hass.loop.call_soon(lambda: self._spawn(conversation.end(EndReason.ERROR, key="live_login_gone")))

    def _ended(self, conversation: OpenConversation) -> None:
        """Forget a conversation."""
        conversation_id = conversation.speaker.conversation_id
        if self.running.get(conversation_id) is conversation:
            del self.running[conversation_id]
            if (stop := self._revocations.pop(conversation_id, None)) is not None:
                stop()

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        """Do something in the background."""
        task = self.hass.async_create_task(work, "grok_assist ends a live conversation")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


DATA: HassKey[LiveRegistry] = HassKey(f"{DOMAIN}_live")


@callback
def async_registry(hass: HomeAssistant) -> LiveRegistry:
    """Return the live conversations."""
    if (found := hass.data.get(DATA)) is None:
        found = hass.data[DATA] = LiveRegistry(hass)
    return found
