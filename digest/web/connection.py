"""A connection that must say what it wants in time: uvicorn bounds the pause between requests, not a request's head."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol


class Patient(H11Protocol):
    """Closes a connection whose request line and headers are not complete after `seconds`."""

    seconds = 30.0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Start waiting."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on while no request is whole."""
        super().data_received(data)
        if getattr(self.cycle, "response_complete", True):
            self._wait()
        else:
            self._calm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._calm()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(self.seconds, self.transport.close)

    def _calm(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def patient(seconds: float) -> type[Patient]:
    """A Patient that waits so many seconds."""
    return type("Patient", (Patient,), {"seconds": seconds})
