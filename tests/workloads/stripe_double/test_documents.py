"""What the double reads from its environment is what its documents say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stripe_double
from stripe_double import __main__ as program
from stripe_double.delivery import RETRY_SECONDS

FOLDER = Path(stripe_double.__file__).parent
READ = re.findall(r'(?:environ(?:\.get)?[(\[]|_lines\()"([A-Z_]+)"', (FOLDER / "__main__.py").read_text())
DOCUMENTS = {"README": (FOLDER / "README.md").read_text(), "docstring": program.__doc__ or ""}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_variable_is_told_with_its_default(document: str) -> None:
    assert len(set(READ)) >= 10
    assert [name for name in READ if name not in DOCUMENTS[document]] == []
    pauses = ",".join(f"{pause:g}" for pause in RETRY_SECONDS)
    assert re.search(rf"RETRY_SECONDS`* \(`+{pauses}`+\)", DOCUMENTS[document])
