"""Several lists read together: one person on many lists is one person, and the first word on each point stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from digest.errors import Mistake
from digest.model import Subscriber
from digest.subscribers.doubles import Hashes, Places
from digest.subscribers.identity import LedgerKey
from digest.subscribers.spool import Entry, Spool

_FILE = 40  # bits of a place: the list's number stands above its entry's


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """One list: `name` is the file's without its ending, `title` "" where none is written, `people` the good rows.

    `mistakes` are single bad lines, `broken` what makes the file as a whole unusable. `kinds`: each (language, topics)
    of a good row. `ids`: whether any gives an id, `like_ours` one that might be made here for somebody else.
    """

    name: str
    file: str
    title: str = ""
    people: Spool = field(default_factory=Spool)
    kinds: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    ids: bool = False
    like_ours: bool = False
    mistakes: tuple[Mistake, ...] = ()
    broken: tuple[Mistake, ...] = ()

    def warnings(self) -> tuple[Mistake, ...]:
        """Addresses that are valid but odd."""
        told = ((one.line, one.warning) for one in self.people if one.warning)
        return tuple(Mistake(file=self.file, line=line, key="email", why=why) for line, why in told)


class Together:
    """protocols.Invited: everyone on some lists, as they were when they were read.

    Beside the lists' own spools memory holds 8 bytes for each person while they are compared, and then 16 for each
    place where somebody stands again. `mistakes` are the lines that were left out, `clashes` those of them whose id is
    another's.
    """

    def __init__(self, files: Iterable[ListFile], *, key: LedgerKey) -> None:
        """`key` names those whom the files give no id."""
        self._files = tuple(files)
        self._key = key
        self._again = _again([file.people for file in self._files])
        self._clashing: dict[int, Mistake] = {}
        if any(file.like_ours for file in self._files) or (len(self._files) > 1 and any(f.ids for f in self._files)):
            self._clashing = self._find_clashes()
        self.clashes = tuple(self._clashing.values())
        self.mistakes = (*(one for file in self._files for one in file.mistakes), *self.clashes)

    @property
    def kinds(self) -> Iterable[Subscriber]:
        """Somebody for each language and topics that are wished for together."""
        kinds = {kind for file in self._files for kind in file.kinds}
        if len(kinds) > 1 and (self._again or self.mistakes):  # not everybody's word on it may stand
            kinds = {(one.language, one.topics) for one in self}
        return [Subscriber(id="", email="", language=language, topics=topics) for language, topics in sorted(kinds)]

    def __len__(self) -> int:
        """How many they are."""
        if self._again is None:
            return sum(len(file.people) for file in self._files) - len(self._clashing)
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Subscriber]:
        """Each person once, in the order of the files."""
        if self._clashing:
            return (one for place, one in self._everybody() if place not in self._clashing)
        return (one for _, one in self._everybody())

    def _everybody(self) -> Iterator[tuple[int, Subscriber]]:
        """One for each mailbox, with the place where it stands first."""
        again, own_id = self._again, self._key.subscriber_id
        for number, file in enumerate(self._files):
            lists = (file.name,)
            for place, entry in _numbered(number, file.people):
                line, email, name, language, timezone, topics, given, _ = entry
                if again is not None and (others := again.of(entry.mailbox)):
                    person = self._joined(place, entry, others)
                    if person is not None:
                        yield place, person
                    continue
                yield (
                    place,
                    Subscriber(
                        id=given or own_id(email),
                        email=email,
                        name=name,
                        lists=lists,
                        topics=topics,
                        language=language,
                        timezone=timezone,
                        file=file.file,
                        line=line,
                    ),
                )

    def _joined(self, place: int, entry: Entry, others: Sequence[int]) -> Subscriber | None:
        """What the lists say about one person together; None where it was said at an earlier place."""
        mine = [(place, entry)]
        for one in others:
            if one != place and (told := self._at(one)).mailbox == entry.mailbox:
                if one < place:
                    return None
                mine.append((one, told))
        file = self._files[place >> _FILE]
        return Subscriber(
            id=_first(told.id for _, told in mine) or self._key.subscriber_id(entry.email),
            email=entry.email,
            name=_first(told.name for _, told in mine),
            lists=tuple(self._files[one >> _FILE].name for one, _ in mine),
            topics=next((told.topics for _, told in mine if told.topics), ()),
            language=_first(told.language for _, told in mine),
            timezone=_first(told.timezone for _, told in mine),
            file=file.file,
            line=entry.line,
        )

    def _at(self, place: int) -> Entry:
        return self._files[place >> _FILE].people[place & ((1 << _FILE) - 1)]

    def _find_clashes(self) -> dict[int, Mistake]:
        """Ids that lists read together give to two people; the second goes."""
        ids = Hashes()
        for _, one in self._everybody():
            ids.add(one.id)
        suspects = ids.suspects()
        owners: dict[str, Subscriber] = {}
        clashes: dict[int, Mistake] = {}
        for place, one in self._everybody() if suspects else ():
            if one.id in suspects and (first := owners.setdefault(one.id, one)) is not one:
                why = f'"{one.id}" is another person\'s in {first.file}:{first.line}'
                mend = "change one of the two"
                clashes[place] = Mistake(file=one.file, line=one.line, key="id", why=why, mend=mend)
        return clashes


def _numbered(number: int, people: Spool) -> Iterator[tuple[int, Entry]]:
    """The entries of the list of this number with their places."""
    above = number << _FILE
    return ((above | at, entry) for at, entry in people.numbered())


def _again(lists: Sequence[Spool]) -> Places | None:
    """Where those stand who are on several lists; None where nobody is."""
    if len(lists) < 2:
        return None
    mailboxes = Hashes()
    for people in lists:
        for entry in people:
            mailboxes.add(entry.mailbox)
    suspects = mailboxes.suspects()
    if not suspects:
        return None
    places = Places()
    for number, people in enumerate(lists):
        for place, entry in _numbered(number, people):
            if entry.mailbox in suspects:
                places.add(entry.mailbox, place)
    places.sort()
    return places


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")
