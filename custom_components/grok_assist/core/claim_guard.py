"""Holds back a sentence that says something was done until it is known whether anything was."""

import re
from typing import Final

from .claims import claims_action, may_become_claim

_END: Final = re.compile(r"[.!?…:](?=[\s\"”»)])|\n")


class ClaimGuard:
    """Lets words pass as they come; what may become a claim waits for its sentence's end, a claim for the reply's."""

    def __init__(self, *, is_on: bool) -> None:
        """Watch, or let everything pass."""
        self.has_claim = False
        self.held = ""
        """What was not let go: the sentence under way, or from a claim on everything."""
        self._is_on = is_on
        self._is_passing = False

    def feed(self, words: str) -> str:
        """Take words and return what may be said of those so far."""
        if not self._is_on:
            return words
        self.held += words
        return "" if self.has_claim else self._let_go()

    def finish(self) -> str:
        """Take note that the reply is complete; return what may be said of what was held."""
        if self._is_on and not self.has_claim and not self._is_passing:
            self.has_claim = claims_action(self.held)
        return "" if self.has_claim else self.release()

    def release(self) -> str:
        """Return everything that was held."""
        held, self.held = self.held, ""
        return held

    def _let_go(self) -> str:
        """Return the sentences that are complete and no claims, and the beginning of one that cannot become any."""
        said = ""
        while (end := _END.search(self.held)) is not None:
            sentence = self.held[: end.end()]
            if not self._is_passing and claims_action(sentence):
                self.has_claim = True
                return said
            said, self.held, self._is_passing = said + sentence, self.held[end.end() :], False
        if self._is_passing or (self.held.strip() and not may_become_claim(self.held)):
            self._is_passing = True
            said += self.release()
        return said
