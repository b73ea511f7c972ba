"""A message as bytes: parsed back by the standard library it is exactly what was meant."""

import email
import email.policy
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import DigestError
from digest.model import Links, Part, Sender
from digest.sender import HeaderError
from digest.sender.headers import one_line

FIELDS = [
    "Date", "From", "To", "Subject", "Message-ID", "List-Id", "List-Unsubscribe", "List-Post", "Feedback-ID",
    "Auto-Submitted", "Precedence", "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip
HOSTILE = st.text(alphabet="<>&\"'=?_.,\\@ \r\n\tFrom\0é\u2028\U0001f600\x1b", max_size=60)


def parsed(message):
    return email.message_from_bytes(message.data, policy=email.policy.default)


def parts(message):
    text, html = parsed(message).get_payload()
    return text.get_payload(decode=True).decode(), html.get_payload(decode=True).decode()


def test_the_header_set_is_mail_d_in_its_order(make):
    message = parsed(make.builder().build(make.delivery(1, address="ada@example.org", name="Ada")))
    assert message.keys() == FIELDS
    assert message["Date"] == "Mon, 23 Nov 2026 20:06:47 +0000"
    assert message["From"] == "The Morning Desk <briefing@news.example.org>"
    assert message["To"] == "Ada <ada@example.org>"
    assert message["Message-ID"] == "<message1@news.example.org>"
    assert message["List-Id"] == "The Morning Briefing <morning.news.example.org>"
    assert message["List-Unsubscribe"] == "<mailto:unsubscribe@news.example.org?subject=v1.abc>"
    assert message["Feedback-ID"] == "2026-11-23:morning:digest:desk1"
    assert (message["List-Post"], message["Auto-Submitted"], message["Precedence"]) == ("NO", "auto-generated", "bulk")
    assert message["Content-Language"] == "en"


def test_a_correction_answers_the_message_it_corrects(make):
    delivery = replace(make.delivery(1), holes={"name": "Ada", "in_reply_to": "first@news.example.org"})
    message = parsed(make.builder().build(delivery))
    place = FIELDS.index("Message-ID") + 1
    assert message.keys() == [*FIELDS[:place], "In-Reply-To", "References", *FIELDS[place:]]
    assert message["In-Reply-To"] == message["References"] == "<first@news.example.org>"


def test_both_parts_are_utf8_quoted_printable_text_first(make):
    message = parsed(make.builder().build(make.delivery(1)))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}
    assert {part["Content-Transfer-Encoding"] for part in message.iter_parts()} == {"quoted-printable"}


def test_personal_values_stand_in_both_parts_escaped_for_their_place(make):
    text, html = parts(make.builder().build(make.delivery(1, name='<b> & "Ada"')))
    assert text.startswith('Good morning, <b> & "Ada".\r\n\r\nAT&T <b>\r\n.dot\r\nFrom here\r\n')
    assert html.startswith("<p>Good morning, &lt;b&gt; &amp; &quot;Ada&quot;.</p>")
    assert 'href="mailto:unsubscribe@news.example.org?subject=v1.abc"' in html


def test_a_reader_without_a_name_is_greeted_plainly(make):
    message = make.builder().build(make.delivery(1, address="ada@example.org"))
    assert parts(message)[0].startswith("Good morning.\r\n")
    assert parsed(message)["To"] == "ada@example.org"


def test_public_pages_bring_one_click_and_a_200_character_link_stays_unencoded(make):
    links = Links(unsubscribe="https://news.example.org/u/" + "x" * 200, unsubscribe_mail=make.links.unsubscribe_mail)
    message = make.builder(links=links).build(make.delivery(1))
    assert f"List-Unsubscribe: <{links.unsubscribe}>,\r\n <{links.unsubscribe_mail}>\r\n".encode() in message.data
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in message.data


def test_equal_input_gives_equal_bytes_and_each_reader_another_boundary(make):
    first, second = (make.builder().build(make.delivery(1)) for _ in range(2))
    assert first.data == second.data
    assert parsed(first).get_boundary() != parsed(make.builder().build(make.delivery(2))).get_boundary()


def test_the_return_path_is_the_bounce_address_and_the_recipient_the_stored_one(make):
    envelope = make.builder().build(make.delivery(1, address="Ada@example.org")).envelope
    assert (envelope.sender, envelope.recipient) == ("bounces+1@news.example.org", "Ada@example.org")


def test_replies_go_where_the_newsletter_says(make):
    message = parsed(make.builder(newsletter=make.newsletter(reply_to="Editors <ed@x.test>")).build(make.delivery(1)))
    assert message.keys()[3:5] == ["Reply-To", "Subject"]
    assert message["Reply-To"] == "Editors <ed@x.test>"


@settings(deadline=None, max_examples=200)
@given(title=HOSTILE, name=HOSTILE, sender=HOSTILE, listed=HOSTILE, body=HOSTILE)
def test_t10_no_title_name_or_list_name_adds_a_field_or_changes_another(make, title, name, sender, listed, body):
    text = Part(literals=(f"Hello{body}", f"{body}\n"), holes=("name",))
    newsletter = make.newsletter(title=listed, sender=Sender(name=sender, address="desk@news.example.org"))
    builder = make.builder(issue=make.issue(subject=title, text=text), newsletter=newsletter)
    back = parsed(builder.build(make.delivery(1, name=name)))
    assert back.keys() == FIELDS
    assert str(back["Subject"]) == one_line(title)
    assert back["From"].addresses[0].addr_spec == "desk@news.example.org"
    assert back["To"].addresses[0].addr_spec == "reader1@example.org"
    pieces = (f"Hello{body}", f", {name}" if name else "", f"{body}\n")
    assert back.get_payload()[0].get_payload(decode=True) == b"".join(map(crlf, pieces))


@pytest.mark.parametrize("address", ["a@b.test\r\nBcc: c@d.test", "a@b.test, c@d.test", "<a@b.test>", '"a"@b.test'])
def test_t12_a_reader_whose_address_cannot_be_written_gets_no_message_at_all(make, address):
    with pytest.raises(HeaderError):
        make.builder().build(replace(make.delivery(1), address=address))


def test_t10_a_message_id_with_a_line_break_is_refused(make):
    with pytest.raises(HeaderError):
        make.builder().build(replace(make.delivery(1), message_id="a@b.test>\r\nBcc: <c@d.test"))


def test_a_hole_that_nothing_fills_is_said_and_is_not_one_readers_fault(make):
    builder = make.builder(issue=make.issue(text=Part(literals=("", ""), holes=("view_url",))))
    with pytest.raises(DigestError, match="view_url") as raised:
        builder.build(make.delivery(1))
    assert not isinstance(raised.value, HeaderError)


def crlf(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
