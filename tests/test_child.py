"""A child process may hang, eat memory or die; the caller gets one named error and goes on."""

import pickle
import struct
import subprocess
import sys

import pytest

from digest.child import Child, ChildDied, ChildError, ChildTimeout


def test_a_result_comes_back():
    assert Child("textwrap:dedent", deadline=5).call("  a") == "a"


def test_a_child_is_kept_between_calls():
    child = Child("os:getpid", deadline=5)
    assert child.call() == child.call()


def test_a_child_started_ahead_is_the_one_that_answers():
    child = Child("os:getpid", deadline=5)
    child.start()
    started = child._process.pid
    assert child.call() == started


def test_a_child_started_ahead_that_cannot_start_fails_at_the_call():
    child = Child("textwrap:nothing", deadline=5)
    child.start()
    with pytest.raises(ChildDied, match="did not start"):
        child.call()


def test_a_hung_call_is_killed_and_the_next_one_works():
    child = Child("time:sleep", deadline=0.2)
    with pytest.raises(ChildTimeout, match=r"more than 0\.2 s"):
        child.call(60)
    assert child.call(0) is None


def test_a_crash_is_one_error_and_the_next_call_works():
    child = Child("os:kill", deadline=5)
    with pytest.raises(ChildDied, match="SIGSEGV"):
        Child("ctypes:string_at", deadline=5).call(0)
    with pytest.raises(ChildError, match="ProcessLookupError"):
        child.call(2**22 + 1, 0)


def test_memory_has_a_limit():
    with pytest.raises(ChildError, match=r"MemoryError|died"):
        Child("builtins:bytearray", deadline=20, memory_mb=256).call(1 << 30)


def test_any_exception_comes_back_as_one_line():
    with pytest.raises(ChildError, match="ValueError: invalid literal"):
        Child("builtins:int", deadline=5).call("x")


def test_a_missing_function_is_said():
    with pytest.raises(ChildDied, match="did not start"):
        Child("textwrap:nothing", deadline=5).call()


def test_what_a_function_prints_does_not_disturb_the_answer():
    assert Child("builtins:print", deadline=5).call("hello") is None


@pytest.mark.parametrize("busy", [False, True], ids=["while it imports", "while it works"])
def test_a_child_whose_parent_was_killed_ends_without_a_word(busy):
    command = [sys.executable, "-m", "digest.child", "textwrap:dedent", "5", "1024"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if busy:
        child.stdout.read(len(struct.pack(">Q", 0)) + len(b"ready"))
        call = pickle.dumps((("a",), {}))
        child.stdin.write(struct.pack(">Q", len(call)) + call)
    child.stdout.close()  # as the kernel does it when the parent dies
    assert child.communicate(timeout=20)[1] == b""
    assert child.returncode == 0
