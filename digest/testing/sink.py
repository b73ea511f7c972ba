"""A strict, scriptable SMTP server on 127.0.0.1 that logs each message before it answers.

Strict: commands and message lines end with CRLF, a bare CR or LF is noted as a breach and ends nothing, so a smuggled
second message cannot be missed (SECURITY.md 2 m). Scripted: a function says what is answered at each step.

    async with Sink(script=greylist) as sink:
        ...
        assert [message.recipients for message in sink.messages] == [("ada@example.org",)]
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from digest.testing.script import LATE, Act, Script, as_usual

_LONGEST = 2**26  # octets of one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One accepted message. `data` has its dots unstuffed and ends with CRLF."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    encrypted: bool
    username: str

    @property
    def message_id(self) -> str:
        """As the header says it, angles off."""
        match = re.search(rb"^Message-ID: <([^>]*)>", self.data, re.MULTILINE)
        return match[1].decode("latin-1") if match else ""


@dataclass(slots=True, kw_only=True)
class Session:
    """What one connection said: every line as it came. `ahead` counts commands that did not wait for an answer."""

    lines: list[bytes] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    ahead: int = 0


class Sink:
    """The server; `messages`, `sessions` and `breaches` fill as clients speak."""

    def __init__(
        self,
        *,
        script: Script = as_usual,
        tls: str = "none",
        context: ssl.SSLContext | None = None,
        auth: tuple[str, str] | None = None,
        offers: tuple[str, ...] = ("PIPELINING", "SIZE 10485760", "8BITMIME"),
        log: Path | None = None,
        brief: bool = False,
        late: Callable[[], float] | None = None,
    ) -> None:
        """`tls` is none, starttls or implicit (then with `context`); `auth` the one (username, password) that fits.

        `brief`: for long runs, nothing is kept in memory and the log has no texts. `late` gives the seconds that a
        message takes before it is in the log and its dot is answered.
        """
        self.messages: list[Received] = []
        self.sessions: list[Session] = []
        self.breaches: list[str] = []
        self.lone_dots = 0  # messages ended though nobody was to get them
        self.script = script
        self.tls = tls
        self.context = context
        self.auth = auth
        self.offers = offers
        self.port = 0
        self.brief = brief
        self.late = late
        self._log_path = log
        self._log: IO[str] | None = None
        self._counts: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        context = self.context if self.tls == "implicit" else None
        self._log = self._log_path.open("a", encoding="utf-8") if self._log_path else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context, limit=_LONGEST)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        if self._log is not None:
            self._log.close()

    def speak(self, line: str) -> None:
        """Say `line` on every open connection, though nobody asked."""
        for writer in self._writers:
            writer.write(line.encode() + b"\r\n")

    def said(self, verb: str) -> list[str]:
        """Every command line of all sessions that begins with `verb`."""
        lines = (line.decode("latin-1") for session in self.sessions for line in session.lines)
        return [line for line in lines if line.upper().startswith(verb.upper())]

    def count(self, step: str) -> int:
        """How often a step came; counts from 1 with the call that asks."""
        self._counts[step] += 1
        return self._counts[step]

    def keep(self, message: Received) -> None:
        """Remember and log an accepted message; on its way to the log when it returns."""
        if not self.brief:
            self.messages.append(message)
        if self._log is not None:
            told: dict[str, object] = {
                "at": time.time_ns() // 1_000_000,
                "sender": message.sender,
                "recipients": message.recipients,
                "message_id": message.message_id,
                "size": len(message.data),
            }
            if not self.brief:
                told["data"] = message.data.decode("latin-1")
            self._log.write(json.dumps(told) + "\n")
            self._log.flush()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._talks.add(task)
        session = Session()
        if not self.brief:
            self.sessions.append(session)
        self._writers.add(writer)
        try:
            await _Talk(self, reader, writer, session).run()
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError, _DroppedError):
            pass
        except asyncio.CancelledError:
            pass  # the sink is closing
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            if task is not None:
                self._talks.discard(task)


class _DroppedError(Exception):
    """The script, or the client, ended the connection."""


class _Talk:
    """One connection."""

    def __init__(
        self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: Session
    ) -> None:
        self._sink = sink
        self._reader = reader
        self._writer = writer
        self._session = session
        self._encrypted = sink.tls == "implicit"
        self._username = ""
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Banner, then commands until QUIT or the end."""
        await self._answer("banner", "", "220 sink.test ESMTP")
        steps = {
            b"EHLO": self._ehlo,
            b"HELO": self._ehlo,
            b"STARTTLS": self._starttls,
            b"AUTH": self._auth,
            b"MAIL": self._mail,
            b"RCPT": self._rcpt,
            b"DATA": self._data,
            b"RSET": self._rset,
        }
        while True:
            line = await self._line()
            verb, _, argument = line.partition(b" ")
            if verb.upper() == b"QUIT":
                await self._answer("quit", "", "221 2.0.0 bye")
                return
            step = steps.get(verb.upper())
            if step is None:
                await self._say("500 5.5.2 what?")
            else:
                await step(argument.decode("utf-8", "surrogateescape"))

    async def _ehlo(self, argument: str) -> None:
        offers = list(self._sink.offers)
        if self._sink.tls == "starttls" and not self._encrypted:
            offers.append("STARTTLS")
        if self._sink.auth is not None:
            offers.append("AUTH PLAIN LOGIN")
        lines = ["sink.test", *offers]
        usual = "\r\n".join(f"250{'-' if line is not lines[-1] else ' '}{line}" for line in lines)
        await self._answer("ehlo", argument, usual)

    async def _starttls(self, argument: str) -> None:
        usual = "220 2.0.0 go ahead" if self._sink.tls == "starttls" and not self._encrypted else "503 5.5.1 no"
        if not await self._answer("starttls", argument, usual) or self._sink.context is None:
            return
        await self._writer.start_tls(self._sink.context)
        # Python 3.11 leaves the reader on the old transport.
        self._reader._transport = self._writer.transport  # type: ignore[attr-defined]  # noqa: SLF001
        self._encrypted = True

    async def _auth(self, argument: str) -> None:
        mechanism, _, initial = argument.partition(" ")
        name, password = await (self._plain(initial) if mechanism.upper() == "PLAIN" else self._login(initial))
        usual = "235 2.7.0 welcome" if (name, password) == self._sink.auth else "535 5.7.8 wrong name or password"
        if await self._answer("auth", name, usual):
            self._username = name

    async def _plain(self, initial: str) -> tuple[str, str]:
        _, name, password = base64.b64decode(initial or await self._asked("334 ")).decode().split("\0")
        return name, password

    async def _login(self, initial: str) -> tuple[str, str]:
        name = base64.b64decode(initial or await self._asked("334 VXNlcm5hbWU6")).decode()
        return name, base64.b64decode(await self._asked("334 UGFzc3dvcmQ6")).decode()

    async def _asked(self, challenge: str) -> str:
        await self._say(challenge)
        return (await self._line()).decode("ascii")

    async def _mail(self, argument: str) -> None:
        match = re.fullmatch(r"FROM:<([^<>\s]*)>((?: [A-Z0-9]+(?:=\S+)?)*)", argument)
        usual = "250 2.1.0 ok" if match and self._sender is None else "501 5.5.4 FROM:<address>, once"
        if await self._answer("mail", argument, usual):
            self._sender, self._recipients = match[1] if match else "", []

    async def _rcpt(self, argument: str) -> None:
        match = re.fullmatch(r"TO:<([^<>\s]+)>", argument)
        usual = "250 2.1.5 ok" if match and self._sender is not None else "503 5.5.1 MAIL first, then TO:<address>"
        if await self._answer("rcpt", argument, usual):
            self._recipients.append(match[1] if match else "")

    async def _rset(self, argument: str) -> None:
        self._sender, self._recipients = None, []
        await self._answer("rset", argument, "250 2.0.0 ok")

    async def _data(self, argument: str) -> None:
        usual = "354 go ahead" if self._recipients else "503 5.5.1 RCPT first"
        if not await self._answer("data", argument, usual):
            return
        data = await self._message(await self._ask("body", ""))
        if not self._recipients:
            await self._for_nobody(data)
            return
        message = Received(
            sender=self._sender or "",
            recipients=tuple(self._recipients),
            data=data,
            encrypted=self._encrypted,
            username=self._username,
        )
        self._sender, self._recipients = None, []
        await self._dot(message)

    async def _for_nobody(self, data: bytes) -> None:
        """A DATA that was let through without a recipient: whatever is answered, nothing was taken (RFC 2920 3.1)."""
        self._sink.lone_dots += 1
        self._sink.breaches += ["a message for nobody"] if data else []
        self._sender = None
        await self._answer("lone dot", "", "554 5.5.1 no valid recipients")

    async def _dot(self, message: Received) -> None:
        """Log first, then answer; a refused or dropped message is not logged."""
        act = await self._ask("dot", message.message_id)
        usual = "250 2.0.0 kept" if act is None else act
        if act in {Act.KEEP_AND_DROP, Act.KEEP_AND_HANG, Act.DRIP} or (
            isinstance(usual, str) and usual.startswith("2")
        ):
            if self._sink.late is not None:  # a relay's own work, until the message is safe with it
                await asyncio.sleep(self._sink.late())
            self._sink.keep(message)
        if act is Act.DRIP:
            await self._drip("250 2.0.0 kept")
        else:
            await self._act(usual)

    async def _message(self, act: str | Act | None) -> bytes:
        """Up to CRLF.CRLF, dots unstuffed; `act` comes once the first line is here."""
        raw = bytearray(await self._until(b"\r\n"))
        if act is not None:
            await self._act(act)
        while raw != b".\r\n" and not raw.endswith(b"\r\n.\r\n"):
            raw += await self._until(b"\r\n")
        del raw[-3:]
        self._look_at(bytes(raw))
        return re.sub(rb"(?:\A|(?<=\r\n))\.", b"", bytes(raw))

    def _look_at(self, raw: bytes) -> None:
        """Note what a strict relay would refuse."""
        found = {
            "a bare CR or LF": re.search(rb"\r(?!\n)|(?<!\r)\n", raw),
            "a NUL": b"\0" in raw,
            "8-bit": not raw.isascii(),
            "a line over 998": any(len(line) > 998 for line in raw.split(b"\r\n")),
        }
        self._sink.breaches += [what for what, there in found.items() if there]

    async def _line(self) -> bytes:
        line = (await self._until(b"\r\n"))[:-2]
        if re.search(rb"[\r\n\0]", line):
            self._sink.breaches.append("a control in a command")
        if not self._sink.brief:
            self._session.lines.append(line)
        return line

    async def _until(self, mark: bytes) -> bytes:
        data = await self._reader.readuntil(mark)
        if not self._sink.brief:
            self._session.raw += data
        return data

    async def _ask(self, step: str, argument: str) -> str | Act | None:
        scripted = self._sink.script(step, self._sink.count(step), argument)
        if scripted not in LATE:
            return scripted
        await asyncio.sleep(LATE[scripted])
        return None

    async def _answer(self, step: str, argument: str, usual: str) -> bool:
        """Say what the script wants, else `usual`; whether it was a yes."""
        scripted = await self._ask(step, argument)
        if scripted is Act.DRIP:
            await self._drip(usual)
            return usual[:1] in {"2", "3"}
        return await self._act(usual if scripted is None else scripted)

    async def _act(self, reply: str | Act) -> bool:
        if reply in {Act.HANG, Act.KEEP_AND_HANG}:
            await self._reader.read(-1)
            raise _DroppedError
        if reply is Act.DEAF:
            self._writer.transport.pause_reading()  # type: ignore[attr-defined]  # a stream's transport reads
            await asyncio.Event().wait()
        if isinstance(reply, Act):
            raise _DroppedError
        await self._say(reply)
        return reply[:1] in {"2", "3"}

    async def _drip(self, reply: str) -> None:
        for byte in reply.encode() + b"\r\n":
            self._writer.write(bytes((byte,)))
            await self._writer.drain()
            await asyncio.sleep(0.05)

    async def _say(self, reply: str) -> None:
        # Python's reader keeps what came and was not asked for yet: a command that did not wait for this answer.
        self._session.ahead += bool(self._reader._buffer)  # type: ignore[attr-defined]  # noqa: SLF001
        self._writer.write(reply.encode("utf-8", "surrogateescape") + b"\r\n")
        await self._writer.drain()
