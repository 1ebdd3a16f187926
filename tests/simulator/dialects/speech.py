"""The dialects of plain speech and plain transcription."""

from typing import Final

from .dialect import dialect

SPEECH: Final = (
    dialect(
        "stt_language",
        "any listed_or_refused listed_or_ignored",
        "the language of a transcription: any tag, or one of the 25 of two or three letters that xAI lists (S1)",
    ),
    dialect("finalize", "known unknown", "the wish to end an utterance on the socket of transcription (S2)"),
    dialect("tts_limit", "4096 4000 15000 60000", "the most characters of a text to be spoken (open question 16, S3)"),
)
