"""How a voice comes into the home: the flow, its assistant, what older entries gain, and what deleted things do."""

from homeassistant.components.assist_pipeline import async_get_pipelines, async_update_pipeline
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.core.models import DEFAULT_MODEL
from custom_components.grok_assist.core.voice_settings import DEFAULT_VOICE_MODEL
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.server import Simulator

from ..agents import change_voice, first
from ..conftest import KEY

VOICE_ENTITIES = ["conversation.grok_voice", "stt.grok_voice", "tts.grok_voice"]


def names(hass: HomeAssistant) -> list[str]:
    """List the names of the assistants."""
    return [pipeline.name for pipeline in async_get_pipelines(hass)]


async def test_flow_when_assistant_is_wanted_then_made_of_the_three_entities(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry
) -> None:
    """The assistant has the voice's own ear, agent and voice, in the installation's language, and is not preferred."""
    pipelines = async_get_pipelines(hass)
    made = next(pipeline for pipeline in pipelines if pipeline.id == voice)
    assert [made.conversation_engine, made.stt_engine, made.tts_engine] == VOICE_ENTITIES
    assert (made.language, made.stt_language, made.tts_language) == ("en", "en", "en")
    assert made.conversation_language == "*"
    assert pipelines[0].name == "Home Assistant"
    assert made.tts_voice is None  # so that it speaks with the voice that is chosen for the session


async def test_flow_when_no_assistant_is_wanted_then_none(
    hass: HomeAssistant, assist: None, simulator: Simulator
) -> None:
    """The box is the user's."""
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"api_key": KEY, "base_url": simulator.url})
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "assistant")
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"create_pipeline": False})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert names(hass) == ["Home Assistant"]


async def test_flow_when_assist_is_not_loaded_then_no_question(
    hass: HomeAssistant, components: None, simulator: Simulator
) -> None:
    """Without pipelines there is nothing to ask."""
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"api_key": KEY, "base_url": simulator.url})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_assistant_when_deleted_then_does_not_come_back(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry
) -> None:
    """It is made once."""
    store = hass.data["assist_pipeline"].pipeline_store
    await store.async_delete_item(voice)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert "Grok Voice" not in names(hass)


async def test_assistant_when_name_is_taken_then_another(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry
) -> None:
    """Satellites choose by name, so each name is there once."""
    pipeline = next(found for found in async_get_pipelines(hass) if found.id == voice)
    await async_update_pipeline(hass, pipeline, conversation_engine="conversation.home_assistant")
    assert await hass.config_entries.async_remove(entry.entry_id)
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    data = {"api_key": KEY, "base_url": entry.data["base_url"]}
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], data)
    await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done()
    assert "Grok Voice 2" in names(hass)


async def test_older_entry_when_started_then_gains_the_new_types_once(
    hass: HomeAssistant, assist: None, simulator: Simulator
) -> None:
    """An entry from before the voice gains one of each type; what the user deletes then stays deleted."""
    older = MockConfigEntry(
        domain=DOMAIN,
        data={"api_key": KEY, "base_url": simulator.url, "team_id": "team"},
        subentries_data=[
            {"subentry_type": "conversation", "data": {"recommended": True}, "title": "Jarvis", "unique_id": None}
        ],
    )
    older.add_to_hass(hass)
    assert await hass.config_entries.async_setup(older.entry_id)
    await hass.async_block_till_done()
    assert [subentry.title for subentry in older.subentries.values()] == [
        "Jarvis",
        "Grok Voice",
        "Grok STT",
        "Grok TTS",
        "Grok AI Task",
    ]
    assert [hass.states.get(entity_id) is not None for entity_id in VOICE_ENTITIES] == [True] * 3
    assert names(hass) == ["Home Assistant"]
    voice = next(iter(older.get_subentries_of_type("voice")))
    hass.config_entries.async_remove_subentry(older, voice.subentry_id)
    await hass.async_block_till_done()
    assert await hass.config_entries.async_reload(older.entry_id)
    assert [subentry.title for subentry in older.subentries.values()] == [
        "Jarvis",
        "Grok STT",
        "Grok TTS",
        "Grok AI Task",
    ]


async def test_entities_when_made_then_one_device_each_and_named_like_it(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry
) -> None:
    """The three entities of a voice belong to one device and have its id."""
    registry = er.async_get(hass)
    entities = [registry.async_get(entity_id) for entity_id in VOICE_ENTITIES]
    subentry = next(iter(entry.get_subentries_of_type("voice")))
    assert {entity.unique_id for entity in entities if entity} == {subentry.subentry_id}
    assert len({entity.device_id for entity in entities if entity}) == 1
    assert hass.states.get("stt.grok_stt") is not None
    assert hass.states.get("tts.grok_tts") is not None


async def test_voice_when_it_has_its_own_key_then_socket_uses_it(
    hass: HomeAssistant, voice: str, simulator: Simulator, entry: GrokConfigEntry
) -> None:
    """A key of one subentry opens its sockets."""
    await change_voice(hass, entry, api_key="xai-own-key-of-the-voice-1234")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    subentry = next(iter(entry.get_subentries_of_type("voice")))
    runtime = entry.runtime_data
    assert runtime.speech_for(subentry) is not runtime.speech
    assert runtime.speech_for(first(entry)) is runtime.speech


async def test_assistant_when_account_is_removed_and_comes_back_then_used_again(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry, simulator: Simulator
) -> None:
    """The satellites have it chosen already; a second one would be the same."""
    await hass.config_entries.async_remove(entry.entry_id)
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"api_key": KEY, "base_url": simulator.url})
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"create_pipeline": True})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert names(hass) == ["Home Assistant", "Grok Voice"]
    made = next(pipeline for pipeline in async_get_pipelines(hass) if pipeline.id == voice)
    assert [made.conversation_engine, made.stt_engine, made.tts_engine] == VOICE_ENTITIES


async def test_devices_when_made_then_tell_their_own_model(
    hass: HomeAssistant, voice: str, entry: GrokConfigEntry
) -> None:
    """That which is asked; what only writes down or speaks has none to choose."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    models = {device.name: device.model for device in devices}
    assert (models["Grok"], models["Grok AI Task"]) == (DEFAULT_MODEL, DEFAULT_MODEL)
    assert models["Grok Voice"] == DEFAULT_VOICE_MODEL
    assert (models["Grok STT"], models["Grok TTS"]) == (None, None)
