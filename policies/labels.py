"""The one label match: every ``matchLabels`` key equal and every ``matchExpressions`` entry true.

The API's own semantics: kubernetes.io/docs/concepts/overview/working-with-objects/labels, "Label selectors".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.values import UNKNOWN, Unknown, each, mapping

Answer = bool | Unknown
"""Whether labels match; UNKNOWN when that hangs on a value that nobody knows yet."""


def selects(selector: Any, labels: Any) -> Answer:  # noqa: ANN401  (either may be unknown)
    """Say whether a LabelSelector (``matchLabels``, ``matchExpressions``) selects ``labels``; an empty one does."""
    if isinstance(selector, Unknown) or isinstance(labels, Unknown):
        return UNKNOWN
    known = labels if isinstance(labels, dict) else {}
    answers = [_equals(known, mapping(selector, "matchLabels"))]
    answers += [_holds(known, expression) for _, expression in each(selector, "matchExpressions")]
    return all_of(answers)


def service_selects(selector: Any, labels: Any) -> Answer:  # noqa: ANN401
    """Say whether a Service's map selector selects ``labels``; an absent or empty one selects nothing."""
    if isinstance(selector, Unknown) or isinstance(labels, Unknown):
        return UNKNOWN
    if not isinstance(selector, dict) or not selector:
        return False
    return _equals(labels if isinstance(labels, dict) else {}, selector)


def all_of(answers: list[Answer]) -> Answer:
    """Say whether all hold: one that does not decides, however many are unknown."""
    if any(answer is False for answer in answers):
        return False
    return UNKNOWN if UNKNOWN in answers else True


def _equals(labels: Mapping[str, Any], wanted: Mapping[str, Any]) -> Answer:
    return all_of([_same(labels.get(key), value) for key, value in wanted.items()])


def _same(label: Any, value: Any) -> Answer:  # noqa: ANN401
    return UNKNOWN if label is UNKNOWN or value is UNKNOWN else bool(label == value)


def _holds(labels: Mapping[str, Any], expression: Mapping[str, Any]) -> Answer:
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values")
    if UNKNOWN in (key, operator):
        return UNKNOWN
    if not isinstance(key, str) or not isinstance(operator, str):
        return False
    if operator in {"Exists", "DoesNotExist"}:
        return (key in labels) is (operator == "Exists")
    if operator == "NotIn" and key not in labels:
        return True
    inside = _any_same(labels.get(key), values) if key in labels else False
    if operator == "In" or isinstance(inside, Unknown):
        return inside
    return not inside if operator == "NotIn" else False


def _any_same(label: Any, values: Any) -> Answer:  # noqa: ANN401
    if isinstance(values, Unknown):
        return UNKNOWN
    answers = [_same(label, value) for value in values] if isinstance(values, list) else []
    if any(answer is True for answer in answers):
        return True
    return UNKNOWN if UNKNOWN in answers else False
