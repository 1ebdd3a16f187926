"""What a session has used: by which rule, and told piece by piece."""

import pytest

from custom_components.grok_assist.core.usage.voice_billing import VoiceBilling
from custom_components.grok_assist.realtime.client_events import AppendAudio
from custom_components.grok_assist.realtime.conversation import SpokenConversation
from custom_components.grok_assist.realtime.session import HANDSHAKES_S, SessionUsage

from .conftest import begun, ready as ready_on
from .service import Service, until
from .sessions import ready
from .wire import audio, feed, response_done, say

BY_SOUND, BY_TIME = VoiceBilling.SENT_AND_RECEIVED, VoiceBilling.CONNECTION
SECOND = bytes(32_000)


def test_usage_when_the_service_tells_less_then_the_sound_counts() -> None:
    """What it told covers what went before, not what comes on top."""
    session = ready()
    say(session, AppendAudio(SECOND * 4))
    feed(session, response_done("r1", billed_s=3))
    assert session.usage(BY_SOUND, 10.0).seconds == pytest.approx(4)
    say(session, AppendAudio(SECOND))
    assert session.usage(BY_SOUND, 10.0).seconds == pytest.approx(5)


def test_usage_when_the_service_tells_more_then_that_counts() -> None:
    """Never less than its own figure, which may take in what comes later."""
    session = ready()
    say(session, AppendAudio(SECOND * 2))
    feed(session, response_done("r1", billed_s=6))
    say(session, AppendAudio(SECOND * 3))
    assert session.usage(BY_SOUND, 10.0).seconds == 6
    feed(session, response_done("r2", billed_s=1))
    assert session.usage(BY_SOUND, 10.0).seconds == 6
    feed(session, response_done("r3"))
    assert session.usage(BY_SOUND, 10.0).seconds == 6


def test_usage_when_billed_by_the_connection_then_open_time_counts() -> None:
    """With the handshakes that we do not see; a clock that stands still makes no sound free."""
    session = ready()
    say(session, AppendAudio(SECOND * 2))
    feed(session, response_done("r1", billed_s=6))
    used = session.usage(BY_TIME, 40.0)
    assert (used.seconds, used.open_s) == (40 + HANDSHAKES_S, 40 + HANDSHAKES_S)
    assert session.usage(BY_TIME, 0.0).seconds == 6


def test_usage_when_heard_then_both_ways_count() -> None:
    """Sound that came is paid as well as sound that went."""
    session = ready()
    say(session, AppendAudio(SECOND))
    feed(session, audio(bytes(48_000)))
    assert session.usage(BY_SOUND, 3.0).seconds == pytest.approx(2, abs=0.001)


@pytest.mark.parametrize("billing", VoiceBilling)
async def test_meter_when_told_piece_by_piece_then_the_pieces_make_the_whole(
    conversation: SpokenConversation, service: Service, billing: VoiceBilling
) -> None:
    """A figure of the service covers what was told before it; nothing is told twice, and nothing taken back."""
    told: list[SessionUsage] = []
    conversation.usage.billing = billing
    conversation.usage.on_used = told.append
    held = begun(conversation)
    socket = await ready_on(conversation, service)
    connection = conversation.connection
    assert connection is not None
    held.feed(SECOND * 2)
    await until(lambda: socket.sound)
    conversation.usage.tell()
    await socket.say(response_done("r1", billed_s=3))
    await until(lambda: told[-1].answers)
    await socket.say(response_done("r2", billed_s=1))
    await until(lambda: told[-1].answers and len(told) > 2)
    conversation.usage.stop()
    whole = connection.session.usage(billing, connection.now)
    assert whole.seconds >= 3
    assert sum(piece.seconds for piece in told) == pytest.approx(whole.seconds, abs=0.05)
    assert sum(piece.open_s for piece in told) == pytest.approx(whole.open_s, abs=0.05)
    assert all(piece.seconds >= 0 for piece in told)
