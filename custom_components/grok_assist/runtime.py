"""What one loaded account consists of, and how its clients are made."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
import os
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.httpx_client import create_async_httpx_client
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ssl import get_default_context
import httpx
import openai

from .account.billing import Billing
from .account.meter import Meter
from .account.own_keys import own_key
from .account.plain_speech import PlainSpeech
from .chat.memory import Memory
from .chat.tools import Toolbox
from .const import CONF_BASE_URL, DEFAULT_BASE_URL, DOMAIN, KEY_VARIABLE, SUBENTRY_STT, SUBENTRY_TTS, SUBENTRY_VOICE
from .coordinator import CatalogueCoordinator
from .core.consent.book import ConsentBook
from .core.settings import AgentSettings, Deadlines
from .core.usage.limits import Limits
from .core.voice_settings import VoiceSettings, voice_sessions
from .grok.availability import Reach
from .grok.client import GrokClient
from .grok.gate import Gate
from .grok.speech import SpeechClient
from .grok.transport import SessionTransport
from .realtime.session_pool import Slots
from .voice.conversations import VoiceHub, VoiceParts

VOICE_PATIENCE_S: Final = 3.0
SENTENCES_KEPT: Final = 16
ACCOUNT_GATE: Final = "account"
HTTP_CLIENT: HassKey[httpx.AsyncClient] = HassKey(f"{DOMAIN}_http_client")

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
    reach: Reach
    consents: ConsentBook = field(default_factory=ConsentBook)
    """The questions that wait for a yes."""
    own_speech: dict[str, SpeechClient] = field(default_factory=dict)
    """Clients of the subentries with a key of their own, by subentry id."""
    own_gates: dict[str, Gate] = field(default_factory=dict, repr=False)
    """The gates of keys other than the account's, by key."""
    hubs: dict[str, VoiceHub] = field(default_factory=dict)
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
def async_make_speech(key: str, data: Mapping[str, object], deadlines: Deadlines, reach: Reach) -> SpeechClient:
    """Make a speech client of one key with Home Assistant's certificates."""
    base_url = str(data.get(CONF_BASE_URL) or DEFAULT_BASE_URL)
    return SpeechClient(base_url, key, ssl=get_default_context(), connect_s=deadlines.connect_s, reach=reach)


@callback
def async_make_voices(hass: HomeAssistant, entry: GrokConfigEntry, runtime: GrokRuntime) -> None:
    """Make what each subentry that hears or speaks needs; voices with the account's key share its places."""
    for kind in (SUBENTRY_VOICE, SUBENTRY_STT, SUBENTRY_TTS):
        for subentry in entry.get_subentries_of_type(kind):
            if (key := own_key(entry, subentry)) is not None:
                runtime.own_speech[subentry.subentry_id] = async_make_speech(
                    key, entry.data, runtime.deadlines, runtime.reach
                )
    limit = voice_sessions(entry.options)
    slots = Slots(limit)
    for subentry in entry.get_subentries_of_type(SUBENTRY_VOICE):
        settings = AgentSettings.from_data(subentry.data)
        runtime.hubs[subentry.subentry_id] = VoiceHub(
            hass,
            agent=settings,
            voice=VoiceSettings.from_data(subentry.data),
            parts=VoiceParts(
                speech=runtime.speech_for(subentry),
                slots=Slots(limit) if settings.api_key else slots,
                toolbox=runtime.toolbox,
                billing=Billing(meter=runtime.meter, agent=subentry.subentry_id, patience_s=VOICE_PATIENCE_S),
                memory=runtime.memory,
                gate=async_gate_for(entry, subentry),
            ),
        )

    def forget(agent: str, conversation_id: str) -> None:
        """Close the session of a conversation that was forgotten."""
        if (hub := runtime.hubs.get(agent)) is not None:
            hub.forget(conversation_id)

    runtime.memory.on_forgotten.append(forget)


def account_key(data: Mapping[str, object]) -> str:
    """Return the account's API key: the stored one, else that of the environment, else an empty text."""
    stored = data.get(CONF_API_KEY)
    return stored if isinstance(stored, str) and stored else os.environ.get(KEY_VARIABLE, "")


@callback
def async_make_gate(meter: Meter, options: Mapping[str, object], name: str) -> Gate:
    """Make the gate of one key; what it admitted in the last hour it knows from before a restart.

    Args:
        meter: keeps the gate's memory and counts whom it turns away.
        options: of the account.
        name: of the key whose gate it is: the account's or a subentry's.
    """
    gate = Gate(Limits.from_options(options), on_limited=meter.note_limited)
    if (restored := meter.restored_limits(name)) is not None:
        gate.restore(*restored)
    meter.register_limits(name, gate.snapshot)
    return gate


async def async_make_client(
    hass: HomeAssistant,
    key: str,
    data: Mapping[str, object],
    deadlines: Deadlines,
    gate: Gate | None = None,
    reach: Reach | None = None,
) -> GrokClient:
    """Make a client of one key on Home Assistant's own HTTP client; gate and reach are its own unless given."""
    client = openai.AsyncOpenAI(
        api_key=key,
        base_url=str(data.get(CONF_BASE_URL) or DEFAULT_BASE_URL),
        # Home Assistant 2026.10 hands out the older HTTP library, which the SDK takes at run time only.
        http_client=_http_client(hass),  # type: ignore[arg-type]
        max_retries=0,
    )
    # Reads files to find out the platform, once; later calls have it from a cache.
    await hass.async_add_executor_job(client.platform_headers)
    return GrokClient(client, deadlines, gate or Gate(Limits()), reach)


async def async_client_for(hass: HomeAssistant, entry: GrokConfigEntry, subentry: ConfigSubentry) -> GrokClient:
    """Return the account's client, or one of its own for a subentry with a key of its own."""
    runtime, key = entry.runtime_data, own_key(entry, subentry)
    if key is None:
        return runtime.client
    gate = async_gate_for(entry, subentry)
    return await async_make_client(hass, key, entry.data, runtime.deadlines, gate, runtime.reach)


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


@callback
def _http_client(hass: HomeAssistant) -> httpx.AsyncClient:
    """Return the one HTTP client of all accounts, on Home Assistant's own session; it closes with Home Assistant."""
    if (client := hass.data.get(HTTP_CLIENT)) is None:
        transport = SessionTransport(async_get_clientsession(hass))
        client = hass.data[HTTP_CLIENT] = create_async_httpx_client(hass, transport=transport)
    return client
