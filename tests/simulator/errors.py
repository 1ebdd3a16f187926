"""Refusals with the status codes and the two body shapes that xAI documents."""

from enum import StrEnum
from typing import Final

from .jsontypes import JsonObject

# xAI's `code` is prose in the manner of a gRPC status sentence, never a stable token
# (API reference 1.9).
PROSE: Final[dict[int, str]] = {
    400: "Client specified an invalid argument",
    401: "The request does not have valid authentication credentials for the operation",
    403: "The caller does not have permission to execute the specified operation",
    404: "Some requested entity was not found",
    405: "The method is not allowed for the requested URL",
    413: "The request is larger than the server accepts",
    415: "The content type of the request is not supported",
    422: "The request body could not be read as the expected type",
    429: "Some resource has been exhausted",
    500: "Internal error",
    502: "Bad gateway",
    503: "The service is currently unavailable",
    529: "The service is currently overloaded",
}
_SLUGS: Final = {
    400: "invalid-argument",
    401: "unauthenticated",
    403: "permission-denied",
    404: "not-found",
    422: "invalid-argument",
    429: "resource-exhausted",
    502: "unavailable",
    503: "unavailable",
    529: "unavailable",
}


class BodyShape(StrEnum):
    """The two error bodies in use."""

    NATIVE = "native"
    OPENAI = "openai"


class RefusalError(Exception):
    """A request that the API answers with an error."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        shape: BodyShape = BodyShape.NATIVE,
        param: str | None = None,
        code: str | None = None,
        is_violation: bool = False,
    ) -> None:
        """Keep the status, the sentence for people and whether the client broke a rule; `code` replaces the prose."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.shape = shape
        self.param = param
        self.code = code
        self.is_violation = is_violation

    @property
    def body(self) -> JsonObject:
        """The JSON body in the shape that this refusal is documented with."""
        if self.shape is BodyShape.NATIVE:
            body = native_body(self.status, self.message)
            return body if self.code is None else {**body, "code": self.code}
        return _openai_body(self.message, self.param)

    def body_in(self, shape: str) -> JsonObject:
        """The JSON body in a shape of the dialect `error_shape`."""
        match shape:
            case "openai":
                return _openai_body(self.message, self.param)
            case "slug":
                return {"code": _slug(self.status), "error": self.message}
            case "untyped":
                return {"error": {"message": self.message}}
            case "wordless":
                return {"type": "error", "code": _slug(self.status)}
            case _:
                return self.body


def native_body(status: int, message: str) -> JsonObject:
    """Give the `{code, error}` body that most of the API uses."""
    return {"code": PROSE.get(status, PROSE[500]), "error": message}


def _openai_body(message: str, param: str | None) -> JsonObject:
    """Give the `{error: {message, …}}` body that the compatible layers use."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}


def _slug(status: int) -> str:
    """Give a status as a word with hyphens, as some errors were seen to have it."""
    return _SLUGS.get(status, "internal")


def unsupported(message: str) -> RefusalError:
    """Give a 400 in the native shape: an argument that the API or the model does not take."""
    return RefusalError(400, message, is_violation=True)


def invalid(message: str, param: str) -> RefusalError:
    """Give a 400 in the OpenAI shape: an argument with a value that is not allowed."""
    return RefusalError(400, message, shape=BodyShape.OPENAI, param=param, is_violation=True)


def unreadable(message: str, param: str | None = None) -> RefusalError:
    """Give a 422: a body that does not fit the schema."""
    return RefusalError(422, message, shape=BodyShape.OPENAI, param=param, is_violation=True)
