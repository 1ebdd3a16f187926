"""How far one try of a request has come: what it has written, and whether that is within its limit."""

from dataclasses import replace

from ..core.errors import GrokCutError, GrokError, GrokServerError
from ..core.tokens import estimate_tokens
from .gate import Permit
from .payer import Payer
from .stream import Activity, Completed, Delta, ReasoningDelta, TextDelta


class Progress:
    """How far one try has come, for the gate and for whoever books it."""

    def __init__(self, permit: Permit, payer: Payer, input_tokens: int, most_tokens: int | None) -> None:
        """Begin a try of a request that has about so many tokens; the answer may have so many at most."""
        self._most_tokens = most_tokens
        self._permit = permit
        self._payer = payer
        self._input_tokens = input_tokens
        self._text_tokens = self._thought_tokens = self._argument_tokens = 0
        self._has_begun = False
        self.is_seen = False
        """Something came that somebody sees or hears; mere activity may happen twice."""
        payer.sent()

    @property
    def has_content(self) -> bool:
        """Whether the model has written anything, be it for nobody's eyes."""
        return self.is_seen or self._tokens > 0

    @property
    def _tokens(self) -> int:
        """Everything that the model has written so far, in tokens."""
        return self._text_tokens + self._thought_tokens + self._argument_tokens

    def note(self, delta: Delta) -> Delta:
        """Note what came; return it, the end of an answer with its usage made whole.

        Raises:
            GrokCutError: the answer grows over its limit, of which the service was not told or which it forgets.
        """
        self._has_begun = True
        self.is_seen = self.is_seen or not isinstance(delta, Activity)
        if isinstance(delta, Completed):
            delta = self._counted(delta)
            self._permit.settle(delta.usage.input_tokens + delta.usage.output_tokens)
            return delta
        match delta:
            case TextDelta(text=text):
                self._text_tokens += estimate_tokens(text)
            case ReasoningDelta(text=text):
                self._thought_tokens += estimate_tokens(text)
            case Activity(written=written):
                self._argument_tokens += estimate_tokens(written)
        self._permit.accept()
        if self._most_tokens is not None and self._tokens > self._most_tokens:
            raise GrokCutError
        return delta

    def _counted(self, end: Completed) -> Completed:
        """Estimate what the service told no sensible count of: no answer is for nothing, and no budget endless."""
        arguments = estimate_tokens("".join(call.arguments for call in end.calls))
        written = self._text_tokens + self._thought_tokens + max(self._argument_tokens, arguments)
        usage = replace(
            end.usage,
            input_tokens=end.usage.input_tokens or self._input_tokens,
            output_tokens=end.usage.output_tokens or written + estimate_tokens(end.late_text),
        )
        return replace(end, usage=usage)

    def fail(self, error: GrokError) -> None:
        """Note that it failed: what was refused before anything came is not billed."""
        is_refused = isinstance(error, GrokServerError) and error.status >= 400
        if not self._has_begun and (is_refused or not error.may_have_acted):
            self._payer.refused()
