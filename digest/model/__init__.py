"""The types that packages hand each other: frozen, slotted, keyword-only, no library, no I/O.

Times are aware datetimes in UTC; the ledger's are integer milliseconds. Zones exist only at the edges.
Import from here (`from digest.model import Article`); the files below are for reading.
"""

from digest.model.articles import (
    Article,
    ClockCheck,
    Declared,
    Figures,
    Harvest,
    Heard,
    Image,
    Quarantine,
    Reading,
    Source,
    SourceResult,
    SourceState,
    Validators,
)
from digest.model.deliveries import (
    MOVES,
    Attempt,
    Audit,
    Delivery,
    DeliveryState,
    Envelope,
    Frozen,
    Intent,
    Links,
    Message,
    NewDelivery,
    Outcome,
    OutcomeKind,
    Phase,
    Posted,
    Reply,
)
from digest.model.dkim import DkimKey
from digest.model.extras import Aside, Extras, Number, Quote
from digest.model.issues import HOLES, Audience, Issue, IssueRow, IssueState, Part, Standing, Variant
from digest.model.newsletters import Budget, Newsletter, Rank, Section, Sender, Site
from digest.model.people import Consent, ConsentKind, Subscriber, Suppression
from digest.model.picks import NOT_OFFERED, CoveredBy, History, LeftOut, Pick, Picks, RankPart, Reason
from digest.model.reports import Report
from digest.model.secret import Secret
from digest.model.stories import Story

__all__ = [
    "Source",
    "Image",
    "Declared",
    "Validators",
    "Heard",
    "Reading",
    "Article",
    "Figures",
    "Quarantine",
    "SourceState",
    "SourceResult",
    "ClockCheck",
    "Harvest",
    "Secret",
    "Section",
    "DkimKey",
    "Sender",
    "Site",
    "Rank",
    "Budget",
    "Newsletter",
    "Story",
    "Number",
    "Quote",
    "Aside",
    "Extras",
    "Reason",
    "NOT_OFFERED",
    "History",
    "CoveredBy",
    "RankPart",
    "Pick",
    "LeftOut",
    "Picks",
    "Audience",
    "Part",
    "HOLES",
    "Variant",
    "Issue",
    "IssueState",
    "IssueRow",
    "Standing",
    "Subscriber",
    "ConsentKind",
    "Consent",
    "Suppression",
    "DeliveryState",
    "MOVES",
    "NewDelivery",
    "Frozen",
    "Delivery",
    "Attempt",
    "Links",
    "Envelope",
    "Message",
    "Phase",
    "Reply",
    "OutcomeKind",
    "Outcome",
    "Posted",
    "Intent",
    "Audit",
    "Report",
]
