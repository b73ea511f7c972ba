"""The first tables: issues, deliveries, what people said, articles (SENDING.md 2 and 4). Landed: never edited again.

Instants are integer UTC milliseconds. Keys of deliveries begin with issue_id, so that PostgreSQL can partition by it.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

DELIVERY_MOVES = (
    ("pending", ("claimed", "deferred", "failed", "sending", "skipped")),
    ("claimed", ("deferred", "failed", "pending", "sending", "skipped")),
    ("deferred", ("claimed", "failed", "sending", "sent", "skipped")),
    ("sending", ("deferred", "failed", "in_doubt", "sent")),
    ("in_doubt", ("deferred", "failed", "sent")),
    ("failed", ("pending",)),
)
DELIVERY_STATES = ("pending", "claimed", "sending", "sent", "deferred", "failed", "skipped", "in_doubt")

ISSUE_MOVES = (
    ("planned", ("held", "composed", "empty", "missed", "failed", "cancelled")),
    ("held", ("planned", "composed", "empty", "missed", "failed", "cancelled")),
    ("composed", ("sending", "paused", "cancelled")),
    ("sending", ("done", "paused", "cancelled")),
    ("paused", ("composed", "sending", "cancelled")),
    ("done", ("sending",)),
)
ISSUE_STATES = (
    "planned",
    "held",
    "composed",
    "sending",
    "done",
    "empty",
    "missed",
    "failed",
    "paused",
    "cancelled",
)


def _among(names: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


def _only(moves: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """True for an illegal move."""
    legal = " OR ".join(f"(OLD.state = '{old}' AND NEW.state IN {_among(new)})" for old, new in moves)
    return f"OLD.state <> NEW.state AND NOT ({legal})"


TABLES = (
    f"""CREATE TABLE issues (
        id INTEGER PRIMARY KEY,
        newsletter TEXT NOT NULL,
        slot TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN {_among(ISSUE_STATES)}),
        doubt TEXT NOT NULL CHECK (doubt IN ('once', 'hold', 'reconcile')),
        note TEXT NOT NULL DEFAULT '',
        composed_at INTEGER,
        picks TEXT,
        theme TEXT NOT NULL DEFAULT '',
        due_at INTEGER NOT NULL,
        expires_at INTEGER,
        cutoff INTEGER NOT NULL,
        corrects INTEGER REFERENCES issues (id),
        number INTEGER NOT NULL DEFAULT 0,
        subject TEXT NOT NULL DEFAULT '',
        fingerprint BLOB,
        recipients INTEGER NOT NULL DEFAULT 0,
        UNIQUE (newsletter, slot)
    ) STRICT""",
    """CREATE TABLE variants (
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        key TEXT NOT NULL,
        n INTEGER NOT NULL,
        content BLOB NOT NULL,
        size INTEGER NOT NULL,
        PRIMARY KEY (issue_id, key)
    ) STRICT""",
    f"""CREATE TABLE deliveries (
        issue_id INTEGER NOT NULL,
        id INTEGER NOT NULL,
        subscriber TEXT NOT NULL,
        address_hash BLOB NOT NULL CHECK (length(address_hash) = 16),
        address TEXT,
        domain TEXT NOT NULL,
        message_id TEXT NOT NULL,
        variant TEXT NOT NULL,
        holes TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN {_among(DELIVERY_STATES)}),
        attempt INTEGER NOT NULL DEFAULT 0,
        doubts INTEGER NOT NULL DEFAULT 0,
        owner INTEGER,
        next_at INTEGER NOT NULL DEFAULT 0,
        intent_at INTEGER,
        done_at INTEGER,
        code INTEGER,
        enhanced TEXT NOT NULL DEFAULT '',
        reply TEXT NOT NULL DEFAULT '' CHECK (length(reply) <= 500),
        PRIMARY KEY (issue_id, id),
        UNIQUE (issue_id, subscriber),
        UNIQUE (issue_id, address_hash),
        UNIQUE (issue_id, message_id),
        FOREIGN KEY (issue_id, variant) REFERENCES variants (issue_id, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE attempts (
        issue_id INTEGER NOT NULL,
        delivery_id INTEGER NOT NULL,
        n INTEGER NOT NULL,
        at INTEGER NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('owed', 'sent', 'deferred', 'failed', 'in_doubt')),
        code INTEGER,
        reply TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (issue_id, delivery_id, n),
        FOREIGN KEY (issue_id, delivery_id) REFERENCES deliveries (issue_id, id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE suppressions (
        address_hash BLOB NOT NULL CHECK (length(address_hash) = 16),
        scope TEXT NOT NULL,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL,
        origin TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (address_hash, scope)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE consents (
        id INTEGER PRIMARY KEY,
        address_hash BLOB NOT NULL CHECK (length(address_hash) = 16),
        scope TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('confirmed', 'left', 'bounced', 'complained', 'preferences', 'erased')),
        at INTEGER NOT NULL,
        origin TEXT NOT NULL DEFAULT '',
        proof TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    """CREATE TABLE ledger (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        host_id TEXT,
        machine_id TEXT,
        path TEXT,
        generation INTEGER NOT NULL DEFAULT 0,
        heartbeat INTEGER,
        key_check BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE sources (
        name TEXT PRIMARY KEY,
        reading INTEGER NOT NULL,
        state TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE articles (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL REFERENCES sources (name),
        reading INTEGER NOT NULL,
        place INTEGER NOT NULL,
        entered INTEGER NOT NULL,
        content TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE article_keys (
        source TEXT NOT NULL,
        key TEXT NOT NULL,
        article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        PRIMARY KEY (source, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE used (
        newsletter TEXT NOT NULL,
        key TEXT NOT NULL,
        issue_id INTEGER NOT NULL REFERENCES issues (id),
        PRIMARY KEY (newsletter, key)
    ) STRICT, WITHOUT ROWID""",
)

# A further index on deliveries is paid twice per message: these stay partial and few.
INDEXES = (
    "CREATE INDEX deliveries_owed ON deliveries (issue_id, next_at, id) WHERE state IN ('pending', 'deferred')",
    "CREATE INDEX deliveries_owner ON deliveries (owner) WHERE state IN ('claimed', 'sending')",
    "CREATE INDEX deliveries_in_doubt ON deliveries (issue_id) WHERE state = 'in_doubt'",
    "CREATE INDEX consents_address ON consents (address_hash)",
    "CREATE INDEX articles_reading ON articles (source, reading)",
    "CREATE INDEX articles_entered ON articles (source, entered)",
    "CREATE INDEX article_keys_article ON article_keys (article_id)",
)

TRIGGERS = (
    f"""CREATE TRIGGER deliveries_move BEFORE UPDATE OF state ON deliveries
    WHEN {_only(DELIVERY_MOVES)}
    BEGIN SELECT RAISE(ABORT, 'a delivery cannot move like that'); END""",
    """CREATE TRIGGER deliveries_identity
    BEFORE UPDATE OF issue_id, id, subscriber, address_hash, message_id, address ON deliveries
    WHEN OLD.issue_id <> NEW.issue_id OR OLD.id <> NEW.id OR OLD.subscriber <> NEW.subscriber
        OR OLD.address_hash <> NEW.address_hash OR OLD.message_id <> NEW.message_id
        OR (OLD.address IS NOT NEW.address
            AND NOT (NEW.address IS NULL AND NEW.state IN ('sent', 'failed', 'skipped')))
    BEGIN SELECT RAISE(ABORT, 'who a delivery is for never changes'); END""",
    f"""CREATE TRIGGER issues_move BEFORE UPDATE OF state ON issues
    WHEN {_only(ISSUE_MOVES)}
    BEGIN SELECT RAISE(ABORT, 'an issue cannot move like that'); END""",
    """CREATE TRIGGER issues_sending BEFORE UPDATE OF state ON issues
    WHEN NEW.state = 'sending' AND OLD.state <> 'sending'
        AND NEW.recipients <> (SELECT count(*) FROM deliveries WHERE issue_id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'its deliveries are not as many as its recipients'); END""",
    """CREATE TRIGGER issues_done BEFORE UPDATE OF state ON issues
    WHEN NEW.state = 'done' AND OLD.state <> 'done' AND EXISTS (
        SELECT 1 FROM deliveries WHERE issue_id = NEW.id AND (
            state IN ('pending', 'claimed', 'sending', 'deferred')
            OR (state = 'in_doubt' AND ((NEW.doubt = 'once' AND doubts = 1) OR NEW.doubt = 'reconcile'))))
    BEGIN SELECT RAISE(ABORT, 'some of its deliveries are still open'); END""",
)


def upgrade() -> None:
    """Make everything."""
    for statement in (*TABLES, *INDEXES, *TRIGGERS):
        op.execute(statement)
    op.execute("PRAGMA application_id = 1684629363")  # "digs": how a store of ours is known
