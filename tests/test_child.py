"""A child process may hang, eat memory or die; the caller gets one named error and goes on."""

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
