"""What a check is: an entry of the catalogue, which makes its own results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from verify.results import Outcome, Part, Result


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    ``stands_for`` names the demand or smoke test of systems.md that it answers, by the system's letter. A
    ``mandatory`` check that fails fails the run whatever the score. ``requires`` are the checks whose failure
    explains this one's.
    """

    id: str
    part: Part
    weight: int
    stands_for: str
    proves: str
    causes: str
    mandatory: bool = False
    requires: tuple[str, ...] = ()

    def passed(self, subject: str, message: str, **more: Any) -> Result:  # noqa: ANN401  (fields of Result)
        """Say that it holds."""
        return self._result(subject, Outcome.PASS, message, more)

    def failed(self, subject: str, message: str, **more: Any) -> Result:  # noqa: ANN401
        """Say that it does not hold."""
        return self._result(subject, Outcome.FAIL, message, more)

    def untold(self, subject: str, message: str, **more: Any) -> Result:  # noqa: ANN401
        """Say that it could not be told."""
        return self._result(subject, Outcome.UNKNOWN, message, more)

    def judged(self, subject: str, problem: str, well: str, **more: Any) -> Result:  # noqa: ANN401
        """Fail with ``problem`` where there is one (``more`` says why), else pass with ``well``."""
        return self.failed(subject, problem, **more) if problem else self.passed(subject, well)

    def _result(self, subject: str, outcome: Outcome, message: str, more: dict[str, Any]) -> Result:
        given = {"requires": self.requires} | more
        return Result(check=self.id, part=self.part, subject=subject, outcome=outcome, message=message, **given)
