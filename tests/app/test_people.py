"""Why somebody gets a newsletter or does not, and links that leave."""

import pytest

from digest.model import ConsentKind
from tests.end_to_end.situation import AS_OF

KEY = "morning@2026-03-10"


def token_of(app, project, reader):
    """The token in the message of one reader."""
    (found,) = (
        message["List-Unsubscribe"].rpartition("=")[2].rstrip(">")
        for message in project.messages(KEY)
        if message["To"].addresses[0].addr_spec == reader
    )
    return found


def test_why_tells_lists_consents_and_messages(act):
    async def story(app):
        before = await app.people.why("Reader1@EXAMPLE.org")
        await app.publish("morning")
        await app.people.leave("reader1@example.org", newsletter=None, origin="operator")
        return before, await app.people.why("reader1@example.org")

    before, after = act(story)
    assert before.newsletters == {"morning": "yes: on readers"}
    assert before.subscriber.name == "Reader 1"
    assert (before.said, before.messages) == ((), ())
    assert after.newsletters == {"morning": "no: has left"}
    assert [(one.kind, one.scope, one.origin) for one in after.said] == [(ConsentKind.LEFT, "*", "operator")]
    assert [(key, state) for key, state, _ in after.messages] == [(KEY, "sent")]


def test_a_stranger_is_on_no_list(act):
    known = act(lambda app: app.people.why("nobody@example.org"))
    assert known.subscriber is None
    assert known.newsletters == {"morning": "no: on none of its lists"}


def test_a_link_leaves_its_newsletter_with_the_issue_as_proof(act, project):
    async def story(app):
        await app.publish("morning")
        token = token_of(app, project, "reader2@example.org")
        assert app.people.newsletter_of_token(token) == "morning"
        left = [await app.people.leave_by_token(token) for _ in range(2)]
        return left, await app.people.why("reader2@example.org"), await app.people.count(app.newsletter("morning"))

    left, known, count = act(story)
    assert left == [True, True]
    assert known.newsletters == {"morning": "no: has left"}
    assert {(one.scope, one.origin, one.proof) for one in known.said} == {("morning", "link", KEY)}
    assert known.said[0].at == AS_OF
    assert count == 2


def test_the_link_of_a_test_message_works_for_somebody_on_a_list(act, project):
    async def story(app):
        await app.send_test("morning", "reader0@example.org")
        (message,) = project.messages(f"test-{KEY}")
        token = message["List-Unsubscribe"].rpartition("=")[2].rstrip(">")
        return await app.people.leave_by_token(token), await app.people.why("reader0@example.org")

    left, known = act(story)
    assert left
    assert known.newsletters == {"morning": "no: has left"}


@pytest.mark.parametrize("token", ["", "v1", "v1.x.y", "\x00", "é", "v1." + "A" * 4000])
def test_a_link_that_is_not_ours_leaves_nobody(act, token):
    async def story(app):
        return await app.people.leave_by_token(token), app.people.newsletter_of_token(token)

    assert act(story) == (False, None)
