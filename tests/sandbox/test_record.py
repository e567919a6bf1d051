from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import record
from sandbox.record import Record


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = Record.now({"etcd": 1})
    written.write(tmp_path)
    assert record.read(tmp_path) == written


@pytest.mark.parametrize("text", ["", '{"ports": {', "[]", '{"ports": {}}', "null"])
def test_half_a_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / record.FILE).write_text(text)
    assert record.read(tmp_path) is None


def test_no_record_is_none(tmp_path: Path) -> None:
    assert record.read(tmp_path) is None
