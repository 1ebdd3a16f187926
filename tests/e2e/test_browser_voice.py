"""A user talks to Grok in a real browser: a fake microphone speaks, the page's own player hears the answer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final
import wave

from playwright.async_api import Page, async_playwright, expect
import pytest
import pytest_asyncio

from tests.e2e.conftest import Grok
from tests.e2e.test_browser import CHROMIUM, FLAGS, PATIENCE_MS
from tests.harness.playback import Playback
from tests.harness.sign_in import PASSWORD, USER
from tests.harness.waiting import wait_until
from tests.simulator.speech.hearing import spoken
from tests.simulator.speech.matching import decode, similarity
from tests.simulator.speech.samples import silence

RATE: Final = 16_000
LEAD_S: Final = 1.5
"""The page needs a moment from the opening of the microphone until it listens."""
TAIL_S: Final = 30
# Chromium's echo canceller and gain control take a synthetic voice apart; a real microphone may turn them off as well.
AS_IT_IS: Final = """
const open = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (open) navigator.mediaDevices.getUserMedia = () =>
  open({audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false}});
"""
ORDER, ORDER_PCM = spoken("turn_on_the_kitchen_light")

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="Chromium is not here; to run the browser tests: apt-get install chromium"
)


@pytest_asyncio.fixture(loop_scope="session")
async def page(grok: Grok, tmp_path: Path) -> AsyncIterator[Page]:
    """Open a tab that is logged in, in a browser whose microphone says one sentence."""
    recording = tmp_path / "microphone.wav"
    with wave.open(str(recording), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(silence(LEAD_S, RATE) + ORDER_PCM + silence(TAIL_S, RATE))
    microphone = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}%noloop",
        "--autoplay-policy=no-user-gesture-required",
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *microphone])
        context = await browser.new_context(
            base_url=grok.home.process.url, viewport={"width": 1280, "height": 800}, permissions=["microphone"]
        )
        await context.add_init_script(AS_IT_IS)
        tab = await context.new_page()
        tab.set_default_timeout(PATIENCE_MS)
        await tab.goto("/")
        await tab.get_by_label("Username").fill(USER)
        await tab.get_by_label("Password").first.fill(PASSWORD)
        await tab.keyboard.press("Enter")
        await tab.get_by_text(f"Welcome {USER.title()}").wait_for()
        yield tab
        await tab.screenshot(path=tmp_path / "last.png")
        await browser.close()


async def test_assist_dialog_when_spoken_to_then_done_and_heard(page: Page, grok: Grok) -> None:
    """The Assist dialog of the frontend, with its own microphone and its own player."""
    await grok.simulator.voice_pace(transcript_s=0.1, first_audio_s=0.3, audio_speed=4)
    await grok.home.client.call_service("light", "turn_off", entity_id="light.kitchen_light")
    played: list[str] = []
    page.on("requestfinished", lambda request: played.append(request.url) if "/api/tts_proxy/" in request.url else None)
    await page.goto("/home/overview")
    await page.get_by_role("button", name="Assist (A)").click()
    dialog = page.locator("ha-voice-command-dialog")
    await dialog.get_by_role("button", name="Home Assistant").click()
    await dialog.get_by_text("Grok Voice").click()
    await dialog.get_by_role("button", name="Start listening").click()
    await dialog.get_by_text(ORDER).wait_for(timeout=PATIENCE_MS)
    await expect(dialog.locator(".message.hass").last).to_contain_text("Kitchen Light", timeout=PATIENCE_MS)
    await grok.home.client.wait_for_state("light.kitchen_light", "on")
    await wait_until(_has(played), "the page has heard the answer out", deadline_s=20)
    (session,) = await grok.simulator.sessions()
    answers = [found for found in session["responses"] if found["status"] == "completed" and found["first_audio_at"]]
    sent = b"".join([await grok.simulator.response_audio(session, answer) for answer in answers])
    # The browser keeps what its player was given to itself; Home Assistant has the same bytes for whoever asks again.
    playback = Playback()
    await playback.fetch(played[0])
    sound, rate = decode(bytes(playback.audio))
    assert similarity(sound, rate, sent, 24_000) > 0.9


def _has(items: list[str]) -> Callable[[], Awaitable[bool]]:
    """Give a question that is answered with yes as soon as there is something in a list."""

    async def question() -> bool:
        """Look."""
        return bool(items)

    return question
