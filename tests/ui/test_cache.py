"""Results are made once for a key, even when two threads ask at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ui.cache import Results


def test_two_threads_make_one_result():
    results, made, gate = Results(), [], threading.Barrier(4)

    def ask():
        gate.wait()
        return results.make("key", lambda: made.append(1) or object())

    with ThreadPoolExecutor(4) as pool:
        answers = [one.result() for one in [pool.submit(ask) for _ in range(4)]]
    assert len(made) == 1
    assert len({id(answer) for answer in answers}) == 1


def test_a_failure_is_not_kept():
    results = Results()

    def fail():
        raise ValueError

    with pytest.raises(ValueError):
        results.make("key", fail)
    assert results.make("key", lambda: 1) == 1


def test_the_oldest_result_is_dropped_first():
    results = Results(kept=2)
    for key in "abc":
        results.make(key, lambda key=key: key)
    assert [results.peek(key) for key in "abc"] == [None, "b", "c"]
