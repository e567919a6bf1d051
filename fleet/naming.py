"""Every name, label, host and port of a fleet: the only place that forms them.

Identity never depends on display: a theme, a title or the order in the stack file changes nothing here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

STACK_PLACEHOLDER = "${stack}"
LABEL_LENGTH = 63
"""The longest DNS label and label value, RFC 1123 and the Kubernetes API conventions."""
HOST_LENGTH = 253
BUCKET_LENGTH = 63
"""The longest name of an R2 bucket (Cloudflare, R2 limits), as of any S3 bucket."""

FLEET = "flotilla.dev/fleet"
PURPOSE = "flotilla.dev/purpose"
COMPARTMENT = "flotilla.dev/compartment"
GENERATION = "flotilla.dev/generation"
KEYS = "flotilla.dev/keys"
SOURCES = "flotilla.dev/sources"
"""Of a Secret: the secret that each of its keys holds, in the order of KEYS; one source has one value everywhere."""
HOSTS = "flotilla.dev/hosts"
"""Of a TLS Secret: the hosts its certificate must cover; the sandbox makes one for them."""

HTTP_PORT = "http"
"""The name of the one port a pod serves: Services, probes and monitors say this and never a number."""
SERVICE_PORT = 80
DATABASE_PORT = 5432

CHECKOUT = "checkout"
STOREFRONT = "storefront"
DATABASE = "database"
MIGRATE = "checkout-migrate"
RECONCILE = "checkout-reconcile"
BACKUP = "database-backup"
RESTORE = "database-restore"
STRIPE_SECRET = "stripe"  # noqa: S105  (a Secret's name)
CHECKOUT_DATABASE_SECRET = "checkout-database"  # noqa: S105  (a Secret's name)
ROLES = ("a", "b")
"""What tells the two roles apart that take turns in signing in to the database."""
BACKUP_SECRET = "database-backup-bucket"  # noqa: S105  (a Secret's name)
REGISTRY_SECRET = "registry"  # noqa: S105  (a Secret's name)
VERIFY_SECRET = "verify"  # noqa: S105  (a Secret's name)
SECURITY_HEADERS = "security-headers"
REDIRECT_HTTPS = "redirect-https"
DATABASE_VOLUME = "database-data"
BACKUP_VOLUME = "database-backups"
CHECKOUT_CORS = "checkout-cors"
CHECKOUT_RATE_LIMIT = "checkout-rate-limit"

Labels = dict[str, str]


class Track(StrEnum):
    """Which of the two releases a pod belongs to."""

    STABLE = "stable"
    CANARY = "canary"


def stack_label(stack: str) -> str:
    """Give ``stack`` as part of a DNS label: lower case, with a short hash where characters had to go.

    The hash keeps ``pr_1`` and ``pr-1`` apart: two stacks may never share a host or an object.
    """
    clean = re.sub(r"[^a-z0-9-]+", "-", stack.lower()).strip("-")
    return clean if clean == stack else f"{clean}-{digest(stack)}".strip("-")


def fill_stack(template: str, stack: str) -> str:
    """Put the stack's name where ``${stack}`` stands in a namespace or a domain."""
    return template.replace(STACK_PLACEHOLDER, stack_label(stack))


def digest(value: Any) -> str:  # noqa: ANN401  (anything JSON can say)
    """Give 8 hex digits that change with ``value``, and only with it; key order does not count."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


RESERVED_SUFFIXES = ("-canary", "-redirect")
"""What a workload's further objects are called; no variant's name may end so."""


def redirect(workload: str) -> str:
    """Give the name of the route that sends a workload's visitors from HTTP to HTTPS."""
    return f"{workload}-redirect"


def tls_secret(workload: str) -> str:
    """Give the name of the Secret that cert-manager keeps a workload's certificate in."""
    return f"{workload}-tls"


def edge_database(namespace: str) -> str:
    """Give the name of a fleet's D1 database: the namespace is in it, so that review stacks share nothing."""
    return f"{namespace}-catalogue"


def edge_bucket(namespace: str) -> str:
    """Give the name of a fleet's R2 bucket."""
    return f"{namespace}-artifacts"


def storefront(variant: str) -> str:
    """Give the name of a variant's Deployment and Service."""
    return f"{STOREFRONT}-{variant}"


def released(workload: str, track: Track) -> str:
    """Give the name of one release of a workload: the stable one has the workload's own name, for ever."""
    return workload if track is Track.STABLE else f"{workload}-{track.value}"


def release_cookie(workload: str) -> str:
    """Give the name of the cookie that keeps a visitor with one release of a workload."""
    return f"{workload}-release"


def host(label: str, domain: str) -> str:
    """Give the hostname that ``label`` has in a fleet's domain."""
    return f"{label}.{domain}"


def url(hostname: str) -> str:
    """Give the public address of a host; also its CORS origin, which has no path."""
    return f"https://{hostname}"


def service_host(service: str, namespace: str) -> str:
    """Give the in-cluster name of a Service."""
    return f"{service}.{namespace}.svc"


def selector(name: str, instance: str, track: Track) -> Labels:
    """Give what selects the pods of one release. Never the version: selectors can't change (DESIGN, Names)."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": instance, "track": track.value}


def labels(*, name: str, instance: str, component: str, fleet: str, part_of: str, version: str | None = None) -> Labels:
    """Give the recommended labels (kubernetes.io, Recommended Labels), the fleet's own and, for code, its version."""
    recommended = {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": instance,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": part_of,
        "app.kubernetes.io/managed-by": "flotilla",
        FLEET: fleet,
    }
    return recommended if version is None else recommended | {"app.kubernetes.io/version": version, "version": version}


def config_map(workload: str, data: Mapping[str, str]) -> str:
    """Give the name of an immutable ConfigMap: new content is a new object, so that a change rolls the pods."""
    return f"{workload}-config-{digest(dict(data))}"
