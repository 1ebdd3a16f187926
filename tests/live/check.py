"""Goes through all questions, tells how far it is, and leaves the recording."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import json
from pathlib import Path
import sys
from typing import Final

from ..simulator.jsontypes import JsonObject
from . import report
from .catalogue import QUESTIONS, SCENES, estimate_usd
from .cleaning import Cleaner
from .evidence import Evidence
from .purse import Purse, StoppedError
from .question import Finding, Question, Verdict
from .recording import LeakError, Recording
from .service import CannotRunError, Service, connected

AGREES: Final = 0
CONTRADICTS: Final = 1
CANNOT_RUN: Final = 2

_SCENE_S: Final = 240.0
_MANIFEST: Final = Path(__file__).parents[2] / "custom_components" / "grok_assist" / "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be checked."""

    base_url: str
    key: str
    folder: Path
    """Where the recording goes; it is not there yet."""
    is_agreed: bool = False
    """Whether nobody has to be asked about the cost."""


class Check:
    """One run."""

    def __init__(self, order: Order, say: Callable[[str], None], agree: Callable[[str], bool]) -> None:
        """Prepare a run; `agree` asks a person yes or no."""
        self._order = order
        self._print = say
        self._agree = agree
        self._cleaner = Cleaner(order.key)
        self._recording = Recording()
        self._purse = Purse(estimate_usd())
        self._seen = Evidence()
        self._answers: list[tuple[Question, Finding]] = []
        self._played: set[str] = set()
        self._stopped: set[str] = set()
        """The scenes that were not played to their end, as that would have cost too much."""

    async def run(self) -> int:
        """Ask everything; give the exit code."""
        try:
            self._consider()
            await self._ask_all()
            self._leave()
        except CannotRunError as error:
            self._say(f"check-live could not run: {error}")
            return CANNOT_RUN
        verdicts = {finding.verdict for _, finding in self._answers}
        return CONTRADICTS if Verdict.CONTRADICTS in verdicts else AGREES

    def _say(self, line: str) -> None:
        """Print lines without what is nobody's business."""
        self._print(self._cleaner.text(line))

    def _consider(self) -> None:
        """Tell the cost and ask whether it is worth it.

        Raises:
            CannotRunError: something is missing, or it is not.
        """
        if not self._order.key:
            raise CannotRunError("XAI_API_KEY is not set. Set it to a key from https://console.x.ai.")
        if not (self._order.key.isascii() and self._order.key.isprintable()) or " " in self._order.key:
            raise CannotRunError("XAI_API_KEY does not look like a key: it has characters that no key has.")
        if not self._order.base_url.startswith(("http://", "https://")) or "@" in self._order.base_url:
            raise CannotRunError(
                "--base-url has to be an address that begins with http, without a name and a password."
            )
        if self._order.folder.exists():
            raise CannotRunError(f"{self._order.folder} is there already. Name another folder with --out.")
        self._say(
            f"{len(QUESTIONS)} questions to {self._order.base_url}. This may cost up to ${estimate_usd():.2f} of the"
            " key's credit, takes about three minutes, and plays and hears only sentences of its own."
        )
        if not self._order.is_agreed and not self._agree("Go on? [y/N] "):
            raise CannotRunError("It was not agreed to. Nothing was asked.")

    async def _ask_all(self) -> None:
        """Ask one question after the other."""
        async with connected(
            self._order.base_url, self._order.key, recording=self._recording, purse=self._purse
        ) as service:
            for number, question in enumerate(QUESTIONS, 1):
                await self._play(question.scene, service)
                found = question.answer(self._seen)
                # Before it is cut or broken into lines, behind which nobody would know a piece again.
                finding = replace(found, seen=self._cleaner.line(found.seen))
                self._answers.append((question, finding))
                self._say(f"[{number:>2}/{len(QUESTIONS)}] {question.text} {finding.seen} ({finding.verdict})")

    async def _play(self, name: str, service: Service) -> None:
        """Play a scene, if it has not been played; one that fails does not stop the others."""
        if name in self._played:
            return
        self._played.add(name)
        try:
            async with asyncio.timeout(_SCENE_S):
                await SCENES[name].play(service, self._seen)
        except StoppedError as error:
            self._seen.troubles[name] = str(error)
            self._stopped.add(name)
        except TimeoutError as error:
            self._seen.troubles[name] = str(error) or f"not done in {_SCENE_S:.0f} s"
        except CannotRunError as error:
            # Where nothing was ever answered there is nothing to go on with.
            if name in {"account", "hello"}:
                raise
            self._seen.troubles[name] = str(error)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._seen.troubles[name] = f"an answer of unknown form, {type(error).__name__}"

    def _leave(self) -> None:
        """Show the table, write the recording, and give the words for a report.

        Raises:
            CannotRunError: the recording cannot be left.
        """
        order = self._order
        date = datetime.now(UTC).strftime("%Y-%m-%d")
        self._say(f"\n{report.table(self._answers)}\n\n{report.summary(self._answers)}{self._not_asked()}")
        try:
            self._recording.write(order.folder, self._index(date), self._cleaner)
        except LeakError:
            raise CannotRunError("The recording would have held the key, so it was not written.") from None
        except OSError as error:
            raise CannotRunError(f"The recording cannot be written: {error.strerror}.") from None
        told = report.for_a_bug_report(
            self._answers, date=date, version=_version(), base_url=order.base_url, folder=order.folder.name
        )
        self._say(f"\nThe recording lies in {order.folder}. For a bug report:\n\n{told}")

    def _not_asked(self) -> str:
        """Tell what was not asked, as it could have cost more than was agreed to."""
        missing = [
            question.id
            for question, finding in self._answers
            if question.scene in self._stopped and finding.verdict is Verdict.UNANSWERED
        ]
        return f"\nNot asked, to stay within ${self._purse.limit_usd:.2f}: {', '.join(missing)}" if missing else ""

    def _index(self, date: str) -> JsonObject:
        """Give what the recording tells of itself."""
        return {
            "date": date,
            "base_url": self._order.base_url,
            "versions": {"grok_assist": _version(), "python": sys.version.split()[0]},
            "estimate_usd": round(estimate_usd(), 2),
            "verdicts": [
                {"question": question.id, "rely": question.rely, "seen": finding.seen, "verdict": str(finding.verdict)}
                for question, finding in self._answers
            ],
        }


def _version() -> str:
    """Tell the version of the integration."""
    return str(json.loads(_MANIFEST.read_text(encoding="utf-8"))["version"])
