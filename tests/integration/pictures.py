"""Cameras and pictures for the tests, and what of them left the house."""

import base64
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, override

from homeassistant.components import camera, image
from homeassistant.components.camera.const import DATA_COMPONENT as CAMERAS
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.image.const import DATA_COMPONENT as IMAGES
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from PIL import Image

from tests.simulator.server import Simulator


def jpeg(color: str = "red", size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    """Write a picture of one colour."""
    return written(Image.new("RGB", size, color), "JPEG", **options)


def written(picture: Image.Image, form: str, **options: Any) -> bytes:
    """Write a picture."""
    sink = BytesIO()
    picture.save(sink, form, **options)
    return sink.getvalue()


class PlainCamera(camera.Camera):
    """A camera that shows what it is given."""

    def __init__(self, name: str, picture: bytes | None) -> None:
        """Show a picture, or none."""
        super().__init__()
        self._attr_name = name
        self._attr_unique_id = name
        self.picture = picture
        self.taken = 0

    @override
    async def async_camera_image(self, width: int | None = None, height: int | None = None) -> bytes | None:
        """Return the picture."""
        self.taken += 1
        return self.picture

    def set_available(self, *, available: bool) -> None:
        """Come or go."""
        self._attr_available = available
        self.async_write_ha_state()


class PlainImage(image.ImageEntity):
    """An image entity that shows what it is given."""

    _attr_content_type = "image/jpeg"

    def __init__(self, hass: HomeAssistant, name: str, picture: bytes) -> None:
        """Show a picture."""
        super().__init__(hass)
        self._attr_name = name
        self._attr_unique_id = name
        self._attr_image_last_updated = dt_util.utcnow()
        self._picture = picture

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture."""
        return self._picture


@dataclass(slots=True)
class Views:
    """The cameras and images of a home."""

    hass: HomeAssistant
    cameras: dict[str, PlainCamera] = field(default_factory=dict)

    async def add_camera(
        self, name: str, picture: bytes | None, *, exposed: bool = True, area_id: str | None = None
    ) -> PlainCamera:
        """Add a camera."""
        assert await async_setup_component(self.hass, "camera", {})
        made = self.cameras[name] = PlainCamera(name, picture)
        await self.hass.data[CAMERAS].async_add_entities([made])
        self._place(made.entity_id, exposed=exposed, area_id=area_id)
        return made

    async def add_image(self, name: str, picture: bytes, *, exposed: bool = True) -> PlainImage:
        """Add an image entity."""
        assert await async_setup_component(self.hass, "image", {})
        made = PlainImage(self.hass, name, picture)
        await self.hass.data[IMAGES].async_add_entities([made])
        self._place(made.entity_id, exposed=exposed, area_id=None)
        return made

    def _place(self, entity_id: str, *, exposed: bool, area_id: str | None) -> None:
        """Put something into its room and show it to Assist or not."""
        if area_id is not None:
            er.async_get(self.hass).async_update_entity(entity_id, area_id=area_id)
        async_expose_entity(self.hass, "conversation", entity_id, should_expose=exposed)


def sent_pictures(simulator: Simulator, index: int = -1) -> list[Image.Image]:
    """Decode the pictures of a request for an answer."""
    bodies = [request.body for request in simulator.requests if request.path == "/v1/responses"]
    return [Image.open(BytesIO(data)) for data in sent_bytes(bodies[index])]


def sent_bytes(node: Any) -> list[bytes]:
    """Find the pictures in a body, wherever they stand."""
    if isinstance(node, dict):
        if node.get("type") == "input_image":
            return [base64.b64decode(node["image_url"].partition(",")[2])]
        node = list(node.values())
    return [found for part in node for found in sent_bytes(part)] if isinstance(node, list) else []


def put(hass: HomeAssistant, name: str, data: bytes) -> str:
    """Put a file into the folder `www`, which Home Assistant may read; return its path."""
    path = Path(hass.config.path("www", name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)
