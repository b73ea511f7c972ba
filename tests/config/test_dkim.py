"""Keys that a newsletter signs with: bad ones are one clear line each, good ones are known by what they are."""

from __future__ import annotations

import subprocess

import pytest

from digest.config import shown
from tests.config.conftest import GOOD, Desk

OPENSSL = {
    "rsa": "genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048",
    "short": "genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:1024",
    "tiny": "genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:512",
    "ed25519": "genpkey -quiet -algorithm ed25519",
    "curve": "genpkey -quiet -algorithm ec -pkeyopt ec_paramgen_curve:P-256",
    "locked": "genpkey -quiet -algorithm ed25519 -aes256 -pass pass:x",
}


@pytest.fixture(scope="module")
def pems() -> dict[str, bytes]:
    made = {
        name: subprocess.run(["openssl", *words.split()], check=True, capture_output=True).stdout
        for name, words in OPENSSL.items()
    }
    return {**made, "text": b"not a key\n", "cut": made["rsa"][:400], "nothing": b""}


def signing(*tables: str) -> str:
    return GOOD + "".join(f"\n[[newsletters.morning.dkim]]\n{table}\n" for table in tables)


def put(desk: Desk, name: str, pem: bytes, mode: int = 0o600) -> str:
    (desk.folder / name).write_bytes(pem)
    (desk.folder / name).chmod(mode)
    return f'key = {{ file = "{name}" }}'


def test_both_kinds_are_known_by_what_they_are_and_sign_for_the_domain_of_from(desk, pems):
    tables = (
        f'selector = "a"\n{put(desk, "a.pem", pems["rsa"])}',
        f'selector = "b"\ndomain = "Example.ORG"\n{put(desk, "b.pem", pems["ed25519"])}',
    )
    first, second = desk.load(signing(*tables)).newsletters["morning"].dkim
    assert (first.selector, first.domain, first.algorithm, first.bits) == ("a", "news.example.org", "rsa", 2048)
    assert (second.selector, second.domain, second.algorithm) == ("b", "example.org", "ed25519")
    assert second.line - first.line == 4


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        ("text", "a.pem is no private key in PEM; make one: openssl genpkey"),
        ("cut", "a.pem is no private key in PEM"),
        ("nothing", "a.pem is empty"),
        ("curve", "a.pem is no key for DKIM, which knows RSA and Ed25519"),
        ("tiny", "a.pem is RSA of 512 bits, receivers check 1024 to 4096"),
        ("locked", "a.pem is locked by a passphrase; write it without one"),
    ],
)
def test_a_bad_key_is_one_line_with_its_place(desk, pems, pem, said):
    text = signing(f'selector = "a"\n{put(desk, "a.pem", pems[pem])}')
    (line,) = desk.lines(text)
    place = 1 + text.splitlines().index('key = { file = "a.pem" }')
    assert line.startswith(f"config.toml:{place}: [[newsletters.morning.dkim]] key: ")
    assert said in line


def test_t17_a_key_that_others_can_read_is_refused(desk, pems):
    (line,) = desk.lines(signing(f'selector = "a"\n{put(desk, "a.pem", pems["rsa"], 0o644)}'))
    assert "can be read by others; run chmod 600" in line


def test_a_key_that_is_not_there_is_a_mistake(desk):
    (line,) = desk.lines(signing('selector = "a"\nkey = { file = "gone.pem" }'))
    assert "gone.pem: no such file" in line


def test_t17_a_key_written_into_the_config_is_refused_and_not_repeated(desk, pems):
    pem = pems["ed25519"].decode()
    (line,) = desk.lines(signing(f'selector = "a"\nkey = """{pem}"""'))
    assert "must not stand here itself" in line
    assert pem.splitlines()[1] not in line


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('selector = "A b"', '"A b" is no selector'),
        ('selector = "a;p="', "is no selector"),
        ('selector = "a"\ndomain = "example.net"', "neither news.example.org, which `from` has, nor a domain above it"),
        ('selector = "a"\ndomain = "org"', "neither news.example.org"),
        ('selector = "a"\ndomain = "mail.news.example.org"', "neither news.example.org"),
        ('selector = "a"\nalgorithm = "rsa"', "[[newsletters.morning.dkim]] algorithm: no such key"),
    ],
)
def test_what_receivers_would_not_take_is_a_mistake(desk, pems, table, said):
    (line,) = desk.lines(signing(f"{table}\n{put(desk, 'a.pem', pems['ed25519'])}"))
    assert said in line


def test_two_keys_at_one_place_are_a_mistake(desk, pems):
    table = f'selector = "a"\n{put(desk, "a.pem", pems["ed25519"])}'
    (line,) = desk.lines(signing(table, table))
    assert '"a" stands here twice' in line


def test_a_bad_key_is_told_beside_the_other_mistakes(desk, pems):
    text = signing(f'selector = "a"\n{put(desk, "a.pem", pems["text"])}').replace('theme = "briefing"', 'theme = "x"')
    assert len(desk.lines(text)) == 2


def test_t18_config_show_says_where_a_key_comes_from_and_nothing_of_it(desk, pems):
    config = desk.load(signing(f'selector = "a"\n{put(desk, "a.pem", pems["ed25519"])}'))
    text = shown(config)
    assert '[[newsletters.morning.dkim]]\nselector = "a"\nkey = "***"  # file a.pem' in text
    assert pems["ed25519"].decode().splitlines()[1] not in text + repr(config)
