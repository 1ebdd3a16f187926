"""The tool by which a model looks at exposed cameras; what it sees goes the way that the running turn offers."""

import asyncio
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from functools import partial
import re
from typing import Final, Protocol, override

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..core.home.inventory import Entity
from ..core.json_types import JsonObject
from ..grok.messages import Picture
from ..home.exposed import async_get_home
from ..home.permissions import check_exposed, check_user
from .snapshots import SHOWN_DOMAINS, async_fit, async_snapshot

LOOK: Final = "look_at_camera"
MOST_AT_ONCE: Final = 4
DESCRIPTION: Final = (
    "Takes a fresh picture of one or more cameras or images of this home and looks at it. Use it whenever the user asks"
    " what is to be seen, who or what is somewhere, or whether something looks as it should."
)

_SIGNS: Final = re.compile(r"[_()\[\],]+")
TOO_MANY: Final = "enough pictures for one turn: answer from those that you have"
_NOBODY: Final[JsonObject] = {"problems": "nobody can look now"}


class PictureAllowance(Protocol):
    """How many pictures a turn may still take."""

    def grant(self, wanted: int) -> int:
        """Give as many as there are left of those that are wanted."""


class PictureSink(Protocol):
    """Shows pictures to the model of a turn."""

    @property
    def allowance(self) -> PictureAllowance:
        """What is left of the turn's pictures."""

    async def show(self, call_id: str, pictures: Sequence[Picture], question: str) -> JsonObject:
        """Take the pictures of one call; return what the result of the tool tells beside them."""


PICTURE_SINK: ContextVar[PictureSink | None] = ContextVar(f"{DOMAIN}_viewer", default=None)
"""Of the turn that runs; Home Assistant runs tools in copies of its context."""


class CameraTool(llm.Tool):
    """Looks at cameras."""

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

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Be called otherwise where another tool has the name."""
        self.name = f"{DOMAIN}__{LOOK}" if LOOK in taken else LOOK

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Take the pictures and show them; one camera that fails does not hide the others."""
        arguments, sink = self.parameters(tool_input.tool_args), PICTURE_SINK.get()
        if sink is None:
            return llm.ToolResult(data=_NOBODY, error=True)
        names = arguments["cameras"]
        granted = names[: sink.allowance.grant(len(names))]
        pictures, problems = await _async_take_all(hass, granted, llm_context.context)
        problems |= dict.fromkeys(names[len(granted) :], TOO_MANY)
        data: JsonObject = {"problems": problems} if problems else {}
        if not pictures:
            return llm.ToolResult(data=data, error=True)
        data |= {
            "looked_at": [picture.label for picture in pictures],
            "taken_at": dt_util.now().isoformat(timespec="seconds"),
        }
        return llm.ToolResult(data=data | await sink.show(tool_input.id, pictures, arguments["question"]))


async def _async_take_all(
    hass: HomeAssistant, names: Sequence[str], context: Context | None
) -> tuple[list[Picture], JsonObject]:
    """Take the pictures of several cameras at once; tell what is wrong with those that give none."""
    taken = await asyncio.gather(*(_async_take(hass, name, context) for name in names), return_exceptions=True)
    pictures: list[Picture] = []
    problems: JsonObject = {}
    for name, result in zip(names, taken, strict=True):
        match result:
            case Picture():
                pictures.append(result)
            case HomeAssistantError():
                problems[name] = str(result)
            case _:
                raise result
    return pictures, problems


def shown_entities(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return the entities that can be looked at."""
    return tuple(entity for entity in entities if entity.domain in SHOWN_DOMAINS)


async def _async_take(hass: HomeAssistant, name: str, context: Context | None) -> Picture:
    """Take a picture of what is called so.

    Raises:
        HomeAssistantError: nothing exposed is called so, it gives no picture, or the user may not see it.
    """
    found = _named(shown_entities(async_get_home(hass).entities), name)
    if len(found) != 1:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="camera_ambiguous" if found else "camera_unknown",
            translation_placeholders={"name": name, "choices": ", ".join(_told(entity) for entity in found)},
        )
    entity = found[0]
    check_exposed(hass, entity.entity_id)
    await check_user(hass, entity.entity_id, context)
    read = partial(bytes, await async_snapshot(hass, entity.entity_id))
    return await async_fit(hass, entity.name, entity.entity_id, read)


def _named(entities: Sequence[Entity], name: str) -> Sequence[Entity]:
    """Find the entities of a name: the most exact match that there is, be it of several."""
    wanted = _key(name)
    for matches in (_is_called, _is_called_in_area, _is_in_area, _is_similar):
        found = [entity for entity in entities if matches(entity, wanted)]
        if len(found) == 1 or (found and matches is _is_called):
            return found
    return ()


def _is_called(entity: Entity, wanted: str) -> bool:
    """Whether an entity has exactly this name or id."""
    return wanted in (_key(own) for own in (*entity.names, entity.entity_id))


def _is_called_in_area(entity: Entity, wanted: str) -> bool:
    """Whether an entity has this name together with its area's."""
    areas = [_key(area) for area in (entity.area, *entity.area_words) if area]
    names = [_key(own) for own in entity.names]
    return any(wanted in (f"{area} {own}", f"{own} {area}", f"{own} in {area}") for area in areas for own in names)


def _is_in_area(entity: Entity, wanted: str) -> bool:
    """Whether an entity stands in an area of this name."""
    return bool(wanted) and wanted in (_key(area) for area in (entity.area, *entity.area_words))


def _is_similar(entity: Entity, wanted: str) -> bool:
    """Whether one of an entity's names holds the words, or they hold it."""
    return bool(wanted) and any(wanted in _key(own) or _key(own) in wanted for own in entity.names)


def _told(entity: Entity) -> str:
    """Write an entity so that it can be told from others of its name."""
    return f"{entity.area} {entity.name}".strip()


def _key(name: str) -> str:
    """Write a name as names are compared."""
    return " ".join(_SIGNS.sub(" ", name.casefold()).split())
