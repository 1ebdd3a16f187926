"""Files that cannot be read: nothing stops, nothing is written over, and no budget begins anew in silence."""

from collections.abc import Callable
import json
from pathlib import Path
import shutil
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.grok_assist.account.meter import METERS
from custom_components.grok_assist.const import DOMAIN
from custom_components.grok_assist.core.models import TICKS_PER_USD
from custom_components.grok_assist.runtime import GrokConfigEntry
from tests.simulator.script import reply
from tests.simulator.server import Simulator

from ..talk import Talk, speech
from ..usage import account_state, restart, sensor, set_options, spend, usage_key


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """A folder of our own, as the files are real."""
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Files on the disk in place of those in memory."""
    return {}


@pytest.fixture
def files(hass: HomeAssistant) -> Path:
    """The folder of the files."""
    return Path(hass.config.path(".storage"))


def memory_key(entry: GrokConfigEntry) -> str:
    """Return the name of the file of what is remembered."""
    return f"grok_assist.memory.{entry.entry_id}"


def newer(key: str, data: object) -> str:
    """Write a file of a newer version."""
    return json.dumps({"version": 2, "minor_version": 1, "key": key, "data": data})


def issue(hass: HomeAssistant, entry: GrokConfigEntry, name: str) -> ir.IssueEntry | None:
    """Return an issue of the account."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"{name}_{entry.entry_id}")


def put(path: Path, text: str) -> None:
    """Write a file."""
    path.write_text(text, encoding="utf-8")


def stored_usd(path: Path) -> float:
    """Return what was spent of all time as a file has it."""
    total = json.loads(path.read_text(encoding="utf-8"))["data"]["ledger"]["total"]
    ticks: int = sum(kind["cost_ticks"] for kinds in total.values() for kind in kinds.values())
    return ticks / TICKS_PER_USD


def named(files: Path, pattern: str) -> list[Path]:
    """Return the files of a name."""
    return list(files.glob(pattern))


async def restart_with(hass: HomeAssistant, entry: GrokConfigEntry, path: Path, text: str) -> None:
    """Put a file in place while the account is not loaded, and load it as after a restart."""
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data[METERS].clear()
    put(path, text)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def forget(hass: HomeAssistant) -> object:
    """Call the service."""
    return await hass.services.async_call(DOMAIN, "forget", {}, blocking=True, return_response=True)


@pytest.mark.parametrize(
    "data", [{"conversations": []}, {"conversations": "all of them"}, ["x"]], ids=["newer", "odd", "list"]
)
async def test_memory_when_file_is_not_ours_then_account_works_and_file_stays(
    hass: HomeAssistant, files: Path, entry: GrokConfigEntry, simulator: Simulator, talk: Talk, data: Any
) -> None:
    """A file that only remembers chats stops nothing, and nothing is written over it."""
    path = files / memory_key(entry)
    text = newer(memory_key(entry), data)
    if data != {"conversations": []}:
        text = text.replace('"version": 2', '"version": 1')
    await restart_with(hass, entry, path, text)
    assert entry.state is ConfigEntryState.LOADED
    assert issue(hass, entry, "memory_unreadable") is not None
    simulator.script(reply("Hello."))
    assert speech(await talk("Hello")) == "Hello."
    with pytest.raises(ServiceValidationError, match="was not erased"):
        await forget(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    assert path.read_text(encoding="utf-8") == text
    with pytest.raises(ServiceValidationError, match="was not erased"):
        await forget(hass)
    path.unlink()
    await restart(hass, entry)
    assert issue(hass, entry, "memory_unreadable") is None
    assert await forget(hass) == {"forgotten": 0}


async def test_memory_when_file_is_no_json_then_put_aside_and_gone_with_the_account(
    hass: HomeAssistant, files: Path, entry: GrokConfigEntry, expect_error: Callable[[str], None]
) -> None:
    """Home Assistant puts it aside and says so; what was said does not outlive the account there, either."""
    await restart_with(hass, entry, files / memory_key(entry), "{")
    expect_error("Could not parse JSON content")
    assert entry.state is ConfigEntryState.LOADED
    assert len(named(files, f"{memory_key(entry)}.corrupt*")) == 1
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert named(files, f"*{entry.entry_id}*") == []


async def test_usage_when_file_is_newer_then_budget_counts_as_spent_until_counted_anew(
    hass: HomeAssistant,
    files: Path,
    entry: GrokConfigEntry,
    simulator: Simulator,
    talk: Talk,
    hass_client: ClientSessionGenerator,
) -> None:
    """Two dollars spent of one do not become none because a file cannot be read."""
    assert await async_setup_component(hass, "repairs", {})
    await set_options(hass, entry, budget_daily_usd=1)
    path, text = files / usage_key(entry), newer(usage_key(entry), {"total": "of all time"})
    for _ in range(2):
        await restart_with(hass, entry, path, text)
    assert account_state(hass, entry, "binary_sensor", "budget_exhausted").state == "on"
    before = len(simulator.requests)
    assert "budget counts as used up" in speech(await talk("Hello"))
    assert not [request for request in simulator.requests[before:] if request.path == "/v1/responses"]
    (kept,) = named(files, f"{usage_key(entry)}.unreadable-*")
    assert kept.read_text(encoding="utf-8") == text
    await restart(hass, entry)  # by now the file is ours, and says that something is missing
    found = issue(hass, entry, "usage_unreadable")
    assert found is not None
    assert found.is_fixable
    assert issue(hass, entry, "budget_exhausted") is None
    client = await hass_client()
    answer = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": f"usage_unreadable_{entry.entry_id}"}
    )
    flow = await answer.json()
    assert (flow["type"], flow["step_id"]) == ("form", "confirm")
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    await hass.async_block_till_done()
    assert issue(hass, entry, "usage_unreadable") is None
    simulator.script(reply("Hello."))
    assert speech(await talk("Hello")) == "Hello."
    await restart(hass, entry)
    assert account_state(hass, entry, "binary_sensor", "budget_exhausted").state == "off"
    assert kept.exists()
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert named(files, f"*{entry.entry_id}*") == []


async def test_usage_when_no_budget_is_set_then_told_and_nothing_is_stopped(
    hass: HomeAssistant, files: Path, entry: GrokConfigEntry, simulator: Simulator, talk: Talk
) -> None:
    """Who has no limit is told, and goes on."""
    path = files / usage_key(entry)
    await restart_with(hass, entry, path, newer(usage_key(entry), {}).replace('"version": 2', '"version": 1'))
    assert issue(hass, entry, "usage_unreadable") is not None
    simulator.script(reply("Hello."))
    assert speech(await talk("Hello")) == "Hello."


async def test_usage_when_file_is_no_json_then_budget_counts_as_spent_over_restarts(
    hass: HomeAssistant, files: Path, entry: GrokConfigEntry, expect_error: Callable[[str], None]
) -> None:
    """Home Assistant has put the file aside, so only we know that there was one."""
    await set_options(hass, entry, budget_daily_usd=1)
    await restart_with(hass, entry, files / usage_key(entry), "{")
    expect_error("Could not parse JSON content")
    await restart(hass, entry)
    assert entry.runtime_data.meter.is_exhausted


async def test_usage_when_disk_gives_it_later_then_all_of_it_counts(
    hass: HomeAssistant, files: Path, entry: GrokConfigEntry, expect_error: Callable[[str], None]
) -> None:
    """What the disk does not give for a while is neither lost nor written over."""
    await set_options(hass, entry, budget_daily_usd=5)
    spend(entry, 2)
    path, elsewhere = files / usage_key(entry), files / "elsewhere"
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data[METERS].clear()
    path.rename(elsewhere)
    path.mkdir()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    expect_error("JSON file reading failed")
    assert entry.runtime_data.meter.is_exhausted
    spend(entry, 1)
    await entry.runtime_data.meter.store.async_save()
    path.rmdir()
    shutil.copy(elsewhere, path)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not entry.runtime_data.meter.is_exhausted
    assert float(sensor(hass, entry, "cost_today")) == 3
    assert issue(hass, entry, "usage_unreadable") is None
    spend(entry, 0.5)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert stored_usd(path) == 3.5
    await restart(hass, entry)
    assert float(sensor(hass, entry, "cost_today")) == 3.5
