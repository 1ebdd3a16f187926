"""A loudspeaker that tells where it is."""

import pytest

from custom_components.grok_assist.core.live.messages import PlayedPosition
from custom_components.grok_assist.realtime.client_player import BYTES_PER_MS, KEPT_BYTES, ClientPlayer
from custom_components.grok_assist.realtime.heard import Position


def pcm(ms: int) -> bytes:
    """So much sound."""
    return bytes(int(ms * BYTES_PER_MS))


def at(answer: int, item: int, ms: float) -> PlayedPosition:
    """Where the loudspeaker is."""
    return PlayedPosition(answer=answer, item=item, ms=ms)


def two_items() -> ClientPlayer:
    """A player with an answer of two items, a second and two long."""
    player = ClientPlayer()
    player.put(1, "r1", "a", pcm(1_000), 0.0)
    player.put(1, "r1", "b", pcm(2_000), 0.0)
    return player


def test_sound_when_put_then_numbered_pieces_of_a_tenth() -> None:
    """Answer, item, offset; the end of an item is told when the next begins, or the response ends."""
    player = two_items()
    player.complete("r1")
    frames = player.take_frames()
    assert {frame.answer for frame in frames} == {1}
    assert [frame.item for frame in frames] == [0] * 11 + [1] * 21
    assert [frame.offset for frame in frames[:11]] == [*range(0, 24_000, 2_400), 24_000]
    assert [place for place, frame in enumerate(frames) if frame.is_last] == [10, 31]
    assert max(len(frame.pcm) for frame in frames) == 4_800
    assert player.take_frames() == []
    assert player.put(2, "r2", "c", pcm(10), 0.0) == 2


@pytest.mark.parametrize(
    ("report", "now", "position"),
    [
        (at(1, 0, 400), 0.0, Position("a", 400)),
        (at(1, 0, 400), 0.2, Position("a", 600)),
        (at(1, 0, 400), 9.0, Position("a", 900)),  # a page that is gone plays nothing we know of
        (at(1, 0, 900), 0.3, Position("b", 200)),
        (at(1, 1, 500), 0.0, Position("b", 500)),
        (at(1, 1, 9_000), 0.0, Position("b", 2_000)),  # never more than there is
    ],
)
def test_position_when_reported_then_by_item_and_clamped(
    report: PlayedPosition, now: float, position: Position
) -> None:
    """Between two reports time goes on, half a second at most."""
    player = two_items()
    assert player.position(1, 0.0) is None
    assert player.report(report, 0.0) == 1
    found = player.position(1, now)
    assert found is not None
    assert (found.item_id, found.ms) == (position.item_id, pytest.approx(position.ms))


def test_position_when_stopped_then_time_stands_still() -> None:
    """And what the device still holds in its buffers was not heard."""
    player = two_items()
    player.latency_ms = 100
    player.report(at(1, 0, 400), 0.0, is_stopped=True)
    assert player.position(1, 5.0) == Position("a", 300)


def test_position_when_another_turn_plays_then_heard_or_not_begun() -> None:
    """What was before is heard, what comes is not."""
    player = two_items()
    player.put(2, "r2", "c", pcm(500), 0.0)
    player.report(at(1, 1, 100), 0.0)
    assert player.position(2, 0.0) is None
    player.report(at(2, 0, 100), 1.0)
    assert player.position(1, 1.0) == Position("b", 2_000)
    assert player.report(at(1, 0, 5), 2.0) == 1  # an old report changes nothing
    assert player.position(2, 1.0) == Position("c", 100)
    assert player.report(at(9, 0, 5), 2.0) is None


def test_sound_when_stopped_then_neither_sent_nor_waited_for() -> None:
    """Late pieces of it are dropped by whoever plays, and not even sent."""
    player = two_items()
    player.report(at(1, 0, 400), 0.0)
    assert player.unplayed_ms(0.0) == pytest.approx(2_600)
    assert player.ends_at(0.0) == pytest.approx(2.6)
    assert player.stop() == 1
    player.put(1, "r1", "b", pcm(100), 0.1)
    assert player.take_frames() == []
    assert player.unplayed_ms(0.1) == 0
    assert player.turns_to_stop() == set()


def test_page_when_it_comes_back_then_the_rest_and_nothing_twice() -> None:
    """From where it was, in the same numbers."""
    player = two_items()
    player.complete("r1")
    player.take_frames()
    player.report(at(1, 0, 400), 0.0)
    player.rewind(at(1, 0, 400), 0.0)
    frames = player.take_frames()
    assert (frames[0].item, frames[0].offset) == (0, 9_600)
    assert sum(len(frame.pcm) for frame in frames) == len(pcm(2_600))
    player.rewind(None, 0.0)
    assert sum(len(frame.pcm) for frame in player.take_frames()) == len(pcm(2_600))


def test_sound_when_nobody_takes_it_then_not_kept_without_end() -> None:
    """Twenty seconds."""
    player = ClientPlayer()
    for _ in range(60):
        player.put(1, "r1", "a", pcm(1_000), 0.0)
        player.take_frames()
    player.rewind(None, 0.0)
    assert sum(len(frame.pcm) for frame in player.take_frames()) <= KEPT_BYTES
