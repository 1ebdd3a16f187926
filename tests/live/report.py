"""What people read in the end."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Final

from .question import Finding, Question, Verdict

type Answers = Sequence[tuple[Question, Finding]]

_HEADS: Final = ("question", "what we rely on", "what was seen", "verdict")
_WIDTHS: Final = (38, 32, 58, 20)
_MOST_TOLD: Final = 12


def table(answers: Answers) -> str:
    """Give all questions with their answers."""
    lines = [_line(_HEADS), "-+-".join("-" * width for width in _WIDTHS)]
    for question, finding in answers:
        cells = (question.text, question.rely, finding.seen, str(finding.verdict))
        columns = [wrap(cell, width) or [""] for cell, width in zip(cells, _WIDTHS, strict=True)]
        height = max(map(len, columns))
        rows = zip(*(column + [""] * (height - len(column)) for column in columns), strict=True)
        lines += [_line(row) for row in rows]
    return "\n".join(lines)


def summary(answers: Answers) -> str:
    """Count the verdicts."""
    verdicts = [finding.verdict for _, finding in answers]
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict if verdict in verdicts)


def for_a_bug_report(answers: Answers, *, date: str, version: str, base_url: str, folder: str) -> str:
    """Give the sentences to be pasted into a bug report."""
    odd = [(question, finding) for question, finding in answers if finding.verdict is not Verdict.AGREES]
    told = [
        f"- {question.id}: relied on “{question.rely}”, saw “{finding.seen}” ({finding.verdict})"
        for question, finding in sorted(odd, key=lambda one: _WEIGHT[one[1].verdict])
    ]
    more = [f"- and {len(told) - _MOST_TOLD} more, see index.json"] if len(told) > _MOST_TOLD else []
    return "\n".join(
        [
            f"script/check-live of grok_assist {version} on {date} against {base_url}:",
            f"{len(answers)} questions, {summary(answers)}.",
            *told[:_MOST_TOLD],
            *more,
            f"The recording ({folder}) holds no key; it can be attached as it is.",
        ]
    )


_WEIGHT: Final = {
    verdict: place
    for place, verdict in enumerate((Verdict.CONTRADICTS, Verdict.UNANSWERED, Verdict.DIFFERS, Verdict.AGREES))
}


def _line(cells: Sequence[str]) -> str:
    """Give one line of the table."""
    return " | ".join(f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
