"""People: the lists' files on one side, what they said on the other. A "no" always wins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.errors import wrong
from digest.model import Consent, ConsentKind, Newsletter, Subscriber
from digest.store import Store
from digest.subscribers.address import normalise
from digest.subscribers.edit import add, remove
from digest.subscribers.files import FileSubscribers, list_paths
from digest.subscribers.identity import LedgerKey
from digest.subscribers.tokens import Keyring


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of one address. `newsletters`: name -> why it gets it or not; `messages`: (key, state, ms)."""

    address: str
    subscriber: Subscriber | None
    newsletters: Mapping[str, str]
    said: tuple[Consent, ...]
    messages: tuple[tuple[str, str, int | None], ...]


class People:
    """Reads and edits the lists, records what people say."""

    def __init__(
        self,
        files: FileSubscribers,
        store: Store,
        keyring: Keyring,
        ledger_key: LedgerKey,
        newsletters: Mapping[str, Newsletter],
        now: Callable[[], datetime],
    ) -> None:
        """Parts made by App."""
        self.files = files
        self._store = store
        self._keyring = keyring
        self._key = ledger_key
        self._newsletters = newsletters
        self._now = now

    def address(self, text: str) -> str:
        """An address as it is stored; raises DigestError (exit 2)."""
        try:
            return normalise(text).stored
        except ValueError as error:
            raise wrong(f"{text!r}: {error}") from error

    def hash_of(self, text: str) -> bytes:
        """The ledger's name of a mailbox, of an address as it is typed; raises DigestError (exit 2)."""
        return self._key.address_hash(self.address(text))

    def lists(self) -> list[str]:
        """The names of all lists."""
        return list(list_paths(self.files.folder))

    def known(self, email: str) -> Subscriber | None:
        """The subscriber of this mailbox, from whatever list."""
        return self.files.find(email)

    def stranger(self, email: str) -> Subscriber:
        """Somebody on no list, for a test send."""
        return Subscriber(id=self._key.subscriber_id(email), email=email)

    async def count(self, newsletter: Newsletter, *, skip_bad: bool = True) -> int:
        """How many would get it: on its lists, and not gone. Without `skip_bad` raises ConfigError for bad lines."""
        gone = await self._store.consents.suppressed(newsletter.name)
        people = await asyncio.to_thread(self.files.read, newsletter.lists, skip_bad=skip_bad)
        if not gone:
            return len(people)
        return sum(self._key.address_hash(person.email) not in gone for person in people)

    async def everyone(self, name: str | None = None) -> list[tuple[Subscriber, frozenset[str]]]:
        """Everyone on a list (or on any), with the newsletters they have left."""
        lists = self.lists()
        if name is not None and name not in lists:
            raise wrong(f"no list called {name!r} (known: {', '.join(lists)})")
        gone = {one: await self._store.consents.suppressed(one) for one in self._newsletters}
        return [
            (person, frozenset(one for one, left in gone.items() if self._key.address_hash(person.email) in left))
            for person in self.files.read([name] if name else lists, skip_bad=True)
        ]

    async def add(self, address: str, to: str | None, name: str, *, dry_run: bool = False) -> list[str]:
        """Add somebody to a list's file; lines for people. Raises DigestError (exit 2)."""
        email = self.address(address)
        to = to or self._only_list()
        said = list(await self._left_before(email))
        if dry_run:
            return [f"{email} would be added to {to}", *said]
        return [add(self.files.folder, to, email, name=name).says, *said]

    def remove(self, address: str, of: str | None, *, dry_run: bool = False) -> list[str]:
        """Take somebody out of the files; lines for people. Raises DigestError (exit 2) where they are on none."""
        if dry_run:
            person = self.known(self.address(address))
            return [f"{address} would be taken off {', '.join(person.lists)}" if person else f"{address} is on no list"]
        return [edit.says for edit in remove(self.files.folder, address, of)]

    async def leave(self, address: str, *, newsletter: str | None, origin: str) -> None:
        """Record a "no" for one newsletter, or for all with None; on disk when it returns."""
        if newsletter is not None and newsletter not in self._newsletters:
            raise wrong(f"no newsletter called {newsletter!r} (known: {', '.join(self._newsletters)})")
        await self._say_left(self._key.address_hash(self.address(address)), newsletter or "*", origin, "")

    async def leave_by_token(self, token: str, *, everything: bool = False) -> bool:
        """Record the "no" of a signed link; False when the link is not ours. On disk when it returns True."""
        claim = self._keyring.verify("unsubscribe", token)
        if claim is None:
            return False
        address_hash = await self._store.consents.leave_by_delivery(claim.newsletter, claim.slot, claim.subscriber)
        if address_hash is None:  # a test send has no delivery, but the person may be on a list
            people = self.files.read(self.lists(), skip_bad=True)
            found = next((person for person in people if person.id == claim.subscriber), None)
            if found is None:
                return False
            address_hash = self._key.address_hash(found.email)
        proof = f"{claim.newsletter}@{claim.slot}"
        await self._say_left(address_hash, "*" if everything else claim.newsletter, "link", proof)
        return True

    def newsletter_of_token(self, token: str) -> str | None:
        """The newsletter a signed unsubscribe link is about, None when the link is not ours."""
        claim = self._keyring.verify("unsubscribe", token)
        return claim.newsletter if claim else None

    async def why(self, address: str) -> Known:
        """Why this address gets each newsletter or not, what it said and what it was sent."""
        email = self.address(address)
        address_hash = self._key.address_hash(email)
        person = self.known(email)
        reasons = {}
        for newsletter in self._newsletters.values():
            on = [name for name in newsletter.lists if person and name in person.lists]
            gone = address_hash in await self._store.consents.suppressed(newsletter.name)
            if gone:
                reasons[newsletter.name] = "no: has left"
            else:
                reasons[newsletter.name] = f"yes: on {', '.join(on)}" if on else "no: on none of its lists"
        return Known(
            address=email,
            subscriber=person,
            newsletters=reasons,
            said=await self._store.consents.said(address_hash),
            messages=await self._store.issues.messages_to(address_hash),
        )

    def _only_list(self) -> str:
        lists = self.lists()
        if len(lists) != 1:
            raise wrong(f"which list? name it with --list ({', '.join(lists) or 'there is none'})")
        return lists[0]

    async def _left_before(self, email: str) -> list[str]:
        address_hash = self._key.address_hash(email)
        left = [one for one in self._newsletters if address_hash in await self._store.consents.suppressed(one)]
        return [f"but they have left {', '.join(left)} and will not get it: a no always wins"] if left else []

    async def _say_left(self, address_hash: bytes, scope: str, origin: str, proof: str) -> None:
        await self._store.consents.say(
            Consent(
                address_hash=address_hash,
                scope=scope,
                kind=ConsentKind.LEFT,
                at=self._now(),
                origin=origin,
                proof=proof,
            )
        )
