"""Short ways to have Grok's AI task entity do something, and to look at what it sent."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.ai_task.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant

from custom_components.grok_assist.ai_task import GrokTaskEntity
from tests.simulator.server import Simulator

ENTITY = "ai_task.grok_ai_task"
PDF = b"%PDF-1.7\n" + b"You owe 12 dollars. " * 20

type Media = Callable[[str, bytes], dict[str, str]]


async def generate(hass: HomeAssistant, instructions: str = "Count", **fields: Any) -> Any:
    """Have data generated; return it."""
    data = {"task_name": "test task", "entity_id": ENTITY, "instructions": instructions, **fields}
    response = await hass.services.async_call("ai_task", "generate_data", data, blocking=True, return_response=True)
    assert response is not None
    return response["data"]


async def draw(hass: HomeAssistant, instructions: str = "A red door", **fields: Any) -> dict[str, Any]:
    """Have a picture made; return the response."""
    data = {"task_name": "test task", "entity_id": ENTITY, "instructions": instructions, **fields}
    response = await hass.services.async_call("ai_task", "generate_image", data, blocking=True, return_response=True)
    assert response is not None
    return dict(response)


def task_entity(hass: HomeAssistant) -> GrokTaskEntity:
    """Return the entity that does the tasks."""
    entity = hass.data[DATA_COMPONENT].get_entity(ENTITY)
    assert isinstance(entity, GrokTaskEntity)
    return entity


async def background(hass: HomeAssistant) -> None:
    """Wait for what nobody else waits for."""
    await hass.async_block_till_done(wait_background_tasks=True)


def bodies(simulator: Simulator, path: str = "/v1/responses") -> list[dict[str, Any]]:
    """Return what was sent to a path."""
    return [request.body for request in simulator.requests if request.path == path]
