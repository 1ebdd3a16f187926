"""Who may have a live conversation, and with what."""

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..core.usage.prices import SECONDS_PER_MINUTE, voice_cost_usd
from ..core.voice_settings import LiveAccess
from ..runtime import GrokConfigEntry
from ..voice.conversations import VoiceConversations


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVoice:
    """A voice that can be talked with."""

    entry: GrokConfigEntry
    voices: VoiceConversations
    agent_id: str
    """Its conversation entity."""
    name: str

    @property
    def usd_per_minute(self) -> float:
        """What a minute of sound costs."""
        return voice_cost_usd(self.voices.voice.model, SECONDS_PER_MINUTE, 0)


@callback
def async_voices(hass: HomeAssistant) -> Iterator[LiveVoice]:
    """Give every voice that is loaded."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is not ConfigEntryState.LOADED:
            continue
        for subentry_id, voices in entry.runtime_data.voices.items():
            agent_id, subentry = voices.prompts.agent_id, entry.subentries.get(subentry_id)
            if agent_id is not None and subentry is not None:
                yield LiveVoice(entry=entry, voices=voices, agent_id=agent_id, name=subentry.title)


@callback
def async_find(hass: HomeAssistant, agent_id: str) -> LiveVoice | None:
    """Find a voice by its conversation entity."""
    return next((voice for voice in async_voices(hass) if voice.agent_id == agent_id), None)


def may_talk(user: User, voice: LiveVoice) -> bool:
    """Whether a user may have a live conversation with a voice: who may only look may not."""
    access = voice.voices.voice.live
    if access is LiveAccess.OFF or (access is LiveAccess.ADMINISTRATORS and not user.is_admin):
        return False
    return user.is_active and user.permissions.check_entity(voice.agent_id, POLICY_CONTROL)
