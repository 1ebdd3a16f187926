"""What can go wrong between the harness and the programs that it drives.

HarnessError
├── StartError      a program did not become ready: its log's tail is in the text
├── RestError       Home Assistant answered a REST call with an error status
├── CommandError    Home Assistant answered a websocket command with an error
└── DeadlineError   something awaited did not happen in time
"""


class HarnessError(Exception):
    """Anything that the harness reports itself."""


class StartError(HarnessError):
    """A program that was started did not become ready."""


class RestError(HarnessError):
    """An error status of Home Assistant's REST API."""

    def __init__(self, *, method: str, path: str, status: int, body: str) -> None:
        """Keep what was asked and what came back."""
        super().__init__(f"{method} {path} was answered with {status}: {body[:500]}")
        self.status = status
        self.body = body


class CommandError(HarnessError):
    """An error result of a websocket command."""

    def __init__(self, *, command: str, code: str, message: str, translation_key: str = "") -> None:
        """Keep the command's name and the parts of the error."""
        super().__init__(f"{command} was refused: {code}: {message}")
        self.code = code
        self.message = message
        self.translation_key = translation_key


class DeadlineError(HarnessError):
    """Something awaited did not happen in time."""
