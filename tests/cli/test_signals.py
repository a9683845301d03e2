"""Signals that stop a command: they unwind what runs, once, and wait where they are put off."""

from __future__ import annotations

import signal

import pytest

from service.cli.signals import exit_on, put_off

pytestmark = pytest.mark.usefixtures("put_back")

ONE, OTHER = signal.SIGHUP, signal.SIGUSR2


def test_a_signal_unwinds_what_runs_and_a_second_one_does_not_interrupt_that() -> None:
    exit_on((ONE, OTHER), 7)
    with pytest.raises(SystemExit) as left:
        try:
            signal.raise_signal(ONE)
        finally:
            signal.raise_signal(OTHER)
            signal.raise_signal(ONE)
    assert left.value.code == 7


def test_a_signal_that_is_put_off_comes_when_the_block_has_ended() -> None:
    exit_on((ONE, OTHER), 7)
    done = []
    with pytest.raises(SystemExit), put_off((ONE, OTHER)):
        signal.raise_signal(OTHER)
        done.append("the block")
    assert done == ["the block"]
    with put_off((ONE,)):
        pass
