"""A client of servers that speak the OpenAI protocol: one request, retried with growing waits; faults in one line."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from easy2hard.errors import UserError

if TYPE_CHECKING:
    import httpx2

AGAIN = frozenset({408, 409, 425, 429})  # and 5xx: the server may answer later
LONGEST_WAIT = 60.0  # seconds
SHOWN = 300  # characters of a server's message


class Garbage(Exception):
    """An answer that is not what the protocol says."""


@dataclass(frozen=True)
class Access:
    """Where the server is and how patiently it is asked. key_variable: environment variable that holds the API key."""

    url: str
    key_variable: str | None
    timeout: float  # seconds a request
    retries: int
    wait: float  # seconds before the first retry; doubled before each further one


class Client:
    """Sends requests to one address; may be used by several threads at once."""

    def __init__(self, access: Access):
        import httpx2

        self.access, self._key = access, _key(access.key_variable)
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx2.Client(headers=headers, timeout=access.timeout)
        self._faults = (httpx2.TransportError, httpx2.DecodingError, Garbage)
        self._no_address = httpx2.InvalidURL

    def ask(self, body: dict) -> dict:
        """The server's JSON answer, an object with `choices`.

        Asked again after 408, 409, 425, 429, 5xx, broken connections, timeouts and answers that are not of the
        protocol. Raises UserError, one line, for any other refusal and when the retries are used up.
        """
        for attempt in range(self.access.retries + 1):
            fault, least = self._attempt(body)
            if isinstance(fault, dict):
                return fault
            if attempt < self.access.retries:
                wait = min(max(self.access.wait * 2**attempt, least), LONGEST_WAIT)
                print(f"{self.access.url}: {fault}; asked again in {wait:g} s", file=sys.stderr, flush=True)
                time.sleep(wait)
        raise UserError(f"{self.access.url}: {fault}, after {self.access.retries + 1} requests")

    def _attempt(self, body: dict) -> tuple[dict | str, float]:
        """The answer, or what was wrong and the least seconds to wait."""
        try:
            response = self._client.post(self.access.url, json=body)
            if response.status_code in AGAIN or response.status_code >= 500:
                return f"status {response.status_code}", _retry_after(response)
            if not response.is_success:
                raise UserError(f"{self.access.url}: refused with {response.status_code}: {self._said(response)}")
            return _object(response), 0.0
        except self._no_address as error:
            raise UserError(f"options.url: '{self.access.url}' is no address ({_short(str(error))})") from error
        except self._faults as error:
            return f"{type(error).__name__} ({_short(str(error))})", 0.0

    def _said(self, response: httpx2.Response) -> str:
        """The server's message, without the key."""
        text = response.text if not self._key else response.text.replace(self._key, "***")
        return _short(text) or "no message"


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise UserError(f"options.key_variable: environment variable '{variable}' is not set (expected the API key)")
    return key


def _object(response: httpx2.Response) -> dict:
    try:
        found = response.json()
    except ValueError as error:
        raise Garbage(f"not JSON: {_short(response.text, 60)!r}") from error
    if not isinstance(found, dict) or not isinstance(found.get("choices"), list):
        raise Garbage(f"no choices in {_short(response.text, 60)!r}")
    return found


def _retry_after(response: httpx2.Response) -> float:
    """Seconds the server asks for; 0 where it asks for none, or by a date."""
    said = response.headers.get("retry-after", "")
    return float(said) if said.isdecimal() else 0.0


def _short(text: str, most: int = SHOWN) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + " …"
