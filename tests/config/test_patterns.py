"""A filter's pattern is let in only when it is quick on the hardest text that its own words make."""

import pytest

from digest.config.patterns import LONGEST, WORST, fault_of, hard_texts


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bquiz(zes)?\b",
        r"^(sponsored|advert)",
        r"climate.{0,80}summit",
        r"magazine (solutions|puzzles)",
        r"^live:",
        r"\d{1,3}% off",
        r"(?-i:US) election",
        r"\bwin(s|ner)?\b.{0,20}\blottery\b",
        r"津波|地震",
    ],
)
def test_what_people_write_is_let_in(pattern):
    assert fault_of(pattern) == ""


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"^(\w+\s?)*$",
        r"(a|aa)+$",
        r"(x+x+)+y",
        r"([a-z]+)*\d",
        r"foo.*bar",
        r"\s+$",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r"quiz(.*\s)*night",
        r"(?:a|aa)*b",  # where no b is in the text, a search gives up at once
        r".*.*x",
    ],
)
def test_what_may_take_for_ever_is_refused_with_its_mend(pattern):
    why, _, mend = fault_of(pattern).partition("; ")
    assert why == f"/{pattern}/ may take over 50 ms on 100 kB"
    assert ".{0,80} in place of .*" in mend


@pytest.mark.parametrize("pattern", ["(", "*", "[a", "(?P<a>x)(?P<a", "a{2,1}", "(?u)(?a)x"])
def test_what_is_no_pattern_says_so(pattern):
    assert "is no regular expression" in fault_of(pattern)


def test_a_very_long_pattern_is_refused_unread():
    assert "write at most" in fault_of("a" * (LONGEST + 1))


def test_the_hard_texts_repeat_the_patterns_own_words_up_to_the_worst_case():
    texts = list(hard_texts("quiz|x(ab)+"))
    sizes = {len(text.encode()) for text in texts}
    assert {size for size in sizes if size > 1000} <= set(range(WORST - 20, WORST + 2))
    for word in ("quiz", "quiza", "ab", "x"):
        assert any(text.startswith(word * 20) for text in texts)
