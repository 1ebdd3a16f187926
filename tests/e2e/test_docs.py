"""Everything that the README and the pages of `docs` show to be copied is run in the sample home."""

import asyncio
from collections.abc import Awaitable, Callable
import json
import os
import re
from typing import Any, Final

import jsonschema
import pytest
import pytest_asyncio

from tests.harness.grok import DOMAIN, set_options
from tests.harness.home_assistant import home_assistant_release
from tests.harness.simulator import CHECKOUT
from tests.simulator.speech.matching import decode

from .conftest import Grok
from .docs_pages import DOCS, Block, blocks, page, pages
from .docs_running import (
    DocumentedAutomation,
    check_configuration,
    render,
    run_sequence,
    sequence_of,
    speak,
    templates_in,
)

RELEASE: Final = home_assistant_release().rpartition(".")[0]
ACCOUNT: Final = "home_key_0001"
DOCUMENTED_ACCOUNT: Final = "home_key"
ENTITY: Final = re.compile(
    r"(?:ai_task|binary_sensor|camera|conversation|event|image|light|media_player|sensor|stt|todo|tts|weather)\.[a-z0-9_]+"
)
PLAYER: Final = "player"
"""Those of the sample home play nothing."""
TRIGGERS: Final = frozenset({"event.received"})
TINY_USD: Final = 0.000_01
AT_ONCE_S: Final = 60


def is_of(block: Block, kind: str) -> bool:
    """Tell what a YAML block is: actions, speech for a player, an automation, or lines of the configuration."""
    needs = block.notes.get("needs", "")
    if needs.startswith("20") and needs > RELEASE:
        return False
    if sequence_of(block) is not None:
        return kind == ("speech" if needs == PLAYER else "actions")
    return kind == ("automation" if "triggers" in block.data else "configuration")


def yaml_blocks(kind: str) -> list[Any]:
    """List the YAML blocks of a kind, each named after its place."""
    return [pytest.param(block, id=str(block)) for block in blocks("yaml") if is_of(block, kind)]


@pytest_asyncio.fixture(loop_scope="session")
async def documented(grok: Grok) -> Grok:
    """Call the account's entities as the pages do."""
    for entity in await grok.home.socket.call("config/entity_registry/list"):
        if entity["config_entry_id"] == grok.entry_id and ACCOUNT in entity["entity_id"]:
            await grok.home.socket.call(
                "config/entity_registry/update",
                entity_id=entity["entity_id"],
                new_entity_id=entity["entity_id"].replace(ACCOUNT, DOCUMENTED_ACCOUNT),
            )
    return grok


# --- YAML ---


@pytest.mark.parametrize("block", yaml_blocks("actions"))
async def test_actions_when_run_then_without_an_error(documented: Grok, block: Block) -> None:
    """Each service answers, and a response of ours has the form that is promised."""
    sequence = sequence_of(block)
    assert sequence
    response = await run_sequence(documented.home, sequence)
    if any("response_variable" in step for step in sequence):
        assert response
    domain, _, service = sequence[-1].get("action", "").partition(".")
    if domain == DOMAIN:
        schema = json.loads((DOCS / "schemas" / f"{service}.json").read_text(encoding="utf-8"))
        jsonschema.validate(response, schema)


@pytest.mark.parametrize("block", yaml_blocks("speech"))
async def test_speech_when_asked_for_then_heard(documented: Grok, block: Block) -> None:
    """The action is valid, and its text becomes sound."""
    sequence = sequence_of(block)
    assert sequence
    assert decode(await speak(documented.home, sequence))[0]


@pytest.mark.parametrize("block", yaml_blocks("automation"))
async def test_automation_when_run_then_to_its_end(documented: Grok, block: Block) -> None:
    """The editor takes it, Home Assistant finds nothing wrong with it, and its actions run."""
    config = block.data
    parts = {name: config[name] for name in ("triggers", "conditions", "actions") if name in config}
    checked = await documented.home.socket.call("validate_config", **parts)
    assert all(result["valid"] for result in checked.values()), checked
    automation = DocumentedAutomation(home=documented.home, item_id=f"docs_{block.line}")
    await automation.store(config)
    try:
        await automation.trigger()
        run = await automation.wait_for_run()
    finally:
        await automation.remove()
    assert run["script_execution"] == "finished", run
    assert "error" not in run


async def run_really(
    documented: Grok, found: Callable[[str], bool], cause: Callable[[], Awaitable[object]]
) -> list[dict[str, Any]]:
    """Store the automations whose first trigger names a meant entity, cause it, and return the traces."""
    configs = [block.data for block in blocks("yaml") if is_of(block, "automation")]
    meant = [config for config in configs if found(json.dumps(config["triggers"]))]
    automations = [
        DocumentedAutomation(home=documented.home, item_id=f"docs_real_{number}") for number in range(len(meant))
    ]
    try:
        for automation, config in zip(automations, meant, strict=True):
            await automation.store(config)
        await cause()
        return [await automation.wait_for_run() for automation in automations]
    finally:
        for automation in automations:
            await automation.remove()


async def test_doorbell_when_it_rings_then_described(documented: Grok) -> None:
    """The event of a bell runs the automation that waits for it."""
    runs = await run_really(
        documented,
        lambda triggers: "event.doorbell" in triggers,
        lambda: documented.home.client.call_service("input_button", "press", entity_id="input_button.doorbell_button"),
    )
    assert [run["script_execution"] for run in runs] == ["finished"]
    (request,) = await documented.simulator.requests()
    assert request


async def test_budget_when_it_is_spent_then_told(documented: Grok) -> None:
    """The event entity and the binary sensor run the automations that wait for them."""
    home = documented.home

    async def spend() -> None:
        """Set a tiny budget and ask."""
        await set_options(home.client, documented.entry_id, agent=documented.agent, budget_daily_usd=TINY_USD)
        # The reload that the change begins may still be under way; this one waits for it.
        await home.client.reload_entry(documented.entry_id)
        await home.client.call_service(DOMAIN, "ask", response=True, text="Good morning")

    runs = await run_really(documented, lambda triggers: "limits" in triggers or "budget_spent" in triggers, spend)
    assert [run["script_execution"] for run in runs] == ["finished"] * 2


@pytest.mark.parametrize("block", yaml_blocks("configuration"))
async def test_configuration_when_checked_then_valid(documented: Grok, block: Block) -> None:
    """Home Assistant's own check takes it, and its templates can be rendered."""
    result = await check_configuration(documented.home, block.text)
    assert (result["result"], result["errors"]) == ("valid", None), result
    for template in templates_in(block.data):
        float(await render(documented.home, template))


@pytest.mark.parametrize("block", [pytest.param(block, id=str(block)) for block in blocks("jinja")])
async def test_template_when_rendered_then_says_something(documented: Grok, block: Block) -> None:
    """It works with the entities that it names."""
    assert await render(documented.home, block.text)


# --- names ---


async def test_entities_when_named_then_there(documented: Grok) -> None:
    """Each entity that a page names is in the sample home; those of the account have the key beside them."""
    states = await documented.home.client.states()
    services = await documented.home.client.rest("GET", "/api/services")
    known = {f"{domain['domain']}.{service}" for domain in services for service in domain["services"]}
    known |= TRIGGERS | {"ai_task.evaluate"}  # which Home Assistant 2026.10 does not have
    users = [each for each in pages() if each.name != "docs/architecture.md"]
    named = {name for each in users for code in _codes(each.text) for name in ENTITY.findall(code)}
    entities = {
        entity["entity_id"]: entity["unique_id"]
        for entity in await documented.home.socket.call("config/entity_registry/list")
    }
    # One that is disabled until somebody wants it has no state.
    assert sorted(named - known - set(states) - set(entities)) == []
    for row in page("docs/functions.md").rows("Entities of the account"):
        entity_id, key = row[0].strip("`"), row[1].strip("`")
        assert entities[entity_id] == f"{documented.entry_id}_{key}"


def _codes(text: str) -> list[str]:
    """List everything that a page shows as code, blocks included, but for file names."""
    found = re.findall(r"```\w+\n(.*?)```|`([^`\n]+)`", text, re.DOTALL)
    return [block or code for block, code in found if not code.endswith((".py", ".yaml", ".md", ".json"))]


async def test_budget_sensor_when_its_device_is_asked_then_offers_triggers(documented: Grok) -> None:
    """The editor finds the account's entities by their device."""
    devices = await documented.home.socket.call("config/device_registry/list")
    (device,) = [each for each in devices if [DOMAIN, documented.entry_id] in each["identifiers"]]
    for kind, types in (("trigger", {"problem", "monetary"}), ("condition", {"is_problem", "is_monetary"})):
        offered = await documented.home.socket.call(f"device_automation/{kind}/list", device_id=device["id"])
        assert types <= {each["type"] for each in offered}


# --- commands ---


async def runs(*command: str) -> None:
    """Run a command of this repository; it succeeds."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(AT_ONCE_S):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def is_run_by(path: str, words: str) -> None:
    """Make sure that another file runs it."""
    assert words in (CHECKOUT / path).read_text(encoding="utf-8")


COMMANDS: Final[dict[str, Callable[[], Awaitable[None]]]] = {
    # Run as a newcomer does in tests/e2e/test_demo.py.
    "script/demo": lambda: is_run_by("tests/e2e/test_demo.py", '_start("--once")'),
    "script/talk FILE.wav": lambda: is_run_by("tests/e2e/test_demo.py", '"script" / "talk"'),
    "script/talk --live FILE.wav": lambda: is_run_by("tests/e2e/test_demo.py", '"--live", speech'),
    # Runs this very test; CI runs nothing else.
    "script/test": lambda: is_run_by(".ci/run", '/../script/test"'),
    # Its first part; run within itself it would have no end.
    "script/test --quick": lambda: is_run_by("script/test", '"${1:-}" == "--quick"'),
    # script/test runs it beside the tests; with --fix it would change files under other tests.
    "script/lint": lambda: is_run_by("script/test", "nice -n 5 script/lint\n"),
    "script/lint --fix": lambda: is_run_by("script/lint", '"${1:-}" == "--fix"'),
    "script/style_metrics.py": lambda: is_run_by("script/lint", "script/style_metrics.py custom_components"),
    # Does nothing where everything is there, and script/test has just seen to that.
    "script/setup": lambda: runs("script/setup", RELEASE),
    # These two fetch other projects, and change recordings of the tree: read, not run.
    "script/check-simulator": lambda: runs("bash", "-n", "script/check-simulator"),
    # Asks a service for money; tests/simulator_tests/test_check_live.py runs what it starts, with the simulator.
    "script/check-live": lambda: is_run_by("script/check-live", "-m tests.live"),
    "script/make-clips": lambda: runs("bash", "-n", "script/make-clips"),
}


def commands() -> list[str]:
    """List each command that a page shows, in a block or between the words."""
    shown = [line.partition("#")[0].strip() for block in blocks("sh") for line in block.text.splitlines()]
    shown += [code for each in pages() for code in each.codes if code.startswith("script/")]
    return list(dict.fromkeys(line for line in shown if line))


@pytest.mark.parametrize("command", commands())
async def test_command_when_shown_then_works(command: str) -> None:
    """It can be run, and the table says how it is."""
    assert os.access(CHECKOUT / command.split(maxsplit=1)[0], os.X_OK)
    await COMMANDS[command]()
