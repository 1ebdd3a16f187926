"""What services a tool's call would make Home Assistant call, and on which entities: foreseen, not made.

Home Assistant's intents are asked by their own rules whom they would act on, and by which service.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import intent, llm

from .exposed import ASSISTANT

MOST_WRAPPED: Final = 8
"""Names that are put around a tool; a tool that holds itself has no end."""
_ON_OFF: Final[Mapping[tuple[str, str], str]] = {
    ("cover", "turn_on"): "open_cover",
    ("cover", "turn_off"): "close_cover",
    ("lock", "turn_on"): "lock",
    ("lock", "turn_off"): "unlock",
    ("valve", "turn_on"): "open_valve",
    ("valve", "turn_off"): "close_valve",
}
"""Into what Home Assistant's `HassTurnOn` and `HassTurnOff` turn a switch of these."""


def innermost(tool: llm.Tool) -> llm.Tool:
    """Return a tool without the names that Home Assistant or we have put around it."""
    for _ in range(MOST_WRAPPED):
        if not isinstance(wrapped := getattr(tool, "tool", None), llm.Tool):
            break
        tool = wrapped
    return tool


def _handler(hass: HomeAssistant, tool: llm.Tool) -> intent.IntentHandler | None:
    """Return what handles the intent of a tool."""
    wanted = tool.intent_type if isinstance(tool, llm.IntentTool) else ""
    return next((known for known in intent.async_get(hass) if known.intent_type == wanted), None)


def is_foreseen(hass: HomeAssistant, tool: llm.Tool) -> bool:
    """Whether all is known of a tool that acts on nothing: Home Assistant will say that nothing matches."""
    return isinstance(tool, llm.ActionTool) or isinstance(_handler(hass, tool), intent.DynamicServiceIntentHandler)


def service_calls(
    hass: HomeAssistant, tool: llm.Tool, arguments: Mapping[str, Any], context: llm.LLMContext
) -> Iterator[tuple[State, str, Mapping[str, Any]]]:
    """Foresee the services that a tool would call: each with its entity and the rest of its data."""
    if isinstance(tool, llm.ActionTool):
        entity_id = tool.name.replace("__", ".", 1)
        if (state := hass.states.get(entity_id)) is not None:
            yield state, "turn_on", {}
        return
    if not isinstance(tool, llm.IntentTool):
        return
    handler = _handler(hass, tool)
    if not isinstance(handler, intent.DynamicServiceIntentHandler):
        yield from _scripted(hass, handler)
        return
    seen = intent.Intent(
        hass,
        platform=context.platform,
        intent_type=tool.intent_type,
        slots={key: {"value": value} for key, value in arguments.items()},
        text_input=None,
        context=context.context,  # type: ignore[arg-type]  # Home Assistant's own tool hands it on like this
        language=context.language or "en",
        assistant=context.assistant,
    )
    for state in _targets(hass, handler, arguments, context):
        try:
            _, service = handler.get_domain_and_service(seen, state)
        except intent.IntentHandleError:
            continue
        yield state, _ON_OFF.get((state.domain, service), service), arguments


def _targets(
    hass: HomeAssistant,
    handler: intent.DynamicServiceIntentHandler,
    arguments: Mapping[str, Any],
    context: llm.LLMContext,
) -> Iterable[State]:
    """Find the entities on which an intent would act, as `DynamicServiceIntentHandler.async_handle` finds them.

    Where that rule finds several of a name, or none in the room, all that bear the name count: it is better to ask once
    too often.
    """
    name = arguments.get("name")
    constraints = intent.MatchTargetsConstraints(
        name=None if name == "all" else text_of(name),
        area_name=text_of(arguments.get("area")),
        floor_name=text_of(arguments.get("floor")),
        domains=texts_of(arguments.get("domain")) or handler.required_domains,
        device_classes=texts_of(arguments.get("device_class")),
        assistant=context.assistant or ASSISTANT,
        features=handler.required_features,
        states=handler.required_states,
        allow_duplicate_names=True,
    )
    return intent.async_match_targets(hass, constraints, llm.async_get_match_preferences(hass, context)).states


def _scripted(
    hass: HomeAssistant, handler: intent.IntentHandler | None
) -> Iterator[tuple[State, str, Mapping[str, Any]]]:
    """Foresee what a sentence of the user's own configuration (`intent_script`) would do."""
    for step in _own_steps(handler):
        for entity_id in step.entity_ids:
            if (state := hass.states.get(entity_id)) is not None:
                yield state, step.action.partition(".")[2], {}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an action that the user has written."""

    action: str
    """Domain and service."""
    entity_ids: Sequence[str]
    """The entities that it names by their ids, wherever."""


def own_steps(hass: HomeAssistant, tool: llm.Tool) -> Iterator[Step]:
    """Give the steps of the action that the user has written for a sentence."""
    return _own_steps(_handler(hass, tool))


def _own_steps(handler: intent.IntentHandler | None) -> Iterator[Step]:
    """Give the steps of what handles an intent."""
    config = getattr(handler, "config", None)
    for step in _steps(config.get("action") if isinstance(config, Mapping) else None):
        targets = [target for target in (step.get("target"), step.get("data"), step) if isinstance(target, Mapping)]
        named = [entity_id for target in targets for entity_id in texts_of(target.get(ATTR_ENTITY_ID)) or ()]
        yield Step(str(step.get("action") or step.get("service") or ""), named)


def _steps(action: Any) -> Iterator[Mapping[str, Any]]:
    """Walk through the steps of an action, whatever they are nested in."""
    sequence = getattr(action, "sequence", action)  # Home Assistant has made a script of it
    if isinstance(sequence, Mapping):
        yield sequence
        sequence = list(sequence.values())
    if isinstance(sequence, list | tuple):
        for part in sequence:
            yield from _steps(part)


def text_of(value: object) -> str | None:
    """Return a text that is not blank."""
    return value if isinstance(value, str) and value.strip() else None


def texts_of(value: object) -> set[str] | None:
    """Return one text or many as a set; None for none."""
    parts = [value] if isinstance(value, str) else value if isinstance(value, list | set | tuple) else []
    return {str(part) for part in parts if part} or None
