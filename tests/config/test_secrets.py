"""SECURITY.md 6 and tests 17 and 18: where secrets come from, and that they never come out."""

from __future__ import annotations

import base64
import os
import pickle
import stat
import traceback

import pytest

from digest.config import load_keys, read, shown
from digest.errors import ConfigError

CANARY = "canary-7f3a"
LOGIN = 'username = "ada"\npassword = '


def _password(config):
    return config.transports[0].options["password"]


def test_t17_a_secret_comes_from_the_environment(desk):
    config = desk.load(desk.relay(LOGIN + '{ env = "PW" }'), environment={"PW": CANARY})
    assert (_password(config).reveal(), _password(config).origin) == (CANARY, "env PW")
    assert config.transports[0].options["username"].reveal() == "ada"


def test_t17_a_secret_comes_from_a_file_without_its_newline(desk):
    (desk.folder / "pw").write_text(CANARY + "\n")
    (desk.folder / "pw").chmod(0o600)
    config = desk.load(desk.relay(LOGIN + '{ file = "pw" }'))
    assert (_password(config).reveal(), _password(config).origin) == (CANARY, "file pw")


def test_t17_a_secret_comes_from_a_systemd_credential(desk):
    (desk.folder / "credentials").mkdir()
    (desk.folder / "credentials" / "smtp").write_text(CANARY)
    environment = {"CREDENTIALS_DIRECTORY": str(desk.folder / "credentials")}
    config = desk.load(desk.relay(LOGIN + '{ credential = "smtp" }'), environment=environment)
    assert (_password(config).reveal(), _password(config).origin) == (CANARY, "credential smtp")


@pytest.mark.parametrize("inline", [f'"{CANARY}"', "12345", f'["{CANARY}"]', f'{{ env = "A", file = "{CANARY}" }}'])
def test_t17_an_inline_secret_is_a_mistake_that_does_not_repeat_it(desk, inline):
    (line,) = desk.lines(desk.relay(LOGIN + inline))
    assert line.startswith("config.toml:15: [transports.relay] password: ".replace("relay", "outbox"))
    assert 'write { env = "NAME" }' in line
    assert CANARY not in line


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_t17_a_secret_file_more_open_than_0600_is_refused(desk, mode):
    (desk.folder / "pw").write_text(CANARY)
    (desk.folder / "pw").chmod(mode)
    (line,) = desk.lines(desk.relay(LOGIN + '{ file = "pw" }'))
    assert line.endswith(f"pw: can be read by others; run chmod 600 {desk.folder / 'pw'}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_t17_a_secret_file_of_somebody_else_is_refused(desk):
    (desk.folder / "pw").write_text(CANARY)
    (desk.folder / "pw").chmod(0o600)
    os.chown(desk.folder / "pw", 12345, -1)
    (line,) = desk.lines(desk.relay(LOGIN + '{ file = "pw" }'))
    assert "belongs to another user" in line


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ('{ env = "PW" }', "environment variable PW is not set; set it for this process"),
        ('{ file = "none" }', "none: no such file or directory"),
        ('{ file = "samples" }', "samples: is no file"),
        ('{ credential = "pw" }', "no credential pw without $CREDENTIALS_DIRECTORY; add LoadCredential=pw:PATH"),
        ('{ credential = "../pw" }', "a credential is a bare name"),
    ],
)
def test_t17_a_secret_that_is_not_there_is_a_mistake(desk, reference, said):
    (line,) = desk.lines(desk.relay(LOGIN + reference))
    assert said in line


def test_an_empty_secret_file_and_a_pipe_are_told(desk):
    (desk.folder / "pw").touch(mode=0o600)
    assert "pw is empty" in desk.lines(desk.relay(LOGIN + '{ file = "pw" }'))[0]
    (desk.folder / "pw").unlink()
    os.mkfifo(desk.folder / "pw", 0o600)
    assert "is no file" in desk.lines(desk.relay(LOGIN + '{ file = "pw" }'))[0]


def test_secrets_of_a_transport_that_is_not_in_use_are_not_asked_for(desk):
    idle = '[transports.idle]\nkind = "smtp"\nhost = "localhost"\n' + LOGIN + '{ env = "PW" }\n'
    assert desk.lines(desk.write().read_text() + idle) == []


@pytest.mark.parametrize(("key", "other"), [("username", "password"), ("password", "username")])
def test_a_login_has_both_halves(desk, key, other):
    (line,) = desk.lines(desk.relay(f'{key} = {{ env = "X" }}'), environment={"X": "x"})
    assert f"{key}: needs {other}; write {other} = {{ env =" in line


def test_t18_config_show_says_where_a_secret_comes_from_and_never_what_it_is(desk):
    text = desk.relay(f'username = "{CANARY}"\npassword = {{ env = "PW" }}')
    page = shown(desk.load(text, environment={"PW": CANARY}))
    assert 'password = "***"  # env PW' in page
    assert CANARY not in page


def test_t18_no_way_of_printing_a_config_shows_a_secret(desk):
    config = desk.load(desk.relay(LOGIN + '{ env = "PW" }'), environment={"PW": CANARY})
    secret = _password(config)
    printed = [repr(config), str(config), repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", f"{config}"]
    assert not any(CANARY in text for text in printed)
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_t18_a_traceback_of_a_broken_config_shows_no_secret(desk):
    text = desk.relay(f'username = 5\npassword = "{CANARY}"\npass = "{CANARY}"').replace("London", "")
    with pytest.raises(ConfigError) as caught:
        desk.load(text)
    assert len(caught.value.mistakes) >= 3
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_t18_a_syntax_error_beside_a_secret_does_not_repeat_it(desk):
    for line in (f"password = {CANARY}", f'password = "{CANARY}', f'password = "{CANARY}" x', f'"{CANARY}" 1'):
        desk.write(desk.relay(line))
        (mistake,) = read("config.toml").mistakes
        assert CANARY not in str(mistake)


def test_keys_are_made_once_and_closed_to_others(tmp_path):
    path = tmp_path / "var" / "secret"
    ((name, key),) = load_keys(path, create=True)
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert len(key) == 32
    assert load_keys(path, create=True) == load_keys(path, create=False) == ((name, key),)
    assert [found.name for found in path.parent.iterdir()] == ["secret"]


def test_keys_keep_the_file_s_order(tmp_path):
    lines = [f"k{n}:{base64.b64encode(bytes([n]) * 32).decode()}" for n in (3, 1, 2)]
    _write(tmp_path / "secret", "\n".join(lines) + "\n\n")
    assert [name for name, _ in load_keys(tmp_path / "secret", create=False)] == ["k3", "k1", "k2"]


def _write(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)


GOOD_LINE = f"k1:{base64.b64encode(bytes(32)).decode()}\n"


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (GOOD_LINE, 0o644, ": can be read by others; run chmod 600"),
        (GOOD_LINE + "k2:short\n", 0o600, ":2: is no key; write id:base64 of 32 bytes"),
        ("\u00e4", 0o600, ": is not text"),
        ("\n", 0o600, ": holds no key"),
        (GOOD_LINE * 2, 0o600, ": two keys have the same id"),
    ],
)
def test_t17_a_bad_file_of_keys_is_refused_with_its_line(tmp_path, text, mode, said):
    _write(tmp_path / "secret", text, mode)
    with pytest.raises(ConfigError) as caught:
        load_keys(tmp_path / "secret", create=True)
    assert str(caught.value).startswith(f"{tmp_path / 'secret'}{said}")
    assert "short" not in str(caught.value)


def test_missing_keys_are_not_made_unless_asked(tmp_path):
    with pytest.raises(ConfigError, match="no such file; it is made on the first run"):
        load_keys(tmp_path / "secret", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "var").touch()
    with pytest.raises(ConfigError) as caught:
        load_keys(tmp_path / "var" / "secret", create=True)
    assert "\n" not in str(caught.value)


def test_t17_a_source_s_login_is_a_reference_and_goes_out_in_one_header(desk):
    there = {"PW": CANARY}
    login = 'username = "ada"\npassword = { env = "PW" }'
    config = desk.load(desk.source(f'url = "https://feeds.example/x"\n{login}'), environment=there)
    source = config.sources["world"]
    assert source.authorization == "Basic " + base64.b64encode(f"ada:{CANARY}".encode()).decode()
    assert CANARY not in f"{source!r} {source}"
    token = desk.load(
        desk.source('url = "https://feeds.example/x"\ntoken = { env = "PW" }'), environment=there
    ).sources["world"]
    assert token.authorization == f"Bearer {CANARY}"
    assert 'password = "***"  # env PW' in shown(config)
    assert CANARY not in shown(config)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('url = "https://x.example/"\nusername = "ada"', "needs password"),
        ('url = "http://x.example/"\ntoken = { env = "PW" }', "in clear"),
        (f'url = "https://x.example/"\ntoken = "{CANARY}"', "token"),
        ('url = "https://x.example/"\ntoken = { env = "PW" }\nusername = "a"\npassword = { env = "PW" }', "both there"),
    ],
)
def test_t17_a_source_s_login_that_would_leak_or_is_half_is_a_mistake(desk, lines, why):
    with pytest.raises(ConfigError, match=why) as error:
        desk.load(desk.source(lines), environment={"PW": CANARY})
    assert CANARY not in str(error.value)
