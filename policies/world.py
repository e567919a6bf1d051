"""How much of the cluster the input is taken to be: only then can something be missing from it.

A *reference* is one object's naming of another, or a selector of pods. It resolves when the input holds an object of
the kind, under the name, in the namespace; an object that gives no namespace is in whichever the other one is in. What
controllers make counts as held: a Certificate's, ExternalSecret's or SealedSecret's Secret, a StatefulSet's claims. A
name that is unknown, another provider's (``auth@file``) or Kubernetes' own (``default``, ``kube-root-ca.crt``, ...) is
never looked for, and ``optional: true`` waives a reference.

``open``
    The input is a part of a cluster. Nothing is missing; only what stands there can contradict itself.

``closed``
    The input is all there is. Every reference that does not resolve is a mandatory finding, classes and issuers too.

``auto``
    The input is complete for what it evidently holds. The *unit* of an object is its file, the file's folder, or a
    folder above up to the input's root (these only with an explicit namespace); a stack is one unit. A folder in which
    two files define one object is a collection of alternatives and no unit. A reference that does not resolve is

    1. passed over when it leads into ``kube-system``, when an operator's object mentions the name or carries the name's
       root (``shop-db`` for ``shop-db-app``), or when a Job is told to make it (``--secret-name=...``);
    2. **mandatory** when it is a slip: the unit holds a name that differs by a letter or two, or, used by nobody, by
       a word such as ``-svc`` or ``-config``; or one of the very name of a kind mixed up with it (ClusterIssuer for
       Issuer), or in another namespace where nobody uses it; for a selector: the nearest pods differ by one such pair;
    3. passed over when it is a class or another object of the whole cluster, or when a HelmRelease, an Application or
       the like brings unseen objects into the namespace (for a selector: also any operator's object there);
    4. **mandatory** when the target is one that the unit brings itself, that is when in the same namespace of the unit
       stand: for a backend or a Middleware, Services and pods (or, for a Middleware or TraefikService, another of its
       kind; in one file, for a backend, another Service; or a workload of the very name); for a scale target or a
       selector, pods; for a serviceName, Services; for a Role, Roles; for a ConfigMap, ServiceAccount, claim,
       ClusterRole or Gateway, one that nobody uses, or two that are used where a single one dangles. And the unit is
       complete otherwise: no more names dangle in it than resolve, or a single one does;
    5. **advisory** (FLT-REF-015) when the unit holds other objects of the kind in that namespace: a backend, ConfigMap,
       Secret, ServiceAccount, claim, subject, ClusterRole or Gateway;
    6. passed over in every other case.

    Whatever is passed over is noted, and the note names ``--world closed``.
"""

from __future__ import annotations

from enum import StrEnum


class World(StrEnum):
    """What is judged as complete; the module says what follows."""

    AUTO = "auto"
    OPEN = "open"
    CLOSED = "closed"
