"""What people said, and who must not be mailed because of it."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, text

from digest.model import Consent, ConsentKind
from digest.store import tables
from digest.store.engine import Database
from digest.times import from_milliseconds, milliseconds

# Leaving is for the scope it was said for; the others are about the mailbox, whatever the newsletter (SENDING.md 4).
_MAILBOX = frozenset({ConsentKind.BOUNCED, ConsentKind.COMPLAINED, ConsentKind.ERASED})
_NO = _MAILBOX | {ConsentKind.LEFT}

_SUPPRESS = text(
    "INSERT INTO suppressions (address_hash, scope, reason, at, origin)"
    " VALUES (:address_hash, :scope, :reason, :at, :origin) ON CONFLICT (address_hash, scope) DO NOTHING"
)


class Consents:
    """The Consents of digest.protocols."""

    def __init__(self, database: Database) -> None:
        """Use Store.open()."""
        self._database = database

    async def say(self, consent: Consent) -> None:
        """Append it and, for a "no", its suppression, in one transaction.

        Said again in the same words (kind, origin, proof) with nothing said in between it changes nothing.
        """
        await self._database.write(lambda connection: _say(connection, consent))

    async def suppressed(self, newsletter: str) -> frozenset[bytes]:
        """Address hashes that must not get this newsletter (scope `*` or its name)."""
        of = tables.suppressions
        question = select(of.c.address_hash).where(of.c.scope.in_(("*", newsletter)))
        return await self._database.read(lambda connection: frozenset(connection.scalars(question)))

    async def said(self, address_hash: bytes) -> tuple[Consent, ...]:
        """Everything this address said, oldest first."""
        of = tables.consents
        question = select(of).where(of.c.address_hash == address_hash).order_by(of.c.id)
        rows = await self._database.read(lambda connection: connection.execute(question).all())
        return tuple(
            Consent(
                address_hash=row.address_hash,
                scope=row.scope,
                kind=ConsentKind(row.kind),
                at=from_milliseconds(row.at),
                origin=row.origin,
                proof=row.proof,
            )
            for row in rows
        )

    async def leave_by_delivery(self, newsletter: str, slot: str, subscriber: str) -> bytes | None:
        """The address hash of the delivery a link came with, None when there was none; changes nothing."""
        of, issues = tables.deliveries, tables.issues
        question = (
            select(of.c.address_hash)
            .join(issues, issues.c.id == of.c.issue_id)
            .where(issues.c.newsletter == newsletter, issues.c.slot == slot, of.c.subscriber == subscriber)
        )
        return await self._database.read(lambda connection: connection.scalar(question))


def _say(connection: Connection, consent: Consent) -> None:
    of = tables.consents
    latest = connection.execute(
        select(of.c.kind, of.c.origin, of.c.proof)
        .where(of.c.address_hash == consent.address_hash, of.c.scope == consent.scope)
        .order_by(of.c.id.desc())
        .limit(1)
    ).first()
    words = (consent.kind.value, consent.origin, consent.proof)
    at = milliseconds(consent.at)
    if latest is None or tuple(latest) != words:
        connection.execute(
            insert(of).values(
                address_hash=consent.address_hash,
                scope=consent.scope,
                kind=consent.kind.value,
                at=at,
                origin=consent.origin,
                proof=consent.proof,
            )
        )
    if consent.kind in _NO:
        scope = "*" if consent.kind in _MAILBOX else consent.scope
        suppression = {
            "address_hash": consent.address_hash,
            "scope": scope,
            "reason": consent.kind.value,
            "at": at,
            "origin": consent.origin,
        }
        connection.execute(_SUPPRESS, suppression)
