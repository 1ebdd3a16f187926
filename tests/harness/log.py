"""What to look for in a log of Home Assistant."""

import re
from typing import Final

LINE: Final = re.compile(
    r"^\d{4}-\d\d-\d\d \S+ (?P<level>[A-Z]+) \((?P<thread>[^)]*)\) \[(?P<logger>[^\]]+)\] (?P<text>.*)$"
)
SERIOUS: Final = frozenset({"WARNING", "ERROR", "CRITICAL"})
EXPECTED: Final = (
    # Asked for: the environment is complete, and a demo must not install anything while it runs.
    "Skipping pip installation of required modules",
    # Said about every custom integration.
    "We found a custom integration grok_assist",
)

# A browser tab that closes while Home Assistant writes to it leaves this behind, with or without us.
CLOSED_TAB: Final = "Cannot write to closing transport"


def serious_lines(log: str) -> list[str]:
    """Find warnings and errors but for those that belong to a custom integration in a complete environment."""
    return [
        line
        for line in log.splitlines()
        if (match := LINE.match(line))
        and match["level"] in SERIOUS
        and not any(text in match["text"] for text in EXPECTED)
    ]


def tracebacks(log: str) -> list[str]:
    """Find every traceback of the log, each with the line that it belongs to."""
    lines = log.splitlines()
    found = []
    for number, line in enumerate(lines):
        if line.startswith("Traceback (most recent call last)"):
            end = next((index for index in range(number, len(lines)) if LINE.match(lines[index])), len(lines))
            found.append("\n".join(lines[max(0, number - 1) : end]))
    return found


def blocking_calls(log: str) -> list[str]:
    """Find what Home Assistant's detector of calls that block the event loop has reported."""
    return [line for line in log.splitlines() if "Detected blocking call" in line]


def unread(log: str) -> list[str]:
    """Find what makes every other look at a log worthless: it has lines, and none of them is a record as we know it."""
    lines = [line for line in log.splitlines() if line.strip()]
    return [f"no record of the log is understood: {lines[0]}"] if lines and not any(map(LINE.match, lines)) else []


def error_lines(log: str) -> list[str]:
    """Find every record of an error, whatever it speaks of; what cannot be read is one, too."""
    records = [(line, match["level"]) for line in log.splitlines() if (match := LINE.match(line))]
    return [*unread(log), *(line for line, level in records if level in ("ERROR", "CRITICAL"))]


def log_faults(log: str) -> list[str]:
    """Find tracebacks and blocking calls: what no turn may leave behind."""
    if problems := unread(log):
        return problems
    ours = [trace for trace in tracebacks(log) if CLOSED_TAB not in trace or "grok_assist" in trace]
    return [*ours, *blocking_calls(log)]
