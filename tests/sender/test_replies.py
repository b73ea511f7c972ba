"""classify_reply over every phase, code and enhanced code: the table of SENDING.md 8.1, written out once more."""

import itertools

import pytest

from digest.model import OutcomeKind, Phase, Reply
from digest.sender.replies import Connection, Effect, classify_reply, goes_on, judge, no_reply, read_reply, safe

OWED, SENT, DEFERRED, FAILED, IN_DOUBT = OutcomeKind
KEEP, RSET, FRESH, ABORT = Connection
CODES = (0, 1, 100, *range(200, 600), 600, 999)
ENHANCED = ("", "x.0.0", "x.1.1", "x.2.2", "x.3.4", "x.4.1", "x.4.5.3", "x.5.3", "x.7.1")
BEFORE_MAIL = (Phase.DNS, Phase.CONNECT, Phase.BANNER, Phase.EHLO, Phase.STARTTLS, Phase.TLS, Phase.AUTH)
AT_THE_DOT = (Phase.BODY, Phase.DOT)


def every_reply():
    for phase, code, enhanced in itertools.product(Phase, CODES, ENHANCED):
        yield phase, read_reply(phase, code, f"{enhanced.replace('x', str(code)[:1])} said".strip())


def test_every_phase_and_code_has_one_outcome_and_no_temporary_reply_becomes_permanent():
    for phase, reply in every_reply():
        verdict = judge(phase, reply)
        assert verdict.outcome == classify_reply(phase, reply)
        assert verdict.outcome.reply is reply
        permanent = verdict.outcome.kind is FAILED or verdict.outcome.pause
        assert not (permanent and not 500 <= reply.code <= 599), (phase, reply)


def test_only_a_2xx_to_the_dot_is_sent_and_only_there_is_doubt():
    for phase, reply in every_reply():
        kind = classify_reply(phase, reply).kind
        assert (kind is SENT) == (phase in AT_THE_DOT and 200 <= reply.code <= 299)
        assert (kind is IN_DOUBT) == (
            phase in AT_THE_DOT and not 200 <= reply.code <= 299 and not 400 <= reply.code <= 599
        )


def test_before_mail_nobody_fails_and_only_a_5xx_pauses():
    for phase, reply in every_reply():
        if phase in BEFORE_MAIL:
            verdict = judge(phase, reply)
            assert verdict.outcome.kind is OWED
            asked = phase not in {Phase.DNS, Phase.CONNECT}
            assert bool(verdict.outcome.pause) == (500 <= reply.code <= 599 and asked)
            assert verdict.connection is (KEEP if goes_on(phase, reply.code) else ABORT)


ROWS = [
    # row, phase, reply, outcome, connection, retry_ms, pause
    (2, Phase.LOCAL, (553, "5.6.7 no SMTPUTF8"), FAILED, KEEP, None, False),
    (2, Phase.LOCAL, (552, "5.3.4 too large"), FAILED, KEEP, None, False),
    (3, Phase.CONNECT, (0, "refused"), OWED, ABORT, None, False),
    (3, Phase.BANNER, (421, "4.3.2 busy"), OWED, ABORT, None, False),
    (4, Phase.BANNER, (554, "5.7.1 go away"), OWED, ABORT, None, True),
    (5, Phase.AUTH, (454, "4.7.0 later"), OWED, ABORT, None, False),
    (6, Phase.AUTH, (535, "5.7.8 wrong"), OWED, ABORT, None, True),
    (6, Phase.RCPT, (530, "5.7.0 log in first"), OWED, ABORT, None, True),
    (6, Phase.DOT, (538, "encrypt"), OWED, ABORT, None, True),
    (7, Phase.MAIL, (421, "4.7.0 slow down"), OWED, ABORT, None, False),
    (7, Phase.RCPT, (421, ""), DEFERRED, ABORT, None, False),
    (7, Phase.DOT, (421, ""), DEFERRED, ABORT, None, False),
    (8, Phase.MAIL, (451, "4.3.0 later"), OWED, RSET, None, False),
    (8, Phase.MAIL, (0, "silence"), OWED, ABORT, None, False),
    (8, Phase.MAIL, (354, "garbage"), OWED, ABORT, None, False),
    (9, Phase.MAIL, (552, "too big"), FAILED, RSET, None, False),
    (9, Phase.MAIL, (554, "5.3.4 too big"), FAILED, RSET, None, False),
    (10, Phase.MAIL, (550, "5.7.1 sender refused"), OWED, RSET, None, True),
    (11, Phase.RCPT, (452, "4.5.3 enough"), OWED, FRESH, None, False),
    (11, Phase.RCPT, (452, "Too many recipients"), OWED, FRESH, None, False),
    (12, Phase.RCPT, (452, "4.2.2 full"), DEFERRED, RSET, None, False),
    (12, Phase.RCPT, (450, "4.2.0 greylisted"), DEFERRED, RSET, None, False),
    (12, Phase.DATA, (452, "4.5.3 enough"), DEFERRED, RSET, None, False),
    (13, Phase.DATA, (503, "5.5.1 out of step"), OWED, ABORT, None, False),
    (14, Phase.RCPT, (550, "5.7.1 about us"), FAILED, RSET, None, False),
    (15, Phase.RCPT, (550, "5.1.1 unknown"), FAILED, RSET, None, False),
    (15, Phase.DOT, (554, "5.6.0 content"), FAILED, KEEP, None, False),
    (16, Phase.RCPT, (0, "silence"), DEFERRED, ABORT, 60_000, False),
    (16, Phase.RCPT, (354, "garbage"), DEFERRED, ABORT, 60_000, False),
    (16, Phase.DATA, (250, "not 354"), DEFERRED, ABORT, 60_000, False),
    (17, Phase.DOT, (250, "2.0.0 queued as 1"), SENT, KEEP, None, False),
    (17, Phase.DOT, (251, "forwarded"), SENT, KEEP, None, False),
    (18, Phase.DOT, (451, "4.3.0 later"), DEFERRED, KEEP, None, False),
    (19, Phase.DOT, (0, "silence"), IN_DOUBT, ABORT, None, False),
    (19, Phase.BODY, (0, "silence"), IN_DOUBT, ABORT, None, False),
    (19, Phase.DOT, (354, "garbage"), IN_DOUBT, ABORT, None, False),
]


@pytest.mark.parametrize(("row", "phase", "said", "kind", "connection", "retry_ms", "pause"), ROWS, ids=str)
def test_each_row_of_the_table_says_what_it_says(row, phase, said, kind, connection, retry_ms, pause):
    verdict = judge(phase, read_reply(phase, *said))
    outcome = verdict.outcome
    assert (outcome.kind, verdict.connection, outcome.retry_ms) == (kind, connection, retry_ms)
    assert bool(outcome.pause) == pause


def test_an_enhanced_code_whose_class_disagrees_is_dropped_and_the_code_wins():
    reply = read_reply(Phase.RCPT, 450, "5.1.1 unknown")
    assert reply.enhanced == ""
    assert classify_reply(Phase.RCPT, reply).kind is DEFERRED


def test_a_reply_is_kept_short_and_harmless():
    assert safe("a\r\nb\x1b[31m\0") == "a\\r\\nb\\x1b[31m\\x00"
    assert len(no_reply(Phase.DOT, "x" * 9000).text) == 500


def test_a_pause_says_who_refused_what():
    outcome = classify_reply(Phase.MAIL, read_reply(Phase.MAIL, 550, "5.7.1 sender\nrefused"))
    assert outcome.pause == "the relay refuses us at mail: 550 5.7.1 sender\\nrefused"


def test_a_reply_made_elsewhere_is_classified_by_its_own_fields():
    assert classify_reply(Phase.RCPT, Reply(phase=Phase.RCPT, code=452, enhanced="4.5.3")).kind is OWED


EFFECTS = [
    (3, Phase.CONNECT, (0, "refused"), Effect.SHRINK),
    (3, Phase.BANNER, (421, "4.3.2 busy"), Effect.SHRINK),
    (3, Phase.EHLO, (451, "later"), Effect.SHRINK),
    (4, Phase.BANNER, (554, "go away"), Effect.NONE),
    (5, Phase.AUTH, (454, "4.7.0 later"), Effect.BACK_OFF),
    (5, Phase.TLS, (0, "handshake"), Effect.BACK_OFF),
    (6, Phase.AUTH, (535, "wrong"), Effect.NONE),
    (7, Phase.MAIL, (421, ""), Effect.SHRINK),
    (7, Phase.RCPT, (421, ""), Effect.SHRINK),
    (7, Phase.DATA, (421, ""), Effect.SHRINK),
    (7, Phase.DOT, (421, "4.7.0 slow down"), Effect.SHRINK),
    (8, Phase.MAIL, (451, "4.7.1 later"), Effect.BACK_OFF),
    (8, Phase.MAIL, (0, "silence"), Effect.BACK_OFF),
    (11, Phase.RCPT, (452, "4.5.3 enough"), Effect.NONE),
    (12, Phase.RCPT, (450, "4.7.1 slow down"), Effect.REST),
    (12, Phase.DATA, (451, "4.7.28 unusual rate"), Effect.REST),
    (12, Phase.RCPT, (450, "4.2.0 greylisted"), Effect.NONE),
    (15, Phase.RCPT, (550, "5.1.1 unknown"), Effect.NONE),
    (17, Phase.DOT, (250, "ok"), Effect.GROW),
    (17, Phase.DOT, (251, "ok"), Effect.GROW),
    (18, Phase.DOT, (451, "4.7.28 unusual rate"), Effect.REST),
    (18, Phase.DOT, (451, "4.3.0 later"), Effect.NONE),
    (19, Phase.DOT, (0, "silence"), Effect.NONE),
]


@pytest.mark.parametrize(("row", "phase", "said", "effect"), EFFECTS, ids=str)
def test_each_row_of_the_table_says_what_it_does_to_the_destination(row, phase, said, effect):
    assert judge(phase, read_reply(phase, *said)).effect is effect


def test_only_a_message_that_was_taken_lets_a_destination_have_more():
    for phase, reply in every_reply():
        verdict = judge(phase, reply)
        assert (verdict.effect is Effect.GROW) == (verdict.outcome.kind is SENT)
        if verdict.outcome.pause:
            assert verdict.effect is Effect.NONE


# --- the whole table at once: the first row that fits, for every phase, code and enhanced code

ABOUT_ACCESS = {530, 534, 535, 538}
SET_UP_AGAIN = (Phase.STARTTLS, Phase.TLS, Phase.AUTH)
MINUTE = 60_000


def four(code):
    return 400 <= code <= 499


def five(code):
    return 500 <= code <= 599


def go_on(phase, code):
    return {Phase.DATA: code == 354, Phase.AUTH: 200 <= code <= 299 or code == 334}.get(
        phase, 200 <= code <= 299 and phase not in {*AT_THE_DOT, Phase.LOCAL}
    )


TABLE = [
    # row, when (phase, code, enhanced) -> outcome, connection, destination, pause, retry_ms
    ("on", lambda p, c, _: go_on(p, c), (OWED, KEEP, Effect.NONE, False, None)),
    ("2", lambda p, c, _: p is Phase.LOCAL and c in {552, 553}, (FAILED, KEEP, Effect.NONE, False, None)),
    ("2 else", lambda p, *_: p is Phase.LOCAL, (OWED, KEEP, Effect.NONE, False, None)),
    ("3", lambda p, *_: p in {Phase.DNS, Phase.CONNECT}, (OWED, ABORT, Effect.SHRINK, False, None)),
    ("4, 6", lambda p, c, _: p in BEFORE_MAIL and five(c), (OWED, ABORT, Effect.NONE, True, None)),
    ("3", lambda p, *_: p in {Phase.BANNER, Phase.EHLO}, (OWED, ABORT, Effect.SHRINK, False, None)),
    ("5", lambda p, *_: p in SET_UP_AGAIN, (OWED, ABORT, Effect.BACK_OFF, False, None)),
    ("6", lambda _, c, __: c in ABOUT_ACCESS, (OWED, ABORT, Effect.NONE, True, None)),
    ("7", lambda p, c, _: c == 421 and p is Phase.MAIL, (OWED, ABORT, Effect.SHRINK, False, None)),
    ("7", lambda _, c, __: c == 421, (DEFERRED, ABORT, Effect.SHRINK, False, None)),
    ("8", lambda p, c, _: p is Phase.MAIL and four(c), (OWED, RSET, Effect.BACK_OFF, False, None)),
    ("8", lambda p, c, _: p is Phase.MAIL and not five(c), (OWED, ABORT, Effect.BACK_OFF, False, None)),
    ("9", lambda p, c, e: p is Phase.MAIL and (c == 552 or e == "5.3.4"), (FAILED, RSET, Effect.NONE, False, None)),
    ("10", lambda p, *_: p is Phase.MAIL, (OWED, RSET, Effect.NONE, True, None)),
    ("11", lambda p, c, e: p is Phase.RCPT and (c, e) == (452, "4.5.3"), (OWED, FRESH, Effect.NONE, False, None)),
    (
        "12, 18",
        lambda _, c, e: four(c) and e.startswith("4.7."),
        lambda p: (DEFERRED, KEEP if p in AT_THE_DOT else RSET, Effect.REST, False, None),
    ),
    (
        "12, 18",
        lambda _, c, __: four(c),
        lambda p: (DEFERRED, KEEP if p in AT_THE_DOT else RSET, Effect.NONE, False, None),
    ),
    ("13", lambda p, c, _: p not in AT_THE_DOT and c == 503, (OWED, ABORT, Effect.NONE, False, None)),
    (
        "14, 15",
        lambda _, c, __: five(c),
        lambda p: (FAILED, KEEP if p in AT_THE_DOT else RSET, Effect.NONE, False, None),
    ),
    ("16", lambda p, *_: p not in AT_THE_DOT, (DEFERRED, ABORT, Effect.NONE, False, MINUTE)),
    ("17", lambda _, c, __: 200 <= c <= 299, (SENT, KEEP, Effect.GROW, False, None)),
    ("19", lambda *_: True, (IN_DOUBT, ABORT, Effect.NONE, False, None)),
]


def test_every_phase_code_and_enhanced_code_is_judged_by_the_first_row_of_the_table_that_fits():
    for phase, reply in every_reply():
        row, want = next((row, want) for row, when, want in TABLE if when(phase, reply.code, reply.enhanced))
        want = want(phase) if callable(want) else want
        verdict = judge(phase, reply)
        outcome = verdict.outcome
        found = (outcome.kind, verdict.connection, verdict.effect, bool(outcome.pause), outcome.retry_ms)
        assert found == want, (row, phase, reply)
