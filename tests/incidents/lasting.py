"""What output says each time: times, counts, digests and names that a cluster makes up are left out of it."""

from __future__ import annotations

import re
import textwrap

_HASH = "[bcdfghjklmnpqrstvwxz2456789]"
"""What Kubernetes makes names of (apimachinery, util/rand)."""
_PASSING = (
    (r"(?<=\.yaml):\d+", ""),
    (r"\d+ resources judged, ", ""),
    (r"(?<=until the leftover won: )\d+", "N"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?: UTC|Z)", "THEN"),
    (r"\b\d+\.\d s$", "N s"),
    (r"sha256:[0-9a-f]+", "sha256:DIGEST"),
    (rf"(?<=-){_HASH}{{8,10}}-{_HASH}{{5}}\b", "POD"),
    # What a container is between two of its starts depends on the moment.
    (r"(?<= is )(?:CrashLoopBackOff: .*|not ready)$", "not ready"),
)
_SLOW = r"^  \S+ \S+: .*expected less than \d+ ms.*\n(?:    .*\n)*"
_FIRST = r"(?<= failed), first .*$"
"""Of several failures the one that came first, which is a race."""
_COUNTED = r"^(?:\d+ of \d+ checks passed|score .*)\n"
_VERIFIED = re.compile(r"^    \$ flotilla verify .*?^    \$ echo \$\?\n    \d+$", re.MULTILINE | re.DOTALL)


def lasting(output: str) -> str:
    """Leave out what every run and every change of a plan moves."""
    for pattern, instead in _PASSING:
        output = re.sub(pattern, instead, output, flags=re.MULTILINE)
    return output


def shortened(report: str) -> str:
    """Leave out of verify's text what could not be told; failures and the score stay."""
    blocks = report.split("\n\n")
    return "\n\n".join(block for block in blocks if not block.startswith(("could not tell", "can't be told")))


def held(verified: str) -> str:
    """Leave of verify's text the failures, the verdict and the code.

    What could not be told, and with it the score, depends on how old the fleet is; how fast it is on the machine.
    """
    text = re.sub(_SLOW, "", lasting(shortened(verified)), flags=re.MULTILINE)
    text = re.sub(f"{_COUNTED}|{_FIRST}", "", text, flags=re.MULTILINE)
    return re.sub(r"^failed: \d+\n\n|(?<=^failed: )\d+", "", text, flags=re.MULTILINE)


def in_terminal(typed: str, output: str, code: int) -> str:
    """Give a command, its output and its exit code as a terminal shows them."""
    return f"$ {typed}\n{output.rstrip()}\n$ echo $?\n{code}"


def verified_in(written: str) -> str:
    """Give verify's command in a part of the document, with all it says and its code; raises AssertionError without."""
    found = _VERIFIED.search(written)
    assert found, "verify says nothing here"
    return textwrap.dedent(found[0])
