"""A "no" always wins."""

from digest.model import Subscriber
from digest.subscribers.readers import Readers


def test_whoever_said_no_is_not_a_reader_whatever_the_files_say(key):
    ada = Subscriber(id="1", email="Ada@example.org")
    ben = Subscriber(id="2", email="ben@example.org")
    no = frozenset({key.address_hash("ada@EXAMPLE.org")})
    found = Readers([ben, ada], no, hash_of=key.address_hash)
    assert (list(found), found.left) == ([ben], 1)
    assert (list(found), found.left) == ([ben], 1)  # walked again, nobody is counted twice


def test_where_all_have_left_there_is_nobody(key):
    ada = Subscriber(id="1", email="Ada@example.org")
    no = frozenset({key.address_hash("ada@EXAMPLE.org")})
    assert Readers([ada], no, hash_of=key.address_hash).nobody()
    assert not Readers([ada], frozenset(), hash_of=key.address_hash).nobody()


def test_everybody_invited_is_a_reader_in_the_order_of_the_files(key):
    people = tuple(Subscriber(id=str(n), email=f"p{n}@example.org") for n in range(3))
    assert tuple(Readers(people, frozenset(), hash_of=key.address_hash)) == people
