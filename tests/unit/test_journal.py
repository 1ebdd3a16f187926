"""The journal of what is sent: equal things look equal, and what differs is seen."""

from pathlib import Path

import pytest

from tests.harness.journal.compare import differences
from tests.harness.journal.marks import Marks
from tests.harness.journal.sent import written

FIRST = "01961f5e-7d4c-7aa2-9c11-3f2a5b6c7d8e"
SECOND = "01961f5e-7d4c-7aa2-9c11-ffffffffffff"


def _frame(kind: str, sender: str = "client", **fields: object) -> dict[str, object]:
    """Build a frame as the simulator keeps it."""
    return {"sender": sender, "body": {"type": kind, **fields}}


def test_ids_when_they_come_again_then_same_mark_in_order_of_appearance() -> None:
    """A field names what its id stands for; elsewhere its form tells that it is one."""
    marks = Marks()
    assert marks.of([{"call_id": "call_b"}, {"call_id": "call_a"}, {"call_id": "call_b"}]) == [
        {"call_id": "<call-1>"},
        {"call_id": "<call-2>"},
        {"call_id": "<call-1>"},
    ]
    assert marks.of(f"resp_{FIRST} and {SECOND}, resp_{FIRST}") == "<id-1> and <id-2>, <id-1>"
    assert marks.of("01M8Q2HHGWXJFZPK6BK2WF9T14 459213bb3e5f8466548b1f1310c6b832") == "<id-3> <id-4>"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("It is Monday, 30 November 2026, 21:05.", "It is <date>, <time>."),
        ("Last Visitor: 2026-11-30T20:54:10.123+01:00", "Last Visitor: <moment>"),
        ("http://127.0.0.1:45671/local", "http://127.0.0.1:<port>/local"),
        ("21.4 °C, 60 %, 742 ppm, 3000 tokens", "21.4 °C, 60 %, 742 ppm, 3000 tokens"),
    ],
)
def test_text_when_it_holds_moments_then_marked_and_values_are_not(text: str, marked: str) -> None:
    """Nothing of what a home measures is taken for a time."""
    assert Marks().of(text) == marked


def test_session_when_written_then_sound_is_one_mark_wherever_it_stands() -> None:
    """What the service sends is left out, and how often sound came does not count; its place among others does."""
    frames = [_frame("session.update", session={}), *[_frame("input_audio_buffer.append", audio=1280)] * 3]
    frames += [_frame("response.created", "server"), _frame("response.cancel", response_id=FIRST)]
    handshake: dict[str, object] = {"method": "GET", "path": "/v1/realtime", "headers": {}, "query": {}, "body": None}
    session = {"events": frames, "closed_at": 1.0, "close_code": 1000}
    text = written([handshake | {"reply_status": 101}], [session], ["3 bytes"])
    shown = [line for line in text.splitlines() if line.startswith(("==", "--"))]
    assert shown == [
        "== GET /v1/realtime",
        "-- session.update",
        "-- (sound)",
        "-- response.cancel",
        "-- all sound: 3 bytes",
        "-- closed by us",
    ]
    assert '"response_id": "<response-1>"' in text


def test_folders_when_compared_then_every_turn_of_either_counts(tmp_path: Path) -> None:
    """A turn that is missing differs; nothing at all is no comparison."""
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, words in ((before, "on"), (after, "off")):
        folder.mkdir()
        (folder / "01_same.txt").write_text("equal\n", encoding="utf-8")
        (folder / "02_other.txt").write_text(f"{words}\n", encoding="utf-8")
    (before / "03_gone.txt").write_text("gone\n", encoding="utf-8")
    found = differences(before, after).splitlines()
    assert [line for line in found if line[:1] in "+-" and line[:3] not in ("+++", "---")] == ["-on", "+off", "-gone"]
    assert differences(before, before) == ""
    with pytest.raises(ValueError, match="nothing to compare"):
        differences(before, tmp_path)
