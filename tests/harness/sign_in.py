"""Onboarding and login over Home Assistant's own REST API."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
import time
from typing import Any, Final

import aiohttp

from .errors import HarnessError, RestError

USER: Final = "demo"
PASSWORD: Final = "password"
REFRESH_MARGIN_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What Home Assistant gave for a login."""

    access: str
    refresh: str
    expires_at: float
    """`time.monotonic()` at which the access token should be renewed."""


class Door:
    """Home Assistant's unauthenticated front: onboarding, login and renewal of a token."""

    def __init__(self, session: aiohttp.ClientSession, url: str, *, user: str = USER, password: str = PASSWORD) -> None:
        """Stand before the Home Assistant at this address."""
        self._user = user
        self._password = password
        self._session = session
        self._url = url
        # A client is named by an address of its own; the server's own is what the frontend uses, too.
        self._client_id = f"{url}/"

    async def enter(self) -> Tokens:
        """Onboard a new Home Assistant, log in to one that knows the user."""
        steps = await self._steps()
        if steps.get("user", True):
            return await self._exchange(await self._log_in())
        return await self._onboard(steps)

    async def renew(self, tokens: Tokens) -> Tokens:
        """Get a new access token for the same login."""
        answer = await self._token(grant_type="refresh_token", refresh_token=tokens.refresh)
        return _tokens(answer | {"refresh_token": tokens.refresh})

    async def _steps(self) -> dict[str, bool]:
        """Ask which steps of onboarding are done; none is known to a Home Assistant that started with all of them."""
        try:
            listed = await self._call("GET", "/api/onboarding")
        except RestError as err:
            if err.status != HTTPStatus.NOT_FOUND:
                raise
            return {}
        return {step["step"]: step["done"] for step in listed}

    async def _onboard(self, steps: Mapping[str, bool]) -> Tokens:
        """Create the user and take the steps of the wizard that are left."""
        user = await self._call(
            "POST",
            "/api/onboarding/users",
            json={
                "name": USER.title(),
                "username": USER,
                "password": PASSWORD,
                "client_id": self._client_id,
                "language": "en",
            },
        )
        tokens = await self._exchange(user["auth_code"])
        bodies: dict[str, dict[str, str]] = {
            "core_config": {},
            "analytics": {},
            "integration": {"client_id": self._client_id, "redirect_uri": self._client_id},
        }
        for step, body in bodies.items():
            if not steps[step]:
                await self._call("POST", f"/api/onboarding/{step}", json=body, access=tokens.access)
        return tokens

    async def _log_in(self) -> str:
        """Get the code of a login with user name and password.

        Raises:
            HarnessError: they are not right.
        """
        flow = await self._call(
            "POST",
            "/auth/login_flow",
            json={"client_id": self._client_id, "handler": ["homeassistant", None], "redirect_uri": self._client_id},
        )
        answer = await self._call(
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            json={"client_id": self._client_id, "username": self._user, "password": self._password},
        )
        if "result" not in answer:
            message = f"the login of {self._user!r} was refused: {answer.get('errors')}"
            raise HarnessError(message)
        return str(answer["result"])

    async def _exchange(self, code: str) -> Tokens:
        """Get tokens for the code of a login."""
        return _tokens(await self._token(grant_type="authorization_code", code=code))

    async def _token(self, **form: str) -> dict[str, Any]:
        """Ask the token endpoint, which wants a form and not JSON."""
        answer: dict[str, Any] = await self._call("POST", "/auth/token", data={"client_id": self._client_id, **form})
        return answer

    # JSON enters here: what it holds is known to the callers.
    async def _call(self, method: str, path: str, *, access: str | None = None, **body: Any) -> Any:
        """Get the JSON answer of an endpoint before the login."""
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        async with self._session.request(method, f"{self._url}{path}", headers=headers, **body) as response:
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise RestError(method=method, path=path, status=response.status, body=await response.text())
            return await response.json()


def _tokens(answer: Mapping[str, Any]) -> Tokens:
    """Read the tokens from an answer of the token endpoint."""
    return Tokens(
        access=answer["access_token"],
        refresh=answer["refresh_token"],
        expires_at=time.monotonic() + answer["expires_in"] - REFRESH_MARGIN_S,
    )
