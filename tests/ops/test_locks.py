"""Who holds a stack, and whether they can still be there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from ops.locks import LockedError, holders

SAID = """error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete \
the lock file with `pulumi cancel`.
  file:///state/.pulumi/locks/organization/flotilla/dev/29bc7cf0.json: created by root@{host} (pid {pid}) at \
2026-11-21T08:27:02Z"""


def ended() -> int:
    """Give the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_names_user_host_process_and_time() -> None:
    (holder,) = holders(SAID.format(host="ship", pid=1808))
    assert (holder.user, holder.host, holder.pid, holder.since) == ("root", "ship", 1808, "2026-11-21T08:27:02Z")


def test_a_lock_of_a_process_of_this_machine_that_has_ended_is_stale() -> None:
    assert LockedError("dev", SAID.format(host=socket.gethostname(), pid=ended())).stale


def test_a_lock_whose_process_id_another_program_has_got_is_stale() -> None:
    assert LockedError("dev", SAID.format(host=socket.gethostname(), pid=os.getpid())).stale


def test_a_lock_of_another_machine_is_never_taken_for_stale() -> None:
    assert not LockedError("dev", SAID.format(host="another-machine", pid=ended())).stale


def test_a_lock_that_cannot_be_read_is_never_taken_for_stale() -> None:
    error = LockedError("dev", "[409] Conflict: Another update is currently in progress.")
    assert not error.stale
    assert "pulumi cancel --stack dev" in str(error)
