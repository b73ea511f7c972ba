"""Messages go out: an issue's frozen text becomes bytes, and bytes leave through a transport.

    headers, quoted    values -> header block and quoted-printable bodies
    message            one delivery -> Message
    dkim               a finished message -> the same, signed
    evidence           what a relay's own records say; postfix_log, traces; comparing puts the ledger's rows beside them
    replies            what a relay said -> Outcome, one total function
    lint               the last look at finished bytes
    smtp, sendmail, folder   the ways out; connecting, pipelining and wire are smtp's own parts
    sending            send(): everybody the ledger says is owed

Nothing here knows a database: intents and outcomes go through a Committer that is handed in.
"""

from __future__ import annotations

from digest.sender.headers import HeaderError
from digest.sender.lint import lint_message
from digest.sender.message import MessageBuilder
from digest.sender.replies import classify_reply
from digest.sender.sending import Builder, Committer, SendResult, send

# The group "digest.transports": kinds of `[transports.NAME]`.
BUILTIN = {
    "smtp": "digest.sender.smtp:SmtpTransport",
    "sendmail": "digest.sender.sendmail:SendmailTransport",
    "folder": "digest.sender.folder:FolderTransport",
}

# What signs a newsletter's messages, where it does; named as text because reading keys is a heavy import.
SIGNING = {"dkim": "digest.sender.dkim:Signer"}

__all__ = [
    "BUILTIN",
    "Builder",
    "Committer",
    "HeaderError",
    "MessageBuilder",
    "SIGNING",
    "SendResult",
    "classify_reply",
    "lint_message",
    "send",
]
