"""How long users wait is written down: the table of the architecture, and sentences of the other pages."""

import pytest

from custom_components.grok_assist import agent, ask, config_flow, voice_agent
from custom_components.grok_assist.account import billing, plain_speech
from custom_components.grok_assist.chat import fallback_agent, memory, summary, turn
from custom_components.grok_assist.core.consent import book
from custom_components.grok_assist.core.home import context, live_block
from custom_components.grok_assist.core.live import endings, tickets
from custom_components.grok_assist.core.usage import circuit
from custom_components.grok_assist.grok import availability, client, images, patience, rest, sockets
from custom_components.grok_assist.grok.documents import UploadLimits
from custom_components.grok_assist.grok.speech_wire import SpeechLimits
from custom_components.grok_assist.home import keyterms
from custom_components.grok_assist.live import socket, spoken_turn, turn_runner
from custom_components.grok_assist.realtime import connection, dialogue, usage_meter
from custom_components.grok_assist.realtime.dialler import DialPolicy
from custom_components.grok_assist.realtime.playback import PlaybackLimits
from custom_components.grok_assist.realtime.session import SessionDeadlines
from custom_components.grok_assist.realtime.turn_settings import TurnDeadlines
from custom_components.grok_assist.services import ServiceDeadlines
from custom_components.grok_assist.tasks import attachments
from custom_components.grok_assist.vision import picture_sinks
from custom_components.grok_assist.vision.snapshots import PictureQueue
from custom_components.grok_assist.voice import conversations, other_engines, satellites, session_prompt
from custom_components.grok_assist.voice.microphone import MicrophoneDeadlines
from tests.e2e.docs_pages import page

ARCHITECTURE = "docs/architecture.md"


def waits() -> dict[str, float]:
    """Give the seconds of each row, by its name."""
    spoken, session, dial, player = TurnDeadlines(), SessionDeadlines(), DialPolicy(), PlaybackLimits()
    speech, microphone, queue, upload = SpeechLimits(), MicrophoneDeadlines(), PictureQueue(), UploadLimits()
    return {
        "TurnDeadlines.ready_s": spoken.ready_s,
        "TurnDeadlines.start_s": spoken.start_s,
        "TurnDeadlines.speech_s": spoken.speech_s,
        "TurnDeadlines.ended_s": spoken.ended_s,
        "TurnDeadlines.words_s": spoken.words_s,
        "TurnDeadlines.answer_s": spoken.answer_s,
        "TurnDeadlines.search_s": spoken.search_s,
        "TurnDeadlines.attach_s": spoken.attach_s,
        "TurnDeadlines.take_s": spoken.take_s,
        "SessionDeadlines.greeting_s": session.greeting_s,
        "SessionDeadlines.configuring_s": session.configuring_s,
        "endings.AWAY_S": endings.AWAY_S,
        "endings.COUNTDOWN_S": endings.COUNTDOWN_S,
        "endings.WARNED_S": endings.WARNED_S,
        "endings.TOUCH_S": endings.TOUCH_S,
        "tickets.TICKET_S": tickets.TICKET_S,
        "socket.HELLO_S": socket.HELLO_S,
        "socket.SEND_S": socket.SEND_S,
        "socket.HEARTBEAT_S": socket.HEARTBEAT_S,
        "dialogue.STOPPED_S": dialogue.STOPPED_S,
        "dialogue.SETTLE_S": dialogue.SETTLE_S,
        "dialogue.JUDGED_S": dialogue.JUDGED_S,
        "spoken_turn.CONSENT_S": spoken_turn.CONSENT_S,
        "conversations.LIVE_SPEECH_S": conversations.LIVE_SPEECH_S,
        "conversations.LIVE_ATTACH_S": conversations.LIVE_ATTACH_S,
        "turn_runner.ENDING_S": turn_runner.ENDING_S,
        "DialPolicy.place_s": dial.place_s,
        "DialPolicy.goodbye_s": dial.goodbye_s,
        "DialPolicy.max_age_s": dial.max_age_s,
        "connection.CLOSING_S": connection.CLOSING_S,
        "PlaybackLimits.patience_s": player.patience_s,
        "PlaybackLimits.lead_s": player.lead_s,
        "MicrophoneDeadlines.chunk_s": microphone.chunk_s,
        "MicrophoneDeadlines.words_s": microphone.words_s,
        "satellites.RUN_S": satellites.RUN_S,
        "satellites.REOPENS_S": satellites.REOPENS_S,
        "conversations.QUIET_S": conversations.QUIET_S,
        "session_prompt.PREPARE_S": session_prompt.PREPARE_S,
        "voice_agent.VOICE_PATIENCE": voice_agent.VOICE_PATIENCE.queue_s,
        "plain_speech.PATIENCE_S": plain_speech.PATIENCE_S,
        "SpeechLimits.answer_s": speech.answer_s,
        "SpeechLimits.send_s": speech.send_s,
        "SpeechLimits.microphone_s": speech.microphone_s,
        "SpeechLimits.words_s": speech.words_s,
        "SpeechLimits.writing_s": speech.writing_s,
        "SpeechLimits.pause_s": speech.pause_s,
        "sockets.HEARTBEAT_S": sockets.HEARTBEAT_S,
        "sockets.CLOSE_S": sockets.CLOSE_S,
        "other_engines.PATIENCE_S": other_engines.PATIENCE_S,
        "fallback_agent.ANSWER_S": fallback_agent.ANSWER_S,
        "availability.LOST_S": availability.LOST_S,
        "availability.AGAIN_S": availability.AGAIN_S,
        "circuit.FIRST_DELAY_S": circuit.FIRST_DELAY_S,
        "circuit.MAX_DELAY_S": circuit.MAX_DELAY_S,
        "circuit.MAX_RETRY_AFTER_S": circuit.MAX_RETRY_AFTER_S,
        "circuit.PROBE_S": circuit.PROBE_S,
        "rest.LOOKUP_TIMEOUT_S": rest.LOOKUP_TIMEOUT_S,
        "rest.CONNECT_TIMEOUT_S": rest.CONNECT_TIMEOUT_S,
        "client.DRAIN_S": client.DRAIN_S,
        "images.GENERATION_TIMEOUT_S": images.GENERATION_TIMEOUT_S,
        "UploadLimits.least_s": upload.least_s,
        "UploadLimits.per_megabyte_s": upload.per_megabyte_s,
        "UploadLimits.most_s": upload.most_s,
        "PictureQueue.snapshot_s": queue.snapshot_s,
        "PictureQueue.fit_s": queue.fit_s,
        "agent.PREPARE_TIMEOUT_S": agent.PREPARE_TIMEOUT_S,
        "summary.PATIENCE_S": summary.PATIENCE_S,
        "summary.LONGEST_S": summary.LONGEST_S,
        "memory.SAVE_AFTER_S": memory.SAVE_AFTER_S,
        "keyterms.FRESH_S": keyterms.FRESH_S,
        "context.RECENT_S": context.RECENT_S,
        "ServiceDeadlines.setup_s": ServiceDeadlines().setup_s,
        "config_flow.CHECK_TIMEOUT_S": config_flow.CHECK_TIMEOUT_S,
    }


def test_waits_when_compared_then_as_the_table_says_and_no_other() -> None:
    """Whoever makes somebody wait longer changes the table, which says what for."""
    told = {name.strip("`"): float(seconds.replace(",", "")) for _, name, seconds in page(ARCHITECTURE).rows("Waiting")}
    assert told == waits()


def test_tries_when_compared_then_as_the_table_says() -> None:
    """How long the pauses between two tries are."""
    text = " ".join(page(ARCHITECTURE).text.split())
    (first, *others), redials = DialPolicy().backoff_s, DialPolicy().max_redials
    assert f"after {first:g}, {', '.join(f'{pause:g}' for pause in others)} s" in text
    assert f"lost socket is replaced {redials} times" in text
    assert patience.Patience().retry_delays_s == patience.RETRY_DELAYS_S
    assert f"after {' and '.join(f'{pause:g}' for pause in patience.RETRY_DELAYS_S)} s" in text


NUMBERS = (
    ("docs/functions.md", f"a yes after {book.ConsentBook().answer_s:g} seconds does not"),
    ("docs/ai-tasks.md", f"An upload may take {UploadLimits().least_s:g} seconds and"),
    ("docs/ai-tasks.md", f"{UploadLimits().per_megabyte_s:g} more for each megabyte, at most"),
    ("docs/ai-tasks.md", f"at most {UploadLimits().most_s / 60:g} minutes"),
    ("docs/ai-tasks.md", f"{attachments.MAX_DOCUMENTS} with {attachments.MAX_TOTAL_BYTES / 1e6:g} MB together"),
    ("docs/costs.md", f"{patience.USUAL_PATIENCE.queue_s:g} seconds at most (`ask` and AI tasks a minute)"),
    ("docs/costs.md", f"every {usage_meter.BOOK_S:g} seconds"),
    (ARCHITECTURE, f"at most {turn.MAX_ROUNDS} rounds"),
    (ARCHITECTURE, f"a first delta within {client.FIRST_DELTA_LATEST_S:g} s"),
    (ARCHITECTURE, f"is retried within {patience.RETRY_CONNECT_WITHIN_S:g} s"),
    (ARCHITECTURE, f"failing one within {patience.RETRY_SERVER_WITHIN_S:g} s"),
    (ARCHITECTURE, f"gets {live_block.BACKGROUND_TOKENS} tokens"),
    (ARCHITECTURE, f"fits into {live_block.SMALL_HOME_TOKENS} tokens"),
)


@pytest.mark.parametrize(("name", "words"), NUMBERS)
def test_number_when_compared_then_as_in_the_code(name: str, words: str) -> None:
    """What a page counts is what the code counts."""
    assert words in " ".join(page(name).text.split())


@pytest.mark.parametrize(
    ("name", "words", "number", "known"),
    [
        ("docs/voice.md", "closes two seconds after the answer", 2, DialPolicy().goodbye_s),
        ("docs/cameras.md", "A turn takes eight pictures at most", 8, picture_sinks.MOST_IN_A_TURN),
        ("docs/costs.md", "and six searches where it may search", 6, billing.SEARCHES_HELD),
        ("docs/costs.md", "but a thousand tokens long", 1_000, billing.LEAST_OUTPUT_TOKENS),
        ("docs/costs.md", "in steps of five seconds", 5, plain_speech.HEARD_STEP_S),
        ("docs/costs.md", "(`ask` and AI tasks a minute)", 60, ask.PATIENCE.queue_s),
        ("docs/functions.md", "tried again twice, after half a second each", (0.5, 0.5), ask.PATIENCE.retry_delays_s),
        (ARCHITECTURE, "A hundred conversations are remembered", 100, memory.MOST_KEPT),
    ],
)
def test_number_when_told_in_words_then_as_in_the_code(name: str, words: str, number: object, known: object) -> None:
    """The same where a page counts in words."""
    assert words in " ".join(page(name).text.split())
    assert known == number
