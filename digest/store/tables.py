"""The tables as queries see them; what the database enforces stands in migrations/ (a test compares the columns)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

issues = Table(
    "issues",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("newsletter", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("doubt", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("composed_at", BigInteger),
    Column("picks", Text),  # the Issue as a document, without its variants
    Column("theme", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("cutoff", BigInteger, nullable=False),
    Column("corrects", BigInteger),
    Column("number", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("fingerprint", LargeBinary),
    Column("recipients", Integer, nullable=False),
)

variants = Table(
    "variants",
    METADATA,
    Column("issue_id", BigInteger, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("n", Integer, nullable=False),  # place in the issue
    Column("content", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),  # octets of HTML and text, holes empty
)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("issue_id", BigInteger, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("subscriber", Text, nullable=False),
    Column("address_hash", LargeBinary, nullable=False),
    Column("address", Text),
    Column("domain", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("holes", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("doubts", Integer, nullable=False),
    Column("owner", BigInteger),
    Column("next_at", BigInteger, nullable=False),
    Column("intent_at", BigInteger),
    Column("done_at", BigInteger),
    Column("code", Integer),
    Column("enhanced", Text, nullable=False),
    Column("reply", Text, nullable=False),
)

attempts = Table(
    "attempts",
    METADATA,
    Column("issue_id", BigInteger, primary_key=True),
    Column("delivery_id", BigInteger, primary_key=True),
    Column("n", Integer, primary_key=True),  # deliveries.attempt when it ended
    Column("at", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Integer),
    Column("reply", Text, nullable=False),
)

orders = Table(
    "orders",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("issue_id", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("verb", Text, nullable=False),
    Column("said", Text, nullable=False),
)

suppressions = Table(
    "suppressions",
    METADATA,
    Column("address_hash", LargeBinary, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
)

consents = Table(
    "consents",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("address_hash", LargeBinary, nullable=False),
    Column("scope", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("proof", Text, nullable=False),
)

ledger = Table(
    "ledger",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("host_id", Text),
    Column("machine_id", Text),
    Column("path", Text),
    Column("generation", BigInteger, nullable=False),
    Column("heartbeat", BigInteger),
    Column("key_check", LargeBinary, nullable=False),
)

sources = Table(
    "sources",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("reading", BigInteger, nullable=False),  # counts the readings that gave articles
    Column("state", Text, nullable=False),  # SourceState as a document
)

articles = Table(
    "articles",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("source", Text, nullable=False),
    Column("reading", BigInteger, nullable=False),  # the last one that gave it
    Column("place", Integer, nullable=False),
    Column("entered", BigInteger, nullable=False),
    Column("content", Text, nullable=False),  # Article as a document
)

article_keys = Table(
    "article_keys",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("article_id", BigInteger, nullable=False),
)

used = Table(
    "used",
    METADATA,
    Column("newsletter", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("issue_id", BigInteger, nullable=False),
    Column("updated", BigInteger),  # the article's own, as it stood in the newest issue that used it
)

rates = Table(
    "rates",
    METADATA,
    Column("destination", Text, primary_key=True),  # HOST:PORT, or HOST:PORT DOMAIN
    Column("tokens", Float, nullable=False),
    Column("at", BigInteger, nullable=False),
)
