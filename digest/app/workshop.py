"""The parts of one newsletter's sending, made from the config: ways out, links, a message's builder, the theme."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from digest import plugins, sender
from digest.app.files import write_shown
from digest.app.inspection import inspect
from digest.composer import FolderTheme, audience_of, mjml_child, name_fill
from digest.config import Config
from digest.errors import Mistake, TemplateError, wrong
from digest.model import (
    Delivery,
    DeliveryState,
    Issue,
    IssueRow,
    IssueState,
    Links,
    NewDelivery,
    Newsletter,
    Site,
    Subscriber,
)
from digest.pipeline import Outgoing
from digest.protocols import Mark, Theme, Transport
from digest.sender import MessageBuilder
from digest.store import Store
from digest.subscribers.identity import LedgerKey
from digest.subscribers.tokens import Keyring


class Workshop:
    """Makes what publish() works with. `mark` ends the process at named points, in tests alone."""

    def __init__(self, config: Config, store: Store, keyring: Keyring, ledger_key: LedgerKey, mark: Mark) -> None:
        """Nothing is opened yet."""
        self.config = config
        self.store = store
        self.keyring = keyring
        self.ledger_key = ledger_key
        self.mark = mark
        self._mjml = mjml_child()
        self._relays: dict[str, Transport] = {}

    def close(self) -> None:
        """End the process that renders."""
        self._mjml.close()

    def theme(self, newsletter: Newsletter) -> Theme:
        """The newsletter's theme: beside config.toml, else the wheel's. Raises TemplateError when it cannot be read."""
        return FolderTheme(newsletter.theme, base=self.config.folder, child=self._mjml)

    def rows_of(self, newsletter: Newsletter, issue: Issue) -> Callable[[Subscriber], NewDelivery]:
        """What is frozen for a subscriber: the same issue and person always give the same Message-ID.

        What all of them share is worked out once: a list may hold a million.
        """
        key, domain, ledger_key = issue.key, _domain(newsletter), self.ledger_key
        variants: dict[tuple[str, tuple[str, ...]], str] = {}

        def row_of(person: Subscriber) -> NewDelivery:
            kind = (person.language, person.topics)
            variant = variants.get(kind)
            if variant is None:
                variant = variants[kind] = _variant(issue, audience_of(person, newsletter).key)
            return NewDelivery(
                subscriber=person.id,
                address=person.email,
                domain=person.domain,
                address_hash=ledger_key.address_hash(person.email),
                message_id=ledger_key.message_id(key, person.id, domain),
                variant=variant,
                holes={"name": person.name},
            )

        return row_of

    def message_id_of(self, newsletter: Newsletter, issue: Issue) -> Callable[[str], str]:
        """A subscriber's Message-ID in this issue, as row_of() has it."""
        domain = _domain(newsletter)
        return lambda subscriber: self.ledger_key.message_id(issue.key, subscriber, domain)

    def unrecorded(
        self, newsletter: Newsletter, issue: Issue, person: Subscriber, *, now: int
    ) -> tuple[IssueRow, Delivery]:
        """An issue's row and a delivery that no ledger knows: id 0. `now` in UTC milliseconds."""
        row = IssueRow(
            id=0,
            newsletter=newsletter.name,
            slot=issue.slot,
            state=IssueState.SENDING,
            number=issue.number,
            subject=issue.subject,
            composed_at=now,
            due_at=now,
        )
        frozen = self.rows_of(newsletter, issue)(person)
        delivery = Delivery(
            issue_id=0,
            id=0,
            subscriber=frozen.subscriber,
            address=frozen.address,
            message_id=frozen.message_id,
            variant=frozen.variant,
            holes=frozen.holes,
            state=DeliveryState.PENDING,
            attempt=0,
            doubts=0,
            due_at=now,
        )
        return row, delivery

    def inspect(self, newsletter: Newsletter, issue: Issue) -> tuple[Mistake, ...]:
        """What the lint of finished messages warns of; raises TemplateError for what it refuses."""
        found = inspect(newsletter, issue, folder_only=folder_only(self.config))
        errors = [one for one in found if not one.warning]
        if errors:
            raise TemplateError(errors[0].why, theme=issue.theme, findings=errors)
        return found

    def builder(self, newsletter: Newsletter, row: IssueRow, issue: Issue) -> MessageBuilder:
        """Joins the frozen variant and a delivery's values into a message."""
        domain = _domain(newsletter)
        return MessageBuilder(
            issue,
            row,
            newsletter,
            fill=_fill,
            links=self._links(newsletter, row),
            bounce_address=lambda delivery: f"bounces+{self.keyring.bounce_token(row.id, delivery.id)}@{domain}",
            sign=plugins.find("digest.signing", "dkim", sender.SIGNING)(newsletter.dkim).sign
            if newsletter.dkim
            else None,
        )

    def transports(self, key: str) -> Sequence[Transport]:
        """The ways out in use, in order; folders get one folder per issue `key`.

        A relay's is made once: what it learned about the relay is good for the next issue too.
        """
        made: list[Transport] = []
        for spec in self.config.transports:
            way = self._relays.get(spec.name)
            if way is None:
                options = dict(spec.options)
                if spec.kind == "folder":
                    options["path"] = Path(str(options["path"])) / key
                elif spec.kind == "smtp":
                    options["rates"] = self.store.rates
                make = plugins.find("digest.transports", spec.kind, sender.BUILTIN)
                try:
                    way = make(name=spec.name, mark=self.mark, **options)
                except (TypeError, ValueError) as error:  # a plugin's own keys are its own to judge
                    raise wrong(f"[transports.{spec.name}] {spec.kind}: {error}") from error
                if spec.kind == "smtp":
                    self._relays[spec.name] = way
            made.append(way)
        return made

    def weights(self) -> Sequence[int | None]:
        """Each way out's share of the load, in the same order."""
        return tuple(spec.weight for spec in self.config.transports)

    def shown_folder(self, key: str) -> Path | None:
        """Where the first folder transport in use puts this issue; None without one."""
        paths = (Path(str(spec.options["path"])) / key for spec in self.config.transports if spec.kind == "folder")
        return next(paths, None)

    @asynccontextmanager
    async def outgoing(self, newsletter: Newsletter, row: IssueRow, issue: Issue) -> AsyncIterator[Outgoing]:
        """The ways out, while this process holds the ledger for sending."""
        async with self.store.sending():
            shown = self.shown_folder(row.key)
            if shown is not None:
                write_shown(issue, shown)
            committer = self.store.committer()
            try:
                yield Outgoing(
                    builder=self.builder(newsletter, row, issue),
                    transports=self.transports(row.key),
                    weights=self.weights(),
                    committer=committer,
                )
            finally:
                await committer.close()

    def _links(self, newsletter: Newsletter, row: IssueRow) -> Callable[[Delivery], Links]:
        """What signs the links of a delivery of this issue."""
        base, domain, sign = self.config.site.base_url, _domain(newsletter), self.keyring.sign
        view = self.config.site.issue_url(row.newsletter, row.slot)

        def links_of(delivery: Delivery) -> Links:
            token = sign("unsubscribe", newsletter.name, delivery.subscriber, row.slot)
            return Links(
                unsubscribe=f"{base}/u/{token}" if base else "",
                unsubscribe_mail=f"mailto:unsubscribe@{domain}?subject={token}",
                view=view,
            )

        return links_of


def _variant(issue: Issue, key: str) -> str:
    """The reader's own variant; the newsletter's where the issue was made before it was wanted."""
    return key if any(variant.audience.key == key for variant in issue.variants) else issue.variants[0].audience.key


def _fill(delivery: Delivery, links: Links) -> Mapping[str, str]:
    return {
        "name": name_fill(delivery.holes.get("name", ""), delivery.variant.partition("+")[0]),
        "unsubscribe_url": links.unsubscribe or links.unsubscribe_mail,
        "view_url": links.view,
    }


def for_everybody(site: Site, row: IssueRow) -> Mapping[str, str]:
    """What the holes of an issue are filled with where anybody may read it: nobody's name, nobody's link."""
    return {
        "name": "",
        "unsubscribe_url": f"{site.base_url}/u",
        "preferences_url": f"{site.base_url}/u",
        "view_url": site.issue_url(row.newsletter, row.slot),
    }


def folder_only(config: Config) -> bool:
    """Whether nothing leaves this machine: every transport in use is a folder."""
    return all(spec.kind == "folder" for spec in config.transports)


def _domain(newsletter: Newsletter) -> str:
    return newsletter.sender.address.rpartition("@")[2]
