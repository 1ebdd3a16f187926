"""Holds back a sentence that says an order was carried out until it is known whether it was."""

from .actions import Order
from .detector import LONGEST, SENTENCE_END, Detector


class ClaimGuard:
    """Lets words pass as they come where nothing was ordered, else sentence by sentence; a claim waits for the end."""

    def __init__(self, order: Order | None) -> None:
        """Watch for claims of an order; without one everything passes."""
        self.held = ""
        """What was not let go: the sentence under way, or from a claim on everything."""
        self._detector = None if order is None else Detector(order)
        self._claims = self._refuses = False
        self._searched = 0
        """Characters of the held sentence in which there is no end."""
        self._is_passing = False
        """The sentence under way is too long to be a claim."""

    @property
    def has_claim(self) -> bool:
        """Whether something is held that claims what nothing said takes back."""
        return self._claims and not self._refuses

    def feed(self, words: str) -> str:
        """Take words and return what may be said of those so far."""
        if self._detector is None:
            return words
        self.held += words
        return "" if self._claims else self._let_go(self._detector)

    def finish(self) -> str:
        """Take note that the reply is complete; return what may be said of what was held."""
        if self._detector is not None:
            if self._claims:
                self._refuses = self._refuses or any(map(self._detector.refuses, SENTENCE_END.split(self.held)))
            elif not self._is_passing:
                self._judge(self.held, self._detector)
        return "" if self.has_claim else self.release()

    def release(self) -> str:
        """Return everything that was held."""
        held, self.held, self._searched = self.held, "", 0
        return held

    def _let_go(self, detector: Detector) -> str:
        """Return the sentences that are complete and no claims, and what is too long for one."""
        said: list[str] = []
        start = 0
        while (end := SENTENCE_END.search(self.held, max(start, self._searched - 1))) is not None:
            self._searched = 0
            if not self._is_passing:
                self._judge(self.held[start : end.end()], detector)
            if self._claims:
                break
            said.append(self.held[start : end.end()])
            start, self._is_passing = end.end(), False
        if not self._claims and (self._is_passing or len(self.held) - start > LONGEST):
            # The last sign waits: whether it ends the sentence, the next one tells.
            self._is_passing = True
            said.append(self.held[start:-1])
            start = max(start, len(self.held) - 1)
        self.held = self.held[start:]
        self._searched = len(self.held)
        return "".join(said)

    def _judge(self, sentence: str, detector: Detector) -> None:
        """Note what a complete sentence claims or refuses."""
        self._claims = detector.claims(sentence)
        self._refuses = self._refuses or detector.refuses(sentence)
