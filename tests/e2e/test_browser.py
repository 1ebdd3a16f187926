"""What a user does by hand in a browser: add the integration, make an assistant of it, and talk."""

from collections.abc import AsyncIterator
import os
from pathlib import Path
from typing import Final

from playwright.async_api import Locator, Page, async_playwright, expect
import pytest
import pytest_asyncio

from tests.harness.grok import wait_for_agent
from tests.harness.running import RunningHome
from tests.harness.sign_in import PASSWORD, USER
from tests.harness.simulator import CHECKOUT, SimulatorProcess

CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS: Final = 20_000
# Set to keep a picture for the documentation; tests leave the tree as it is.
PICTURE_VARIABLE: Final = "GROK_ASSIST_SCREENSHOT"
PICTURE: Final = CHECKOUT / "docs" / "images" / "assist.png"
ASSISTANT: Final = "Grok in the browser"

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="Chromium is not here; to run the browser tests: apt-get install chromium"
)


@pytest_asyncio.fixture(loop_scope="session")
async def page(home: RunningHome, tmp_path: Path) -> AsyncIterator[Page]:
    """Open a tab that is logged in."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        tab = await browser.new_page(base_url=home.process.url, viewport={"width": 1280, "height": 800})
        tab.set_default_timeout(PATIENCE_MS)
        await tab.goto("/")
        await tab.get_by_label("Username").fill(USER)
        await tab.get_by_label("Password").first.fill(PASSWORD)
        await tab.keyboard.press("Enter")
        await tab.get_by_text(f"Welcome {USER.title()}").wait_for()
        yield tab
        # Shows where a failed test stood.
        await tab.screenshot(path=tmp_path / "last.png")
        await browser.close()


async def test_from_nothing_to_a_lit_lamp(page: Page, home: RunningHome, simulator: SimulatorProcess) -> None:
    """A user needs nothing but the dialogs."""
    await home.client.call_service("light", "turn_off", entity_id="light.kitchen_light")
    await _add_the_integration(page, simulator.url)
    await wait_for_agent(home.client)
    await _make_an_assistant(page)
    try:
        await simulator.pace(first_delta_s=0.25, tokens_per_s=30)
        dialog = await _open_assist(page)
        await _ask(dialog, "Turn on the kitchen light")
        await expect(_last_message(dialog)).to_contain_text("Kitchen Light", timeout=PATIENCE_MS)
        await home.client.wait_for_state("light.kitchen_light", "on")
        await _ask(dialog, "Is the garage door closed?")
        await expect(_last_message(dialog)).to_contain_text("Garage Door is closed", timeout=PATIENCE_MS)
        await _take_picture(page)
    finally:
        await _remove_the_assistant(home)


async def _add_the_integration(page: Page, base_url: str) -> None:
    """Walk through Settings, Devices & services, Add integration."""
    await page.goto("/config/integrations/dashboard")
    await page.get_by_role("button", name="Add integration").click()
    await page.locator("dialog-add-integration").get_by_role("textbox").fill("grok")
    await page.get_by_text("Grok Assist").click()
    await page.locator("input[name=api_key]").fill("xai-browser-0001")
    await page.locator("input[name=base_url]").fill(base_url)
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_text("Add an assistant?").wait_for()
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="finish").click()
    await _wait_for_closed_dialogs(page)


async def _make_an_assistant(page: Page) -> None:
    """Walk through Settings, Voice assistants, Add assistant."""
    await page.goto("/config/voice-assistants/assistants")
    await page.get_by_role("button", name="Add assistant").click()
    await page.get_by_role("textbox", name="Name").fill(ASSISTANT)
    picker = page.locator("ha-conversation-agent-picker")
    await picker.click()
    await page.get_by_role("option", name="Grok", exact=True).or_(page.get_by_text("Grok", exact=True)).last.click()
    await expect(picker).to_contain_text("Grok")
    # On by default: then Home Assistant itself would answer all that it understands.
    # The thumb of the switch lies over the input, hence the keyboard.
    await page.locator("assist-pipeline-detail-conversation").get_by_role("switch").press("Space")
    await page.get_by_role("button", name="Create").click()
    await page.get_by_text(ASSISTANT).wait_for()
    await _wait_for_closed_dialogs(page)


async def _wait_for_closed_dialogs(page: Page) -> None:
    """Wait until the history holds no dialog.

    A dialog that is closing goes back in the history at the end of its animation: a tab that went elsewhere
    in the meantime would be brought back, on a busy machine one time in two.
    """
    await page.wait_for_function("() => !history.state?.dialog")


async def _open_assist(page: Page) -> Locator:
    """Open Assist from the overview and choose the new assistant."""
    await page.goto("/home/overview")
    await page.get_by_role("button", name="Assist (A)").click()
    dialog = page.locator("ha-voice-command-dialog")
    await dialog.get_by_role("button", name="Home Assistant").click()
    await dialog.get_by_text(ASSISTANT).click()
    return dialog


async def _ask(dialog: Locator, text: str) -> None:
    """Type a sentence and send it."""
    box = dialog.get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")
    await dialog.get_by_text(text).wait_for()


def _last_message(dialog: Locator) -> Locator:
    """Find the newest message of the conversation."""
    return dialog.locator(".message.hass").last


async def _take_picture(page: Page) -> None:
    """Keep a picture for the documentation where it is asked for."""
    if os.environ.get(PICTURE_VARIABLE):
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=PICTURE)


async def _remove_the_assistant(home: RunningHome) -> None:
    """Leave Home Assistant as it was."""
    listed = await home.socket.call("assist_pipeline/pipeline/list")
    for pipeline in listed["pipelines"]:
        if pipeline["name"] == ASSISTANT:
            await home.socket.call("assist_pipeline/pipeline/delete", pipeline_id=pipeline["id"])
