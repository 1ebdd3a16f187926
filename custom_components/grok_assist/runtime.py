"""What one loaded account consists of, and how its clients are made."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from .account.billing import Billing
from .account.clients import account_key, async_make_client, async_make_gate, async_make_speech
from .account.meter import Meter
from .account.own_keys import own_key
from .account.plain_speech import PlainSpeech
from .chat.memory import Memory
from .chat.tools import Toolbox
from .const import SUBENTRY_STT, SUBENTRY_TTS, SUBENTRY_VOICE
from .coordinator import CatalogueCoordinator
from .core.consent.book import ConsentBook
from .core.settings import AgentSettings, Deadlines
from .core.usage.limits import Limits
from .core.usage.voice_billing import VoiceBilling
from .core.voice_settings import VoiceSettings, voice_sessions
from .grok.availability import Availability
from .grok.client import GrokClient
from .grok.gate import Gate
from .grok.speech import SpeechClient
from .realtime.session_pool import SessionPool
from .voice.conversations import VoiceConversations, VoiceParts

SENTENCES_KEPT: Final = 16
ACCOUNT_GATE: Final = "account"

type GrokConfigEntry = ConfigEntry[GrokRuntime]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrokRuntime:
    """The parts of one account that its entities share."""

    client: GrokClient
    coordinator: CatalogueCoordinator
    deadlines: Deadlines
    toolbox: Toolbox
    speech: SpeechClient
    meter: Meter
    memory: Memory
    availability: Availability
    consents: ConsentBook = field(default_factory=ConsentBook)
    """The questions that wait for a yes."""
    own_speech: dict[str, SpeechClient] = field(default_factory=dict)
    """Clients of the subentries with a key of their own, by subentry id."""
    own_gates: dict[str, Gate] = field(default_factory=dict, repr=False)
    """The gates of keys other than the account's, by key."""
    voices: dict[str, VoiceConversations] = field(default_factory=dict)
    """The spoken conversations, by subentry id."""
    sentences: deque[str] = field(default_factory=lambda: deque(maxlen=SENTENCES_KEPT))
    """What was lately said of failures for which there is a recording."""
    handed_over: deque[str] = field(default_factory=lambda: deque(maxlen=SENTENCES_KEPT))
    """What Home Assistant's own agent lately answered in our place."""

    def speech_for(self, subentry: ConfigSubentry) -> SpeechClient:
        """Return the speech client of a subentry."""
        return self.own_speech.get(subentry.subentry_id, self.speech)

    async def async_close_speech(self) -> None:
        """End all plain speech that is under way."""
        await asyncio.gather(*(speech.close() for speech in (self.speech, *self.own_speech.values())))


@callback
def async_make_voices(hass: HomeAssistant, entry: GrokConfigEntry, runtime: GrokRuntime) -> None:
    """Make what each subentry that hears or speaks needs; voices with the account's key share its places."""
    for kind in (SUBENTRY_VOICE, SUBENTRY_STT, SUBENTRY_TTS):
        for subentry in entry.get_subentries_of_type(kind):
            if (key := own_key(entry, subentry)) is not None:
                runtime.own_speech[subentry.subentry_id] = async_make_speech(
                    key, entry.data, runtime.deadlines, runtime.availability
                )
    limit = voice_sessions(entry.options)
    shared = SessionPool(limit), _dial_gate(runtime)
    for subentry in entry.get_subentries_of_type(SUBENTRY_VOICE):
        settings = AgentSettings.from_data(subentry.data)
        session_pool, dial_gate = (SessionPool(limit), _dial_gate(runtime)) if settings.api_key else shared
        runtime.voices[subentry.subentry_id] = VoiceConversations(
            hass,
            agent=settings,
            voice=VoiceSettings.from_data(subentry.data),
            parts=VoiceParts(
                speech=runtime.speech_for(subentry),
                session_pool=session_pool,
                toolbox=runtime.toolbox,
                billing=Billing(meter=runtime.meter, agent=subentry.subentry_id),
                memory=runtime.memory,
                gate=async_gate_for(entry, subentry),
                dial_gate=dial_gate,
                voice_billing=VoiceBilling.from_options(entry.options),
            ),
        )

    def forget(agent: str, conversation_id: str) -> None:
        """Close the session of a conversation that was forgotten."""
        if (voices := runtime.voices.get(agent)) is not None:
            voices.forget(conversation_id)

    runtime.memory.on_forgotten.append(forget)


def _dial_gate(runtime: GrokRuntime) -> Gate:
    """Make a gate for new sessions, whose refusals are counted as the others are."""
    return Gate(Limits(), on_limited=runtime.meter.note_limited)


async def async_client_for(hass: HomeAssistant, entry: GrokConfigEntry, subentry: ConfigSubentry) -> GrokClient:
    """Return the account's client, or one of its own for a subentry with a key of its own."""
    runtime, key = entry.runtime_data, own_key(entry, subentry)
    if key is None:
        return runtime.client
    gate = async_gate_for(entry, subentry)
    return await async_make_client(hass, key, entry.data, runtime.deadlines, gate, runtime.availability)


@callback
def async_gate_for(entry: GrokConfigEntry, subentry: ConfigSubentry) -> Gate:
    """Return the one gate of the key that a subentry uses, whoever else uses it."""
    runtime, key = entry.runtime_data, AgentSettings.from_data(subentry.data).api_key
    if not key or key == account_key(entry.data):
        return runtime.client.gate
    if (gate := runtime.own_gates.get(key)) is None:
        gate = runtime.own_gates[key] = async_make_gate(runtime.meter, entry.options, subentry.subentry_id)
    return gate


@callback
def async_plain_speech_for(entry: GrokConfigEntry, subentry: ConfigSubentry) -> PlainSpeech:
    """Return plain transcription and plain speech as a subentry may use them."""
    runtime = entry.runtime_data
    return PlainSpeech(
        client=runtime.speech_for(subentry),
        gate=async_gate_for(entry, subentry),
        billing=Billing(meter=runtime.meter, agent=subentry.subentry_id),
    )
