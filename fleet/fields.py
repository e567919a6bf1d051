"""The kinds of value a stack file may hold, each with its rule and its remedy in the words a user will read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from fleet import images, naming, rollout

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LABEL_TEXT = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_TEMPLATE_LABEL = r"(?:[a-z0-9-]|\$\{stack\})+"


class Section(BaseModel):
    """A part of a stack file: camelCase keys, unknown keys refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, use_attribute_docstrings=True)


def mistake(code: str, rule: str, remedy: str) -> PydanticCustomError:
    """Make the error that a validator raises: ``rule`` completes "the value ...", ``remedy`` says what to write."""
    return PydanticCustomError(code, "{rule}; {remedy}", {"rule": rule, "remedy": remedy})


class OneOf(Section):
    """A choice: exactly one of its keys is given."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        keys = [field.alias or name for name, field in type(self).model_fields.items()]
        if len(self.model_fields_set) != 1:
            raise mistake("one-of", f"must hold exactly one of {', '.join(keys)}", "keep the one you mean")
        return self


def _must(code: str, holds: Callable[[str], object], rule: str, remedy: str) -> AfterValidator:
    def check(value: str) -> str:
        if not holds(value):
            raise mistake(code, rule, remedy)
        return value

    return AfterValidator(check)


def _pattern(code: str, pattern: str, rule: str, remedy: str) -> tuple[AfterValidator, WithJsonSchema]:
    anchored = re.compile(pattern)
    schema = WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern})$"})
    return _must(code, anchored.fullmatch, rule, remedy), schema


def _is_host(value: str) -> bool:
    return len(value) <= naming.HOST_LENGTH and re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})+", value) is not None


_name = _pattern(
    "name",
    r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?",
    "is not a name: RFC 1035 label of at most 40 characters",
    "use lower-case letters, digits and '-', and begin with a letter",
)
_object_name = _pattern(
    "object-name",
    rf"{_LABEL}(?:\.{_LABEL})*",
    "is not the name of a Kubernetes object (RFC 1123 subdomain)",
    "use lower-case letters, digits, '-' and '.'",
)
_label_template = _pattern(
    "namespace",
    _TEMPLATE_LABEL,
    "is not a namespace: RFC 1123 label, in which ${stack} may stand",
    "use lower-case letters, digits and '-'",
)
_domain_template = _pattern(
    "domain",
    rf"{_TEMPLATE_LABEL}(?:\.{_TEMPLATE_LABEL})+",
    "is not a domain (RFC 1123), in which ${stack} may stand",
    "write it like shops.example.com",
)
_quantity = _pattern(
    "quantity",
    r"[0-9]+(?:\.[0-9]+)?(?:m|k|M|G|T|Ki|Mi|Gi|Ti)?",
    "is not a Kubernetes quantity",
    "write it like 250m, 1 or 512Mi",
)
_cron = _pattern(
    "schedule",
    r"[-0-9*/,A-Za-z]+(?: [-0-9*/,A-Za-z]+){4}",
    "is not a cron schedule of five fields",
    "write it like '*/5 * * * *'",
)
_duration = _pattern("duration", r"[1-9][0-9]*(?:ms|s|m|h)", "is not a duration", "write it like 15s or 5m")
_prefix = _pattern(
    "registry",
    rf"(?:localhost|{_LABEL}(?:\.{_LABEL})+|{_LABEL}(?=:[0-9]))(?::[0-9]+)?(?:/[a-z0-9]+(?:(?:\.|_{{1,2}}|-+)[a-z0-9]+)*)*",
    "is not an image registry: a host with a '.' or a port, then perhaps a path",
    "write it like registry.example.com/shops",
)
_label_key = _pattern(
    "label-key",
    rf"(?:{_LABEL}(?:\.{_LABEL})*/)?{_LABEL_TEXT}",
    "is not the key of a Kubernetes label",
    "write it like release or example.com/team",
)
_label_value = _pattern(
    "label-value",
    rf"(?:{_LABEL_TEXT})?",
    "is not the value of a Kubernetes label",
    "use at most 63 letters, digits, '-', '_' and '.', the first and last of them a letter or digit",
)
_variable = _pattern(
    "variable", r"[A-Za-z_][A-Za-z0-9_]*", "is not the name of an environment variable", "use letters, digits and '_'"
)

_sku = _pattern(
    "sku",
    r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?",
    "is not a SKU: at most 40 lower-case letters, digits and '-'",
    "write it like field-38",
)
_address = _pattern(
    "address",
    rf"https?://{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,4}})?",
    "is not the address of a service: http:// or https://, a host, perhaps a port, and no path",
    "write it like https://api.example.com or http://stripe-double:12111",
)
_currency = _pattern("currency", r"[A-Z]{3}", "is not an ISO 4217 currency code", "write it like EUR")

Name = Annotated[str, *_name]
Sku = Annotated[str, *_sku]
Currency = Annotated[str, *_currency]
Address = Annotated[str, *_address]
ObjectName = Annotated[str, *_object_name]
NamespaceTemplate = Annotated[str, *_label_template]
DomainTemplate = Annotated[str, *_domain_template]
Quantity = Annotated[str, *_quantity]
Cron = Annotated[str, *_cron]
Duration = Annotated[str, *_duration]
RegistryPrefix = Annotated[str, *_prefix]
LabelKey = Annotated[str, *_label_key]
LabelValue = Annotated[str, *_label_value]
Variable = Annotated[str, *_variable]
Host = Annotated[
    str,
    _must(
        "hostname",
        _is_host,
        "is not a hostname (RFC 1123)",
        "use labels of lower-case letters, digits and '-' with '.' between, like brutal.example.com",
    ),
    WithJsonSchema({"type": "string", "format": "hostname"}),
]
ImageReference = Annotated[
    str,
    _must(
        "image",
        images.is_reference,
        "is not an image reference with a tag or a digest",
        "write it like checkout:1.4.2 or checkout@sha256:...",
    ),
]
PlanName = Annotated[
    str,
    _must(
        "plan",
        rollout.PLANS.__contains__,
        "is not a known plan",
        f"choose one of {', '.join(sorted(rollout.PLANS))}",
    ),
    WithJsonSchema({"type": "string", "enum": sorted(rollout.PLANS)}),
]
Port = Annotated[int, Field(ge=1024, le=65535, strict=True)]
"""Above 1023: pods run as non-root without capabilities, and could not bind a lower one."""
Count = Annotated[int, Field(ge=1, le=1000, strict=True)]
Generation = Annotated[int, Field(ge=1, strict=True)]
