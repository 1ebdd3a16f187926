"""What we would like to know of the answers in writing, with what we rely on."""

from typing import Final

from . import text_judges as text
from .question import Question
from .text_scenes import ARGUMENTS

TEXT_QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        id="models",
        text="Which models are listed?",
        rely="the default model, with prices",
        scene="account",
        judge=text.models,
    ),
    Question(
        id="wrong_key",
        text="How is a wrong key refused?",
        rely="401, or 400 that speaks of the key",
        scene="account",
        judge=text.wrong_key,
    ),
    Question(id="answer", text="Is a text answered?", rely="yes", scene="hello", judge=text.answer),
    Question(
        id="unknown_model",
        text="A model that is not there?",
        rely="refused with 400 or 404",
        scene="hello",
        judge=text.unknown_model,
    ),
    Question(id="usage", text="Are tokens told?", rely="yes, in the last event", scene="hello", judge=text.usage),
    Question(id="cost", text="Is the cost told?", rely="cost_in_usd_ticks, not 0", scene="hello", judge=text.cost),
    Question(
        id="closing_event",
        text="Which event comes last?",
        rely="response.completed",
        scene="hello",
        judge=text.closing,
    ),
    Question(
        id="empty_content",
        text="A message without content?",
        rely="refused; none is sent",
        scene="contents",
        judge=text.empty_content,
    ),
    Question(
        id="later_system",
        text="A system message behind the user's?",
        rely="obeyed; none is sent",
        scene="contents",
        judge=text.later_system,
    ),
    Question(
        id="own_state",
        text="Facts in a second part of the user's message?",
        rely="read",
        scene="contents",
        judge=text.own_state,
    ),
    Question(
        id="error_shape",
        text="What does a refusal look like?",
        rely="{code, error} in prose, or {error: {message, type}}",
        scene="contents",
        judge=text.error_shape,
    ),
    *(
        Question(
            id=f"argument_{name}",
            text=f"Is {name} taken?",
            rely="yes, or refused by name",
            scene="arguments",
            judge=text.argument(name),
        )
        for name in ARGUMENTS
    ),
    Question(
        id="reasoning",
        text="Does encrypted reasoning come?",
        rely="yes, where asked for",
        scene="reasoning",
        judge=text.thoughts,
    ),
    Question(
        id="reasoning_replay",
        text="May it be sent back?",
        rely="yes",
        scene="reasoning",
        judge=text.replay,
    ),
    Question(
        id="schema_keywords",
        text="May schemas have enum and pattern?",
        rely="yes",
        scene="calling",
        judge=text.keywords,
    ),
    Question(id="call", text="Is a function called?", rely="yes, rightly", scene="calling", judge=text.call),
    Question(
        id="call_pieces",
        text="Do arguments come in one piece?",
        rely="yes",
        scene="calling",
        judge=text.pieces,
    ),
    Question(id="call_result", text="Is its result answered?", rely="yes", scene="calling", judge=text.result),
    Question(
        id="json_schema",
        text="Does an answer take a given form?",
        rely="yes",
        scene="structure",
        judge=text.structured,
    ),
    Question(
        id="wordless",
        text="Replies without words or calls?",
        rely="none",
        scene="structure",
        judge=text.wordless,
    ),
    Question(
        id="rate_headers",
        text="Are limits told in headers?",
        rely="no; read where they are",
        scene="structure",
        judge=text.rate_headers,
    ),
    Question(
        id="many_tools",
        text="May 201 functions be offered?",
        rely="yes",
        scene="crowd",
        judge=text.many_tools,
    ),
    Question(
        id="patience",
        text="How long does great effort take?",
        rely="less than 40 s",
        scene="patience",
        judge=text.patience,
    ),
)
