"""The states of a spoken turn and of the answer that counts, and the two tables by which they change; nothing else."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class TurnState(StrEnum):
    """Who holds the turn."""

    LISTENING = "listening"
    """Its words are not complete."""
    UNDERSTOOD = "understood"
    """Its words are complete, and nobody was given them."""
    TRANSCRIBED = "transcribed"
    """Home Assistant has the words; an agent has to attach."""
    ATTACHED = "attached"
    """An agent has it and compares what was assumed with what is true."""
    FOLLOWED = "followed"
    """The agent follows the answer: from here on it is heard, and its calls are run."""
    DONE = "done"
    """The agent let go; sound may still be played."""
    DEAD = "dead"
    """It was ended early."""

    @property
    def is_listening(self) -> bool:
        """Whether the microphone's sound is wanted: nobody was given words yet."""
        return self in (TurnState.LISTENING, TurnState.UNDERSTOOD)

    @property
    def is_over(self) -> bool:
        """Whether no agent has the turn any more, or will."""
        return self in (TurnState.DONE, TurnState.DEAD)


class TurnInput(StrEnum):
    """What moves a turn."""

    WORDS_COMPLETE = "words complete"
    GIVE_WORDS = "give words"
    ATTACH = "attach"
    FOLLOW = "follow"
    FINISH = "finish"
    KILL = "kill"


class AnswerState(StrEnum):
    """What has become of the answer that counts."""

    NONE = "none"
    """Nothing has begun, and nothing was asked."""
    AWAITED = "awaited"
    """It was asked for: by the words, by text or by results."""
    LIVE = "live"
    """It has begun and counts."""
    CALLING = "calling"
    """It is complete with calls, whose results it waits for."""
    COMPLETE = "complete"
    """It is complete without calls."""
    FAILED = "failed"
    """It broke, stalled or was empty; the session lives, and another may come."""
    LOST = "lost"
    """No session will answer."""


class AnswerInput(StrEnum):
    """What moves an answer."""

    WORDS_COMPLETE = "words complete"
    ASK_ANEW = "ask anew"
    CREATED = "created"
    SPEAK_ON = "speak on"
    CALLS = "done with calls"
    DONE = "done"
    BREAK = "break"
    GIVE_RESULTS = "give results"
    END_WITH_RESULTS = "end with results"
    SAY = "say"
    LOSE = "lose"


TURN: Final[Mapping[tuple[TurnState, TurnInput], TurnState]] = {
    (TurnState.LISTENING, TurnInput.WORDS_COMPLETE): TurnState.UNDERSTOOD,
    # Where the session has no words, they come from elsewhere.
    (TurnState.LISTENING, TurnInput.GIVE_WORDS): TurnState.TRANSCRIBED,
    (TurnState.UNDERSTOOD, TurnInput.GIVE_WORDS): TurnState.TRANSCRIBED,
    (TurnState.TRANSCRIBED, TurnInput.ATTACH): TurnState.ATTACHED,
    (TurnState.ATTACHED, TurnInput.FOLLOW): TurnState.FOLLOWED,
    (TurnState.ATTACHED, TurnInput.FINISH): TurnState.DONE,
    (TurnState.FOLLOWED, TurnInput.FINISH): TurnState.DONE,
    (TurnState.LISTENING, TurnInput.KILL): TurnState.DEAD,
    (TurnState.UNDERSTOOD, TurnInput.KILL): TurnState.DEAD,
    (TurnState.TRANSCRIBED, TurnInput.KILL): TurnState.DEAD,
    (TurnState.ATTACHED, TurnInput.KILL): TurnState.DEAD,
    (TurnState.FOLLOWED, TurnInput.KILL): TurnState.DEAD,
    (TurnState.DONE, TurnInput.KILL): TurnState.DEAD,
}
"""What is not listed for a state changes nothing, and nothing is done for it."""

ANSWER: Final[Mapping[tuple[AnswerState, AnswerInput], AnswerState]] = {
    (AnswerState.NONE, AnswerInput.WORDS_COMPLETE): AnswerState.AWAITED,
    (AnswerState.NONE, AnswerInput.CREATED): AnswerState.LIVE,
    (AnswerState.AWAITED, AnswerInput.CREATED): AnswerState.LIVE,
    (AnswerState.FAILED, AnswerInput.CREATED): AnswerState.LIVE,
    # The older one is replaced without a word.
    (AnswerState.LIVE, AnswerInput.CREATED): AnswerState.LIVE,
    (AnswerState.CALLING, AnswerInput.CREATED): AnswerState.LIVE,
    (AnswerState.COMPLETE, AnswerInput.CREATED): AnswerState.LIVE,
    # An answer to half of a sentence is none.
    (AnswerState.LIVE, AnswerInput.SPEAK_ON): AnswerState.NONE,
    (AnswerState.CALLING, AnswerInput.SPEAK_ON): AnswerState.NONE,
    (AnswerState.COMPLETE, AnswerInput.SPEAK_ON): AnswerState.NONE,
    (AnswerState.FAILED, AnswerInput.SPEAK_ON): AnswerState.NONE,
    (AnswerState.LIVE, AnswerInput.CALLS): AnswerState.CALLING,
    (AnswerState.LIVE, AnswerInput.DONE): AnswerState.COMPLETE,
    (AnswerState.LIVE, AnswerInput.BREAK): AnswerState.FAILED,
    (AnswerState.AWAITED, AnswerInput.BREAK): AnswerState.FAILED,
    (AnswerState.COMPLETE, AnswerInput.BREAK): AnswerState.FAILED,
    (AnswerState.CALLING, AnswerInput.GIVE_RESULTS): AnswerState.AWAITED,
    (AnswerState.CALLING, AnswerInput.END_WITH_RESULTS): AnswerState.COMPLETE,
    # A sentence of ours follows what is complete, or stands for an answer without words.
    (AnswerState.COMPLETE, AnswerInput.SAY): AnswerState.AWAITED,
    (AnswerState.FAILED, AnswerInput.SAY): AnswerState.AWAITED,
    (AnswerState.NONE, AnswerInput.ASK_ANEW): AnswerState.AWAITED,
    (AnswerState.AWAITED, AnswerInput.ASK_ANEW): AnswerState.AWAITED,
    (AnswerState.LIVE, AnswerInput.ASK_ANEW): AnswerState.AWAITED,
    (AnswerState.CALLING, AnswerInput.ASK_ANEW): AnswerState.AWAITED,
    (AnswerState.COMPLETE, AnswerInput.ASK_ANEW): AnswerState.AWAITED,
    (AnswerState.FAILED, AnswerInput.ASK_ANEW): AnswerState.AWAITED,
    (AnswerState.NONE, AnswerInput.LOSE): AnswerState.LOST,
    (AnswerState.AWAITED, AnswerInput.LOSE): AnswerState.LOST,
    (AnswerState.LIVE, AnswerInput.LOSE): AnswerState.LOST,
    (AnswerState.CALLING, AnswerInput.LOSE): AnswerState.LOST,
    (AnswerState.COMPLETE, AnswerInput.LOSE): AnswerState.LOST,
    (AnswerState.FAILED, AnswerInput.LOSE): AnswerState.LOST,
}
"""What is not listed for a state changes nothing; another socket under a listening turn begins with `NONE` again."""
