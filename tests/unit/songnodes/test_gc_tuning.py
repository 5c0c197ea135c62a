"""The garbage collector around imports."""

import gc

import pytest

from songnodes import gc_tuning


def test_imports_are_not_collected_and_all_that_follows_is() -> None:
    with gc_tuning.paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_failed_import_leaves_the_collector_on() -> None:
    with pytest.raises(ImportError), gc_tuning.paused():
        raise ImportError
    assert gc.isenabled()
