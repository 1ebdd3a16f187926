"""The words of which the API's own names are made: what is none of them may be somebody's."""

import re
from typing import Final

HIDDEN: Final = "*"
"""Stands for a word that the API's names do not have."""
_NAMES: Final = """
    access account action active added admission after already annotation api append args argument arguments array
    audio auth authentication authorization away background bad balance batch before begin billing binary bit
    blocked body budget buffer busy by bytes call cancel canceled cancelled capacity chat chunk chunks citation
    clear cleared client close closed code commit committed complete completed completion completions concurrent
    config configuration conflict connection content context conversation cost create created credential credentials
    credit credits custom data deadline delete deleted delta denied deprecated detected disabled document done dtmf
    duplicate duration edit editing edits empty encrypted end ended entity entries error event exceeded exhausted
    expired failed failure field file files filter finalize first forbidden force format found frame frames function
    gateway generating generation generations going grok handshake hard high http https id idle image images imagine
    in incomplete input insufficient internal interpreter interpreting interrupted invalid item key language
    languages large last length limit limited limits list load long lost low maintenance malformed many max maximum
    mcp message messages metadata method min mismatch missing model models moderation multi network no not object of
    on one online open operation other out output overloaded param parameter parameters parse part partial path
    payload payment permission phone ping policy pong precondition processing progress prompt protocol queued quota
    rate reached read ready realtime reason reasoning received refresh refusal refused rejected request requests
    required reset resets resource response responses restart retry safety same schema search searching second
    seconds server service session shutdown single size socket speech start started status stopped store stream
    streaming stt summary supported system team temporarily text throttled time timeout timestamp token tokens too
    tool tools transcript transcription triggered truncate truncated tts turn type unauthenticated unauthorized
    unavailable unexpected unimplemented unknown unprocessable unreachable unset unsupported unused update updated
    upstream url usage used user valid value version video voice voices wait wav web websocket words wrong x xai
"""
WORDS: Final = frozenset(_NAMES.split())
"""Of events, errors, routes and reasons: xAI's documents, the protocol that it follows, and HTTP."""

_WORD: Final = re.compile(r"[a-z0-9]+")


def masked(name: str) -> str:
    """Return a name with a mark for each of its words that is not one of the API's."""
    return _WORD.sub(lambda found: found[0] if found[0] in WORDS else HIDDEN, name)


def masked_code(code: str) -> str:
    """Return a code as `masked` does; a status keeps its digits."""
    return code if code.isdigit() else masked(code)
