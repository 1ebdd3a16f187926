"""All live conversations of this Home Assistant, the tickets to them, and who may come back."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
import logging
from typing import Final

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.live import messages
from ..core.live.endings import EndReason
from ..core.live.tickets import Tickets
from ..faults import translation_of
from .access import LiveVoice, async_find, may_talk
from .chat_log import async_conversation_id
from .link import Link
from .open_conversation import OpenConversation
from .turn_runner import Speaker

_LOGGER = logging.getLogger(__name__)

OWNERS_KEPT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a ticket is good for."""

    voice: LiveVoice
    speaker: Speaker
    refresh_token_id: str | None


class AdmissionError(Exception):
    """A ticket is not good any more; with the key of the sentence that says why."""

    def __init__(self, key: str, placeholders: dict[str, str]) -> None:
        """Keep the sentence."""
        super().__init__(key)
        self.key = key
        self.placeholders = placeholders


@dataclass(slots=True)
class LiveRegistry:
    """Who talks."""

    hass: HomeAssistant
    tickets: Tickets[Admission] = field(default_factory=Tickets)
    running: dict[str, OpenConversation] = field(default_factory=dict)
    """By conversation id."""
    _owners: dict[str, str] = field(default_factory=dict)
    """Users by conversation id, those of conversations that have ended, too."""
    _revocations: dict[str, CALLBACK_TYPE] = field(default_factory=dict)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    def owner_of(self, conversation_id: str) -> str | None:
        """Return whose a conversation is, or was: Home Assistant may know what was said for some minutes."""
        return self._owners.get(conversation_id)

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

    async def async_check(self, admission: Admission) -> Admission:
        """Look again whether a ticket is good for something; return it with the voice as it is now.

        Raises:
            AdmissionError: the login, the voice or the right to it is gone, or the money.
        """
        speaker, token_id = admission.speaker, admission.refresh_token_id
        user = await self.hass.auth.async_get_user(speaker.user_id)
        is_gone = token_id is not None and self.hass.auth.async_get_refresh_token(token_id) is None
        if user is None or is_gone:
            raise AdmissionError("live_login_gone", {})
        voice = async_find(self.hass, speaker.agent_id)
        if voice is None:
            raise AdmissionError("live_unknown_agent", {"name": speaker.agent_id})
        if not may_talk(user, voice):
            raise AdmissionError("live_not_allowed", {"name": voice.name})
        if (error := voice.voices.billing.meter.budget_error()) is not None:
            raise AdmissionError(*translation_of(error))
        return replace(admission, voice=voice)

    @callback
    def begin(self, admission: Admission, hello: messages.Hello, link: Link) -> OpenConversation | None:
        """Open a conversation for a page, or let one go on that it had; None where there is nothing to come back to."""
        conversation_id = admission.speaker.conversation_id
        found = self.running.get(conversation_id)
        if hello.resume is not None:
            if found is None or found.resume != hello.resume or found.speaker.user_id != admission.speaker.user_id:
                return None
            self._watch_login(found, admission.refresh_token_id)
            found.attach(link, hello)
            return found
        if found is not None:
            self._spawn(found.end(EndReason.REPLACED))
        made = OpenConversation(self.hass, admission.voice, admission.speaker)
        made.on_ended = self._ended
        self.running[conversation_id] = made
        self._owners[conversation_id] = admission.speaker.user_id
        while len(self._owners) > OWNERS_KEPT:
            del self._owners[next(iter(self._owners))]
        self._watch_login(made, admission.refresh_token_id)
        made.attach(link, hello)
        made.open()
        return made

    def _watch_login(self, conversation: OpenConversation, token_id: str | None) -> None:
        """End a conversation when the login by which it runs now is removed."""
        conversation_id = conversation.speaker.conversation_id
        if (stop := self._revocations.pop(conversation_id, None)) is not None:
            stop()
        if token_id is not None:
            self._revocations[conversation_id] = self.hass.auth.async_register_revoke_token_callback(
                token_id, lambda: self._revoked(conversation)
            )

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
