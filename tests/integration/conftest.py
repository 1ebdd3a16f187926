"""Home Assistant's fixtures and the simulator: one account set up through its own config flow."""

from collections.abc import AsyncGenerator, Callable, Generator
import logging
from pathlib import Path
import shutil
from typing import Any

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, entity_registry as er
from homeassistant.setup import async_setup_component
import imageio_ffmpeg  # type: ignore[import-untyped]
import pytest

from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.hours import HoursLoop
from tests.simulator.server import Simulator

from .pictures import Views
from .talk import Talk
from .tasks.tasks import Media

KEY = "xai-test-0123456789abcdef"
LONG_FIRST = "test_night"
"""The file of the longest tests: the others fill what they leave free."""


def pytest_asyncio_loop_factories() -> dict[str, type[HoursLoop]]:
    """Let time leap: everything runs in one loop."""
    return {"hours": HoursLoop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest."""
    items.sort(key=lambda item: item.path.stem != LONG_FIRST)


@pytest.fixture(autouse=True)
def _our_integration(hass_storage: dict[str, Any], enable_custom_integrations: None, socket_enabled: None) -> None:
    """Let Home Assistant load the integration and keep its files in memory, and the client reach the simulator."""


@pytest.fixture(autouse=True)
def _no_environment_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a key of the machine out of the tests."""
    monkeypatch.delenv("XAI_API_KEY", raising=False)


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Fail a test in which Home Assistant logged a trace or a blocking call, unless it says that it expects one."""
    yield
    for record in caplog.get_records("call"):
        if record.levelno >= logging.ERROR and not getattr(record, "expected", False):
            assert record.exc_info is None, f"a trace in the log: {record.getMessage()}"
        assert "blocking call" not in record.getMessage()


@pytest.fixture
async def simulator() -> AsyncGenerator[Simulator]:
    """A fresh simulator, whose list of violations must be empty in the end."""
    async with Simulator() as running:
        yield running
        assert running.violations == []


@pytest.fixture
async def components(hass: HomeAssistant, tmp_path: Path) -> None:
    """Home Assistant's own part: conversation, intents, LLM API; and the ffmpeg that a machine may lack.

    The folder is its own: what is spoken or drawn in one shared by all, tests of another worker would find.
    """
    hass.config.config_dir = str(tmp_path)
    ffmpeg = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
    assert await async_setup_component(hass, "ffmpeg", {"ffmpeg": {"ffmpeg_bin": ffmpeg}})
    for component in ("homeassistant", "conversation", "intent", "llm"):
        assert await async_setup_component(hass, component, {})


@pytest.fixture
async def entry(hass: HomeAssistant, components: None, simulator: Simulator) -> GrokConfigEntry:
    """An account, set up through its own config flow."""
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"api_key": KEY, "base_url": simulator.url})
    if flow["type"] is FlowResultType.FORM:
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    created = hass.config_entries.async_entries(DOMAIN)[0]
    assert created.state is ConfigEntryState.LOADED
    return created


@pytest.fixture
async def home(hass: HomeAssistant, components: None) -> None:
    """A small home: a kitchen with a light that can be switched, a study with another."""
    config = {
        "input_boolean": {"kitchen_light": {"name": "Kitchen light"}, "study_light": {"name": "Study light"}},
    }
    assert await async_setup_component(hass, "input_boolean", config)
    await hass.async_block_till_done()
    areas, entities = ar.async_get(hass), er.async_get(hass)
    for room in ("Kitchen", "Study"):
        area = areas.async_create(room)
        entity_id = f"input_boolean.{room.lower()}_light"
        entities.async_update_entity(entity_id, area_id=area.id)
        async_expose_entity(hass, "conversation", entity_id, should_expose=True)


@pytest.fixture
def talk(hass: HomeAssistant, entry: GrokConfigEntry) -> Talk:
    """Speak with the account's first agent through the conversation integration."""
    return Talk(hass, "conversation.grok")


@pytest.fixture
def expect_error(caplog: pytest.LogCaptureFixture) -> Callable[[str], None]:
    """Mark a logged trace as expected."""

    def mark(text: str) -> None:
        """Mark the records that hold the text."""
        found = [record for record in caplog.records if text in record.getMessage()]
        assert found
        for record in found:
            record.expected = True

    return mark


@pytest.fixture
def context() -> Context:
    """A context without a user."""
    return Context()


@pytest.fixture
async def voice(hass: HomeAssistant, home: None, assist: None, simulator: Simulator, entry: GrokConfigEntry) -> str:
    """The pipeline "Grok Voice" of an account, made by the config flow; the service speaks ten times as fast."""
    simulator.voice_pace(audio_speed=10)
    pipeline = next(found for found in async_get_pipelines(hass) if found.name == "Grok Voice")
    return pipeline.id


@pytest.fixture
async def assist(hass: HomeAssistant, components: None) -> None:
    """Assist's pipelines, with nothing spoken before."""
    assert await async_setup_component(hass, "assist_pipeline", {})
    await hass.services.async_call("tts", "clear_cache", blocking=True)


@pytest.fixture
def views(hass: HomeAssistant) -> Views:
    """The cameras of the home: none yet."""
    return Views(hass)


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """The media folder; Home Assistant looks for it once, so it is requested before `entry`."""
    made = tmp_path / "media"
    made.mkdir()
    hass.config.media_dirs = {"local": str(made)}
    return made


@pytest.fixture
def media(folder: Path, entry: GrokConfigEntry) -> Media:
    """Put a file into the media folder; return it as an attachment."""

    def put(name: str, data: bytes) -> dict[str, str]:
        """Write a file."""
        (folder / name).write_bytes(data)
        kinds = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png", ".txt": "text/plain"}
        kind = kinds.get(Path(name).suffix, "video/mp4")
        return {"media_content_id": f"media-source://media_source/local/{name}", "media_content_type": kind}

    return put
