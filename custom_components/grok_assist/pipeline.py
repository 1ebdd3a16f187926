"""The Assist pipeline of the voice: made once, and watched for engines that do not belong together."""

from homeassistant.components import assist_pipeline
from homeassistant.const import MATCH_ALL, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from .const import CONF_CREATE_PIPELINE, CONF_PIPELINE_MADE, DOMAIN, PIPELINE_NAME, SUBENTRY_VOICE
from .runtime import GrokConfigEntry

MIXED_ISSUE = "mixed_pipeline"


async def async_make_pipeline(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Make the pipeline that the user agreed to, once; one that the user deleted does not come back."""
    if not entry.data.get(CONF_CREATE_PIPELINE) or entry.data.get(CONF_PIPELINE_MADE):
        return
    engines = next(iter(_voices(hass, entry)), None)
    if engines is None:
        return
    stt, agent, voice = engines
    # From an earlier time of this account: the ids of the entities are the same again.
    if any(
        (known.stt_engine, known.conversation_engine, known.tts_engine) == engines
        for known in assist_pipeline.async_get_pipelines(hass)
    ):
        hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_PIPELINE_MADE: True})
        return
    name = _free_name(hass)
    pipeline = await assist_pipeline.async_create_default_pipeline(
        hass, stt_engine_id=stt, tts_engine_id=voice, pipeline_name=name
    )
    if pipeline is None:  # no language of ours is the installation's
        return
    await assist_pipeline.async_update_pipeline(
        hass,
        pipeline,
        conversation_engine=agent,
        conversation_language=MATCH_ALL,
        tts_voice=None,  # the one that is chosen for the session, whichever that will be
        prefer_local_intents=False,
    )
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_PIPELINE_MADE: True})


@callback
def async_check_pipelines(hass: HomeAssistant, entry: GrokConfigEntry) -> None:
    """Raise an issue for each pipeline that listens with a voice of ours and answers with something else."""
    mixed: dict[str, str] = {}
    for stt, agent, voice in _voices(hass, entry):
        for pipeline in assist_pipeline.async_get_pipelines(hass):
            if pipeline.stt_engine == stt and (pipeline.conversation_engine, pipeline.tts_engine) != (agent, voice):
                mixed[f"{MIXED_ISSUE}_{entry.entry_id}_{pipeline.id}"] = pipeline.name
    registry = ir.async_get(hass)
    prefix = f"{MIXED_ISSUE}_{entry.entry_id}_"
    for domain, issue_id in list(registry.issues):
        if domain == DOMAIN and issue_id.startswith(prefix) and issue_id not in mixed:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, name in mixed.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=MIXED_ISSUE,
            translation_placeholders={"pipeline": name},
        )


def _voices(hass: HomeAssistant, entry: GrokConfigEntry) -> list[tuple[str, str, str]]:
    """Give the three entities of each voice: ear, agent, voice."""
    registry = er.async_get(hass)
    found: list[tuple[str, str, str]] = []
    for subentry in entry.get_subentries_of_type(SUBENTRY_VOICE):
        ids = [
            registry.async_get_entity_id(domain, DOMAIN, subentry.subentry_id)
            for domain in (Platform.STT, Platform.CONVERSATION, Platform.TTS)
        ]
        match ids:
            case [str(stt), str(agent), str(voice)]:
                found.append((stt, agent, voice))
    return found


def _free_name(hass: HomeAssistant) -> str:
    """Give a name that no pipeline has: satellites choose theirs by name."""
    taken = {pipeline.name for pipeline in assist_pipeline.async_get_pipelines(hass)}
    return next(
        name
        for number in range(1, len(taken) + 2)
        for name in [PIPELINE_NAME if number == 1 else f"{PIPELINE_NAME} {number}"]
        if name not in taken
    )
