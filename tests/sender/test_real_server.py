"""Each way out once from the builder's bytes to the other end, over a server that is not ours."""

import asyncio
import email
import email.policy
import warnings

import pytest

from digest.sender import send
from digest.sender.folder import FolderTransport
from digest.sender.smtp import SmtpTransport
from digest.testing.fakes import MemoryCommitter, MemoryLedger

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from aiosmtpd.smtp import SMTP


class Mailbox:
    def __init__(self):
        self.messages = {}

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        (recipient,) = envelope.rcpt_tos
        assert recipient not in self.messages
        self.messages[recipient] = envelope.content
        return "250 2.0.0 kept"


def send_all(make, ledger, transport):
    async def run():
        committer = MemoryCommitter(ledger)
        result = await send(
            row=make.row,
            builder=make.builder(),
            transports=[transport],
            ledger=ledger,
            committer=committer,
            now=lambda: 0,
        )
        await committer.close()
        assert (await ledger.audit(make.row)).ok
        return result

    return run()


def readers(make, count):
    return MemoryLedger([make.delivery(number, name=f"Zoë {number}") for number in range(1, count + 1)])


def subjects(messages):
    return {email.message_from_bytes(data, policy=email.policy.default)["Subject"] for data in messages}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd")
@pytest.mark.filterwarnings("ignore:Session.login_data:DeprecationWarning")
def test_everybody_gets_one_message_through_aiosmtpd(make):
    mailbox, ledger = Mailbox(), readers(make, 40)

    async def run():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(mailbox, hostname="sink.test"), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            transport = SmtpTransport(name="relay", host="127.0.0.1", port=port, tls="none", max_connections=4)
            result = await send_all(make, ledger, transport)
            assert result.sent == 40

    asyncio.run(run())
    assert set(mailbox.messages) == {f"reader{number}@example.org" for number in range(1, 41)}
    assert subjects(mailbox.messages.values()) == {"Ferry talks"}
    assert mailbox.messages["reader7@example.org"] == make.builder().build(make.delivery(7, name="Zoë 7")).data


def test_everybody_gets_one_file(make, tmp_path):
    ledger = readers(make, 12)
    result = asyncio.run(send_all(make, ledger, FolderTransport(name="outbox", path=tmp_path)))
    files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert (result.sent, len(files), subjects(files)) == (12, 12, {"Ferry talks"})
