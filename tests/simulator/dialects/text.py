"""The dialects of `/v1/responses`."""

from typing import Final

from .dialect import dialect

TEXT: Final = (
    dialect("empty_content", "refused accepted", "a message without any content (T1, seen live)"),
    dialect(
        "later_system",
        "obeyed ignored refused",
        "a system message that is not the only one and the first; ignored: the model does not see it (T2)",
    ),
    dialect(
        "refused_argument",
        "none include prompt_cache_key temperature reasoning max_output_tokens store text",
        "an argument that a model does not take, refused by its name wherever it is sent (T4, seen live)",
    ),
    dialect("reasoning_replay", "accepted refused", "encrypted reasoning that is sent back (T1, T6; seen live)"),
    dialect(
        "reasoning_only",
        "never summary response_tag empty",
        "a final reply without a message: its words are in the summary, behind <response> in the reasoning, or nowhere;"
        " the second try and a further user message are answered (T5, seen live)",
    ),
    dialect("grammar", "any simple", "whether limits and choices in the schema of a function are too much (T8)"),
    dialect("most_tools", "350 200 20", "how many tools a request may offer (T8)"),
    dialect(
        "error_shape",
        "native openai slug untyped wordless",
        "the body of an error: as documented for each, all as OpenAI's, with a slug for a code,"
        " without type and code, or a slug without any words (T8, question 14)",
    ),
    dialect("text_usage", "told no_cost zero_cost missing", "what the end of a reply tells of its cost (issue 13)"),
    dialect("closing_event", "completed done", "how the last event of a stream is called (API reference 1.5)"),
    dialect("calls", "whole fragments", "whether the arguments of a call come in one piece (question 13)"),
    dialect(
        "retired_model", "refused substituted", "a model that is not on offer: 404, or another answers (question 12)"
    ),
    dialect("first_delta", "early late", "late: 45 s of silence where the effort is high or xhigh (T7)"),
)
