"""The harness's look at a log notices what it is for, and that it cannot read one."""

from tests.harness.log import error_lines, log_faults

GOOD = "2026-11-30 10:00:00.000 INFO (MainThread) [homeassistant.core] Started"
BAD = "2026-11-30 10:00:01.000 ERROR (MainThread) [homeassistant] Error doing job: closing of asynchronous generator"


def test_log_when_no_record_is_understood_then_a_fault() -> None:
    """Another form of the lines must not make every check of the log empty."""
    assert log_faults("10:00 something\nTraceback (most recent call last)\n") != []
    assert error_lines("10:00 something") != []
    assert log_faults("") == []
    assert log_faults("\n") == []
    assert log_faults(GOOD) == []


def test_errors_when_there_is_one_then_found_without_a_traceback() -> None:
    """A record of an error counts, whatever it speaks of."""
    assert error_lines(f"{GOOD}\n{BAD}\nmore of it") == [BAD]
    assert error_lines(GOOD) == []
