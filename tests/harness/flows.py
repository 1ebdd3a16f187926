"""Flows of Home Assistant as the frontend walks through them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from .errors import HarnessError

type Rest = Callable[..., Awaitable[Any]]


class FlowKind(StrEnum):
    """Where a family of flows lives."""

    CONFIG = "/api/config/config_entries/flow"
    OPTIONS = "/api/config/config_entries/options/flow"
    SUBENTRY = "/api/config/config_entries/subentries/flow"
    REPAIR = "/api/repairs/issues/fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """What a flow shows, or how it ended."""

    kind: str
    """`form`, `menu`, `create_entry`, `abort` or `progress`."""
    step_id: str
    errors: Mapping[str, str]
    reason: str
    """Why it was aborted, else empty."""
    fields: tuple[str, ...]
    """Names of the form's fields, those in sections included."""
    raw: Mapping[str, Any]


class Flow:
    """One flow from its first step to its end."""

    def __init__(self, rest: Rest, kind: FlowKind, answer: Mapping[str, Any]) -> None:
        """Stand at the step that the answer describes."""
        self._rest = rest
        self._kind = kind
        self.flow_id = str(answer["flow_id"])
        self.step = _step(answer)

    @classmethod
    async def begin(cls, rest: Rest, kind: FlowKind, body: Mapping[str, Any]) -> Self:
        """Begin a flow."""
        return cls(rest, kind, await rest("POST", kind.value, dict(body)))

    @classmethod
    async def resume(cls, rest: Rest, kind: FlowKind, flow_id: str) -> Self:
        """Stand at the current step of a flow that is under way."""
        return cls(rest, kind, await rest("GET", f"{kind.value}/{flow_id}"))

    async def submit(self, fields: Mapping[str, Any]) -> FlowStep:
        """Answer the step and return the next one."""
        answer = await self._rest("POST", f"{self._kind.value}/{self.flow_id}", dict(fields))
        self.step = _step(answer)
        return self.step

    async def cancel(self) -> None:
        """Close the dialog."""
        await self._rest("DELETE", f"{self._kind.value}/{self.flow_id}")

    @property
    def created_entry_id(self) -> str:
        """Id of the config entry that the flow made.

        Raises:
            HarnessError: the flow did not make one.
        """
        if self.step.kind != "create_entry":
            message = f"the flow made no entry: {dict(self.step.raw)}"
            raise HarnessError(message)
        return str(self.step.raw["result"]["entry_id"])


def _step(answer: Mapping[str, Any]) -> FlowStep:
    """Read the step from Home Assistant's answer."""
    return FlowStep(
        kind=answer["type"],
        step_id=answer.get("step_id") or "",
        errors=answer.get("errors") or {},
        reason=answer.get("reason") or "",
        fields=tuple(_field_names(answer.get("data_schema") or ())),
        raw=answer,
    )


def _field_names(schema: Any) -> list[str]:
    """List the fields of a form, sections opened."""
    names: list[str] = []
    for field in schema:
        names.extend(_field_names(field["schema"]) if field.get("type") == "expandable" else [field["name"]])
    return names
