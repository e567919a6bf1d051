"""The image's command: it says what is wrong with a shop, and it finishes what it began."""

from __future__ import annotations

import http.client
import json
import signal
from pathlib import Path
from typing import Any

from tests.workloads.postgres import free_port
from tests.workloads.storefront.conftest import process

Raw = dict[str, Any]


def test_a_shop_that_cannot_be_read_ends_with_one_line(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text("{}")
    with process(file, free_port()) as running:
        output, _ = running.communicate()
    (line,) = output.splitlines()
    assert json.loads(line)["error"].startswith(f"{file}: variant: None does not match")
    assert running.returncode == 2


def test_it_serves_until_it_is_told_to_stop(raw: Raw, tmp_path: Path) -> None:
    file, port = tmp_path / "shop.json", free_port()
    file.write_text(json.dumps(raw | {"theme": "unheard-of"}))
    with process(file, port) as running:
        # Kept alive, and idle when the signal comes: that alone may not keep the process.
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        answer = connection.getresponse()
        body = answer.read()
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate()
        connection.close()
    assert answer.status == 200
    assert b"</html>" in body
    assert running.returncode == 0
    lines = [json.loads(line) for line in output.splitlines()]
    assert any(line["message"] == "the theme is not known" for line in lines)
    assert any(line["message"] == "request" and line["path"] == "/" for line in lines)
    assert not any(line["level"] == "error" for line in lines)
