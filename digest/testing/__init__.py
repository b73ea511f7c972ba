"""For tests, ours and plugin writers': a strict SMTP sink, fakes behind the protocols, conformance suites.

    Sink, Act, Received                a scriptable SMTP server that injects faults (sink)
    Recorder, a_delivery, a_message    what a transport is driven with; MemoryLedger and MemoryCommitter (fakes)
    TransportCase, TRANSPORT_CHECKS,   what every transport must do (conformance; docs/how-to/write-a-transport.md)
    REFUSAL_CHECKS, RELAY_CHECKS

`python -m digest.testing sink | crash | at` serves the same from a shell.
"""

from __future__ import annotations

from digest.testing.conformance import REFUSAL_CHECKS, RELAY_CHECKS, TRANSPORT_CHECKS, TransportCase
from digest.testing.fakes import MemoryCommitter, MemoryLedger, Recorder, a_delivery, a_message
from digest.testing.script import Act
from digest.testing.sink import Received, Sink

__all__ = [
    "Act",
    "MemoryCommitter",
    "MemoryLedger",
    "Received",
    "Recorder",
    "REFUSAL_CHECKS",
    "RELAY_CHECKS",
    "Sink",
    "TRANSPORT_CHECKS",
    "TransportCase",
    "a_delivery",
    "a_message",
]
