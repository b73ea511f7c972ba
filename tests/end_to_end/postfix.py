"""A real Postfix of our own: its own configuration, queue and port, delivering to a Maildir for each reader.

Wants root (it drops its rights itself) and the postfix package; nothing of the machine's own Postfix is touched.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from email import message_from_bytes
from pathlib import Path

PROGRAM = shutil.which("postfix", path="/usr/sbin:/usr/local/sbin:/usr/bin")
MISSING = "needs root and Postfix: apt-get install -y postfix"
THERE = PROGRAM is not None and os.geteuid() == 0

MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log
maillog_file_prefixes = {home}
myhostname = relay.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
alias_maps =
alias_database =
local_recipient_maps =
relay_domains =
default_transport = error:not here
relay_transport = error:not here
virtual_mailbox_domains = example.org
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = texthash:{home}/etc/readers
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions = check_recipient_access regexp:{home}/etc/access, permit_mynetworks, reject
smtpd_delay_reject = yes
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 100000
smtpd_hard_error_limit = 200000
message_size_limit = 10240000
"""
MASTER = """
127.0.0.1:{port} inet n - n - 30 smtpd
pickup    unix n - n 60   1 pickup
cleanup   unix n - n -    0 cleanup
qmgr      unix n - n 300  1 qmgr
rewrite   unix - - n -    - trivial-rewrite
bounce    unix - - n -    0 bounce
defer     unix - - n -    0 bounce
trace     unix - - n -    0 bounce
verify    unix - - n -    1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n -    - proxymap
showq     unix n - n -    - showq
error     unix - - n -    - error
retry     unix - - n -    - error
virtual   unix - n n -    20 virtual
anvil     unix - - n -    1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """`with Postfix(readers=20) as relay:` knows reader0 to reader19@example.org; `refuse` and `later` are regular expressions over addresses."""

    def __init__(self, *, readers, refuse="", later=""):
        # Beside pytest's own folder, which no other user may enter; in memory where there is such a place.
        memory = Path("/dev/shm")
        self.home = Path(tempfile.mkdtemp(prefix="digest-postfix-", dir=memory if os.access(memory, os.W_OK) else None))
        self.home.chmod(0o755)
        self.port = _free_port()
        self.mail, self.config = self.home / "mail", self.home / "etc"
        for folder in (self.config, self.home / "queue", self.home / "data", self.mail):
            folder.mkdir()
        shutil.chown(self.home / "data", "postfix")
        shutil.chown(self.mail, "nobody", "nogroup")
        about = self.mail.stat()
        daemons = subprocess.run(
            ["postconf", "-d", "-h", "daemon_directory"], capture_output=True, text=True, check=True
        )
        values = {"home": self.home, "uid": about.st_uid, "gid": about.st_gid, "daemons": daemons.stdout.strip()}
        (self.config / "main.cf").write_text(MAIN.format(**values))
        (self.config / "master.cf").write_text(MASTER.format(port=self.port))
        boxes = (f"reader{n}@example.org reader{n}/\n" for n in range(readers))
        (self.config / "readers").write_text("".join(boxes))
        rules = f"/{refuse}/ 550 5.1.1 nobody of this name\n" if refuse else ""
        rules += f"/{later}/ 450 4.2.1 come back later\n" if later else ""
        (self.config / "access").write_text(rules)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.control("stop")
        shutil.rmtree(self.home)

    def start(self):
        """Serving when it returns."""
        self.control("start")
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0 and probe.recv(4):
                    return
            time.sleep(0.05)
        raise AssertionError(self.log())

    def stop(self):
        """As an operator does it; gone when it returns."""
        self.control("stop")

    def control(self, word):
        done = subprocess.run(
            ["postfix", "-c", self.config, word], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0 or word == "stop", done.stderr

    def log(self):
        path = self.home / "log"
        return path.read_text() if path.exists() else ""

    def count(self):
        """How many messages lie in the readers' boxes."""
        return sum(1 for _ in self.mail.glob("*/new/*"))

    def settled(self, count, seconds=60):
        """Wait until so many were delivered and the queue is empty; the count then."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and (self._queued() or self.count() < count):
            time.sleep(0.05)
        return self.count()

    def boxes(self):
        """reader -> (queue id, Message-ID) of each message that reader got, each once.

        A Postfix that is stopped while it writes into a box writes the same queue entry again later: that one is its
        own, not ours.
        """
        return {new.parent.name: {_ids(file.read_bytes()) for file in new.iterdir()} for new in self.mail.glob("*/new")}

    def _queued(self):
        queues = (self.home / "queue" / name for name in ("incoming", "active", "deferred", "maildrop"))
        return any(file.is_file() for queue in queues for file in queue.rglob("*"))


def _ids(raw):
    message = message_from_bytes(raw)
    return re.search(r"\bid ([0-9A-Za-z]+)", message["Received"])[1], message["Message-ID"]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
