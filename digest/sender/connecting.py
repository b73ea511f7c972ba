"""Connect, TLS, EHLO and AUTH through aiosmtplib, each step with its phase; what comes out is a Conversation.

aiosmtplib's own conveniences are not used where they hurt (LIBRARIES.md 4): STARTTLS is never opportunistic, one
mechanism is tried once, and the connection is taken away from it before the first MAIL.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import aiosmtplib

from digest.errors import TransportError
from digest.model import Phase, Reply, Secret
from digest.protocols import Mark, no_mark
from digest.sender.groups import Level
from digest.sender.pipelining import Conversation
from digest.sender.replies import judge, no_reply, read_reply
from digest.sender.terms import Deadlines, Offered
from digest.sender.wire import Wire

_MECHANISMS = ("plain", "login")
_LEAVING = 1.0  # seconds for a connection that is no longer wanted; a turn of the loop is the rule
# OpenSSL's words for "no version in common"; the others may be a bad moment and are tried again.
_VERSION_REASONS = frozenset(
    {"UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "WRONG_SSL_VERSION", "TLSV1_ALERT_PROTOCOL_VERSION"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where to connect and how: `tls` is starttls, implicit or none. `context` is needed but for none.

    `helo_name` None: we say our end's address, as who has no name of their own should (RFC 5321 4.1.3).
    """

    name: str
    host: str
    port: int
    tls: str
    helo_name: str | None = None
    username: Secret | None = None
    password: Secret | None = None
    context: ssl.SSLContext | None = None

    @property
    def place(self) -> str:
        """`relay (smtp.example.org:587)`."""
        return f"{self.name} ({self.host}:{self.port})"


def is_this_machine(host: str) -> bool:
    """Whether `host` is literally a loopback address, or `localhost`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


async def connect(
    relay: Relay, *, deadlines: Deadlines, level: Level = Level.FULL, mark: Mark = no_mark
) -> Conversation:
    """A conversation at rest, on at most this level. Raises TransportError, permanent where only an operator can mend it."""
    if relay.tls == "none" and not is_this_machine(relay.host):
        raise TransportError(
            f'{relay.place}: tls = "none" is for a relay on this machine alone; set it to "starttls"', permanent=True
        )
    setup = _Setup(relay, deadlines)
    try:
        wire, offered = await setup.run()
    except BaseException as error:
        setup.abort()
        if isinstance(error, aiosmtplib.SMTPException | OSError | ValueError | _UnmetError):
            raise _told(relay, setup.phase, error) from error
        raise
    return Conversation(wire, offered=offered, deadlines=deadlines, level=level, mark=mark)


class _UnmetError(Exception):
    """The relay cannot do what the configuration demands."""


class _Setup:
    """The steps up to a connection at rest; `phase` is the one under way."""

    def __init__(self, relay: Relay, deadlines: Deadlines) -> None:
        self._relay = relay
        self._deadlines = deadlines
        self.phase = Phase.CONNECT
        self._client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=relay.helo_name or "localhost",  # or it would ask the DNS
            use_tls=relay.tls == "implicit",
            start_tls=False,  # asked for below, where its phase is known
            tls_context=relay.context,
            timeout=deadlines.command,
        )

    async def run(self) -> tuple[Wire, Offered]:
        await self._connect()
        self.phase = Phase.EHLO
        await self._greet()
        if self._relay.tls == "starttls":
            await self._starttls()
        if self._relay.username is not None:
            await self._log_in(self._relay.username)
        return self._take_over()

    def abort(self) -> None:
        if isinstance(transport := self._client.transport, asyncio.WriteTransport):
            transport.abort()
        self._client.close()

    async def _connect(self) -> None:
        """TCP, and TLS where implicit, within `connect` seconds; then the banner within `command`."""
        task = asyncio.ensure_future(self._client.connect())
        try:
            await self._in_time(task)
        except BaseException:
            task.cancel()
            task.add_done_callback(self._left)
            await asyncio.wait({task}, timeout=_LEAVING)  # at the loop's end it would be printed as nobody's
            raise

    async def _in_time(self, task: asyncio.Task[aiosmtplib.SMTPResponse]) -> None:
        await asyncio.wait({task}, timeout=self._deadlines.connect)
        if not task.done() and self._client.transport is None:
            raise TimeoutError(f"no connection within {self._deadlines.connect:g} s")
        if not task.done():
            self.phase = Phase.BANNER
        await task

    def _left(self, task: asyncio.Task[aiosmtplib.SMTPResponse]) -> None:
        """It ended, though cancelled, with a connection or an error of its own: neither is anybody's any more."""
        self.abort()
        if not task.cancelled():
            task.exception()

    async def _starttls(self) -> None:
        self.phase = Phase.STARTTLS
        if not self._client.supports_extension("starttls"):
            raise _UnmetError("it does not offer STARTTLS, so nothing is sent to it")
        await self._client.starttls()
        self.phase = Phase.EHLO
        await self._greet()

    async def _greet(self) -> None:
        ours = str(self._client.get_transport_info("sockname")[0])
        literal = f"[IPv6:{ours}]" if ":" in ours else f"[{ours}]"
        await self._client.ehlo(hostname=self._relay.helo_name or literal)

    async def _log_in(self, username: Secret) -> None:
        self.phase = Phase.AUTH
        if self._client.get_transport_info("ssl_object") is None and not self._to_this_machine():
            raise _UnmetError("a password never leaves this machine unencrypted")
        mechanism = next((known for known in _MECHANISMS if known in self._client.server_auth_methods), None)
        if mechanism is None:
            raise _UnmetError("it offers neither AUTH PLAIN nor AUTH LOGIN, though a username is set")
        log_in = self._client.auth_plain if mechanism == "plain" else self._client.auth_login
        name, password = username.reveal(), self._relay.password.reveal() if self._relay.password else ""
        try:
            await log_in(name, password)
        except aiosmtplib.SMTPResponseException as error:
            # Its words help ("application password required"), but some relays repeat what they were told.
            raise aiosmtplib.SMTPAuthenticationError(error.code, _hidden(error.message, name, password)) from None

    def _to_this_machine(self) -> bool:
        peer = self._client.get_transport_info("peername")
        return is_this_machine(self._relay.host) and bool(peer) and is_this_machine(str(peer[0]))

    def _take_over(self) -> tuple[Wire, Offered]:
        """Our protocol on aiosmtplib's transport, provided that nothing was said beyond the last answer."""
        self.phase = Phase.EHLO
        transport, protocol = self._client.transport, self._client.protocol
        if not isinstance(transport, asyncio.Transport) or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("the relay closed the connection")
        if getattr(protocol, "_buffer", b""):
            raise aiosmtplib.SMTPException("it said more than it was asked")
        said = self._client.esmtp_extensions
        size = said.get("size")
        offered = Offered(
            size=None if size is None else int(size) if size.isascii() and size.isdecimal() else 0,
            smtputf8="smtputf8" in said,
            pipelining="pipelining" in said,
        )
        wire = Wire(transport, tick=self._deadlines.shortest)
        transport.set_protocol(wire)
        return wire, offered


def _hidden(text: str, name: str, password: str) -> str:
    """A relay's words without the password, as it is or as AUTH LOGIN and AUTH PLAIN wrote it."""
    for sent in (password, f"\0{name}\0{password}") if password else ():
        for form in (sent, base64.b64encode(sent.encode()).decode()):
            text = text.replace(form, "***")
    return text


def secure_context() -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and name checked."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _told(relay: Relay, phase: Phase, error: BaseException) -> TransportError:
    """The one line for people; SENDING.md 8.1 decides whether trying again can help."""
    reply = _as_reply(phase, error)
    permanent = bool(judge(reply.phase, reply).outcome.pause)
    answer = f"{reply.code} {reply.text}" if _answered(error) else reply.text
    return TransportError(f"{relay.place}: {reply.phase}: {answer}", permanent=permanent)


def _answered(error: BaseException) -> bool:
    """Whether the relay said a code; the library's own for what it could not read are negative."""
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0


def _as_reply(phase: Phase, error: BaseException) -> Reply:
    """Total: a local 554 stands for what an operator must mend, code 0 for no usable answer."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return _tls_reply(cause)
        if isinstance(cause, socket.gaierror):
            return no_reply(Phase.DNS, f"the name cannot be found: {cause.strerror}")
        if isinstance(cause, _UnmetError):
            return read_reply(phase, 554, str(cause))
        if isinstance(cause, aiosmtplib.SMTPResponseException):
            refused = Phase.BANNER if isinstance(cause, aiosmtplib.SMTPConnectResponseError) else phase
            return read_reply(refused, cause.code, cause.message)
    return no_reply(phase, str(error) or type(error).__name__)


def _tls_reply(error: ssl.SSLError) -> Reply:
    # One that Python itself raises has neither attribute.
    if isinstance(error, ssl.SSLCertVerificationError):
        return read_reply(
            Phase.TLS, 554, f"its certificate is not valid here: {getattr(error, 'verify_message', error)}"
        )
    reason = getattr(error, "reason", "")
    return read_reply(Phase.TLS, 554 if reason in _VERSION_REASONS else 0, f"TLS failed: {reason or error}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
