"""What the page is told in sentences: why a conversation ends, what it should know, and the plain words of a button."""

from collections.abc import Mapping
from typing import Final

from homeassistant.util.language import matches

from ..core.consent.yes_words import YES
from ..core.live.endings import EndReason, Notice

PLAIN_NO: Final = {"de": "nein", "fr": "non", "nl": "nee"}
END_SENTENCES: Final[Mapping[EndReason, str]] = {
    EndReason.IDLE: "live_end_idle",
    EndReason.FAREWELL: "live_end_farewell",
    EndReason.LIMIT: "live_end_limit",
    EndReason.BUDGET: "live_end_budget",
    EndReason.REPLACED: "live_end_replaced",
    EndReason.UNLOADED: "live_end_unloaded",
    EndReason.RESTART: "live_end_restart",
    EndReason.LOST: "live_end_lost",
    EndReason.ERROR: "live_end_error",
}
NOTICE_SENTENCES: Final[Mapping[Notice, str]] = {
    Notice.ECHO: "live_notice_echo",
    Notice.BUDGET_WARNING: "live_notice_budget_warning",
    Notice.IDLE: "live_notice_idle",
    Notice.STILL_THERE: "live_notice_still_there",
    Notice.LIMIT: "live_notice_limit",
    Notice.NETWORK: "live_notice_network",
}
SILENT_REASONS: Final = frozenset({EndReason.USER, EndReason.HIDDEN})
"""Ends that need no sentence: the user knows."""


def plain_word(language: str, *, is_yes: bool) -> str:
    """Return the plain word for yes or no, as a person of this language says it."""
    nearest = (matches(language, list(YES)) or ["en"])[0]
    return YES[nearest][0] if is_yes else PLAIN_NO.get(nearest, "no")
