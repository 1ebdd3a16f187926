"""Makes the REST and speech clients, and the gates, of one key."""

from collections.abc import Mapping
import os

from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.httpx_client import create_async_httpx_client
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ssl import get_default_context
import httpx
import openai

from ..const import CONF_BASE_URL, DEFAULT_BASE_URL, DOMAIN, KEY_VARIABLE
from ..core.settings import Deadlines
from ..core.usage.limits import Limits
from ..grok.availability import Availability
from ..grok.client import GrokClient
from ..grok.gate import Gate
from ..grok.speech import SpeechClient
from ..grok.transport import SessionTransport
from .meter import Meter

HTTP_CLIENT: HassKey[httpx.AsyncClient] = HassKey(f"{DOMAIN}_http_client")


@callback
def async_make_speech(
    key: str, data: Mapping[str, object], deadlines: Deadlines, availability: Availability
) -> SpeechClient:
    """Make a speech client of one key with Home Assistant's certificates."""
    base_url = str(data.get(CONF_BASE_URL) or DEFAULT_BASE_URL)
    return SpeechClient(
        base_url, key, ssl=get_default_context(), connect_s=deadlines.connect_s, availability=availability
    )


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
    if (restored := meter.store.restored_limits(name)) is not None:
        gate.restore(*restored)
    meter.store.register_limits(name, gate.snapshot)
    return gate


async def async_make_client(
    hass: HomeAssistant,
    key: str,
    data: Mapping[str, object],
    deadlines: Deadlines,
    gate: Gate | None = None,
    availability: Availability | None = None,
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
    return GrokClient(client, deadlines, gate or Gate(Limits()), availability)


@callback
def _http_client(hass: HomeAssistant) -> httpx.AsyncClient:
    """Return the one HTTP client of all accounts, on Home Assistant's own session; it closes with Home Assistant."""
    if (client := hass.data.get(HTTP_CLIENT)) is None:
        transport = SessionTransport(async_get_clientsession(hass))
        client = hass.data[HTTP_CLIENT] = create_async_httpx_client(hass, transport=transport)
    return client
