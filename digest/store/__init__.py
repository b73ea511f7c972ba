"""What must outlive a crash: articles, issues, who is owed a message, what people said (SENDING.md 2 to 5).

    engine, place, failures     SQLite with durable commits and one writer thread; where the file may lie
    revision                    which version of the tables a store has
    migrate, migrations/        the tables, made and changed
    articles                    the article store
    issues, freezing, book      the issue store: C0, C1, moves, looking up
    deliveries, decisions       the ledger: intents and outcomes (C4, C5)
    orders                      what an operator told an issue to do
    recovery, audit, standing   after a crash; the proof; who still waits
    committer                   group commit for a sending
    consents                    what people said
    lock, opened                one sender at a time; Store, which holds all of it

All of it raises StoreError, one line, and nothing else. Nothing outside knows SQLAlchemy.
"""

from __future__ import annotations

from digest.store.committer import Committer
from digest.store.documents import dumps as write_document
from digest.store.documents import loads as read_document
from digest.store.opened import BUILTIN, Store, wall_clock
from digest.store.orders import Correction, Which
from digest.store.revision import copy_store, state

__all__ = [
    "BUILTIN",
    "Committer",
    "Correction",
    "Store",
    "Which",
    "copy_store",
    "read_document",
    "state",
    "wall_clock",
    "write_document",
]
