"""Every built-in transport keeps the contract of digest.protocols.Transport."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from digest.sender import BUILTIN
from digest.sender.folder import FolderTransport
from digest.sender.sendmail import SendmailTransport
from digest.sender.smtp import SmtpTransport
from digest.testing import REFUSAL_CHECKS, RELAY_CHECKS, TRANSPORT_CHECKS, Sink


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


class SendmailCase:
    """A program of one line that keeps what it is given in a file, whole; a reader's answer is its exit code."""

    def __init__(self, folder):
        self.kept, self.answers = folder / "kept", folder / "answers"
        self.kept.mkdir(parents=True)
        self.answers.mkdir()
        self.program = folder / "sendmail"
        self.program.write_text(
            f'#!/bin/sh\ncode=$(cat "{self.answers}/$5" 2>/dev/null) && exit "$code"\n'
            f'cat > "{self.kept}/$$.part" && mv "{self.kept}/$$.part" "{self.kept}/$5.eml"\n'
        )
        self.program.chmod(0o755)
        self.transport = SendmailTransport(name="local", command=(str(self.program),), processes=3)

    def arrived(self):
        return [file.read_bytes().replace(b"\n", b"\r\n") for file in self.kept.glob("*.eml")]

    def answer(self, address, reply):
        (self.answers / address).write_text("67" if reply.startswith("5") else "75")

    async def close(self):
        self.program.unlink()


@asynccontextmanager
async def folder(tmp_path):
    yield FolderCase(tmp_path / "outbox" / "morning@2026-11-23")


@asynccontextmanager
async def smtp(tmp_path):
    async with Sink() as sink:
        yield SmtpCase(sink)


@asynccontextmanager
async def sendmail(tmp_path):
    yield SendmailCase(tmp_path)


CASES = {"folder": folder, "sendmail": sendmail, "smtp": smtp}


def keeps(check, case, tmp_path):
    async def run():
        async with CASES[case](tmp_path) as opened:
            await check(opened)

    asyncio.run(run())


@pytest.mark.parametrize("check", TRANSPORT_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", CASES)
def test_every_transport_keeps_the_contract(check, case, tmp_path):
    keeps(check, case, tmp_path)


@pytest.mark.parametrize("check", REFUSAL_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", ["sendmail", "smtp"])
def test_one_reader_refused_is_one_reader_refused(check, case, tmp_path):
    keeps(check, case, tmp_path)


@pytest.mark.parametrize("check", RELAY_CHECKS, ids=lambda check: check.__name__)
def test_a_relay_answers_for_each_reader_alone(check, tmp_path):
    keeps(check, "smtp", tmp_path)


def test_no_built_in_transport_is_left_out():
    assert set(CASES) == set(BUILTIN)
