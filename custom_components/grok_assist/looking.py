"""The tool by which a model looks at exposed cameras; what it sees goes the way that the running turn offers."""

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import Final, Protocol, override

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .core.inventory import Entity
from .core.json_types import JsonObject
from .grok.messages import Picture
from .home import async_get_home
from .snapshots import SHOWN_DOMAINS, async_fit, async_snapshot, check_exposed, check_user

LOOK: Final = "look_at_camera"
MOST_AT_ONCE: Final = 4
DESCRIPTION: Final = (
    "Takes a fresh picture of one or more cameras or images of this home and looks at it. Use it whenever the user asks"
    " what is to be seen, who or what is somewhere, or whether something looks as it should."
)

_NOBODY: Final[JsonObject] = {"problems": "nobody can look now"}


class Viewer(Protocol):
    """Shows pictures to the model of a turn."""

    async def show(self, call_id: str, pictures: Sequence[Picture], question: str) -> JsonObject:
        """Take the pictures of one call; return what the result of the tool tells beside them."""


VIEWER: ContextVar[Viewer | None] = ContextVar(f"{DOMAIN}_viewer", default=None)
"""Of the turn that runs; Home Assistant runs tools in copies of its context."""


class LookTool(llm.Tool):
    """Looks at cameras."""

    name = LOOK
    description = DESCRIPTION
    parameters = vol.Schema(
        {
            vol.Required("cameras", description="Names of cameras or images from the inventory"): vol.All(
                [str], vol.Length(min=1, max=MOST_AT_ONCE)
            ),
            vol.Optional("question", default="", description="What the user wants to know, in their words"): str,
        }
    )
    annotations = llm.ToolAnnotations(read_only=True, destructive=False, idempotent=True, open_world=False)
    integration = DOMAIN

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Take the pictures and show them; one camera that fails does not hide the others."""
        arguments = self.parameters(tool_input.tool_args)
        pictures: list[Picture] = []
        problems: JsonObject = {}
        for name in arguments["cameras"]:
            try:
                pictures.append(await _async_take(hass, name, llm_context.context))
            except HomeAssistantError as error:
                problems[name] = str(error)
        data: JsonObject = {"problems": problems} if problems else {}
        viewer = VIEWER.get()
        if not pictures or viewer is None:
            return llm.ToolResult(data=data or _NOBODY, error=True)
        data |= {
            "looked_at": [picture.label for picture in pictures],
            "taken_at": dt_util.now().isoformat(timespec="seconds"),
        }
        return llm.ToolResult(data=data | await viewer.show(tool_input.id, pictures, arguments["question"]))


def shown_entities(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the entities that can be looked at."""
    return tuple(entity for entity in entities if entity.domain in SHOWN_DOMAINS)


async def _async_take(hass: HomeAssistant, name: str, context: Context | None) -> Picture:
    """Take a picture of what is called so.

    Raises:
        HomeAssistantError: nothing exposed is called so, it gives no picture, or the user may not see it.
    """
    entity = _named(shown_entities(async_get_home(hass).entities), name)
    if entity is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="camera_unknown", translation_placeholders={"name": name}
        )
    check_exposed(hass, entity.entity_id)
    await check_user(hass, entity.entity_id, context)
    return await async_fit(hass, entity.name, entity.entity_id, await async_snapshot(hass, entity.entity_id))


def _named(entities: Sequence[Entity], name: str) -> Entity | None:
    """Find an entity by one of its names, else the only one of an area, else the only one with a similar name."""
    wanted = _key(name)
    for entity in entities:
        if wanted in (_key(own) for own in (*entity.names, entity.entity_id)):
            return entity
    in_area = [entity for entity in entities if wanted in (_key(area) for area in (entity.area, *entity.area_words))]
    similar = [entity for entity in entities if any(wanted in _key(own) or _key(own) in wanted for own in entity.names)]
    return next((found[0] for found in (in_area, similar) if len(found) == 1), None)


def _key(name: str) -> str:
    """Write a name as names are compared."""
    return " ".join(name.casefold().replace("_", " ").split())
