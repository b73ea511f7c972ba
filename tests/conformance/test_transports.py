"""Every built-in transport keeps the contract of digest.protocols.Transport."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from digest.sender import BUILTIN
from digest.sender.folder import FolderTransport
from digest.sender.smtp import SmtpTransport
from digest.testing.conformance import RELAY_CHECKS, TRANSPORT_CHECKS
from digest.testing.sink import Sink


class FolderCase:
    def __init__(self, folder):
        self.folder = folder
        self.transport = FolderTransport(name="outbox", path=folder)

    def arrived(self):
        return [file.read_bytes() for file in self.folder.glob("*.eml")]

    async def close(self):
        self.folder.parent.write_text("a file where the folder should be")


class SmtpCase:
    def __init__(self, sink):
        self.sink = sink
        self.answers = {}
        sink.script = lambda step, _, argument: self.answers.get(argument) if step == "rcpt" else None
        self.transport = SmtpTransport(
            name="relay", host="127.0.0.1", port=sink.port, tls="none", max_connections=3, pause=lambda _: 0
        )

    def arrived(self):
        return [message.data for message in self.sink.messages]

    def answer(self, address, reply):
        self.answers[f"TO:<{address}>"] = reply

    async def close(self):
        await self.sink.__aexit__()


@asynccontextmanager
async def folder(tmp_path):
    yield FolderCase(tmp_path / "outbox" / "morning@2026-11-23")


@asynccontextmanager
async def smtp(tmp_path):
    async with Sink() as sink:
        yield SmtpCase(sink)


CASES = {"folder": folder, "smtp": smtp}


def keeps(check, case, tmp_path):
    async def run():
        async with CASES[case](tmp_path) as opened:
            await check(opened)

    asyncio.run(run())


@pytest.mark.parametrize("check", TRANSPORT_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES)
def test_every_transport_keeps_the_contract(check, case, tmp_path):
    keeps(check, case, tmp_path)


@pytest.mark.parametrize("check", RELAY_CHECKS, ids=lambda check: check.__name__)
def test_a_relay_answers_for_each_reader_alone(check, tmp_path):
    keeps(check, "smtp", tmp_path)


def test_no_built_in_transport_is_left_out():
    assert set(CASES) == set(BUILTIN)
