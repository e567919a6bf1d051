"""The keeper of the database's roles: a container beside the server that makes what the mounted passwords say true.

Two roles take turns in signing in (docs/decisions/0009); the kubelet brings a new password into the pod, and the keeper
into the database. Nothing that rotates is in the server's pod template, so that a rotation never restarts the server.
"""

from __future__ import annotations

from typing import Any

from fleet import naming
from fleet.model import DatabaseServerSpec, FleetSpec, Resources
from manifests import pods, secrets
from manifests.plan import Manifest

KEEPER = "roles"
SUPERUSER = "postgres"
"""Who may do all, over the socket alone: the keeper takes the password away that the image wants at the start."""
SOCKETS = "/var/run/postgresql"
_RESOURCES = Resources(cpu_request="10m", memory_request="16Mi", cpu_limit="200m", memory_limit="64Mi")
# Whoever ends here makes the pod unready, and the database with it: so nothing but a signal ends the loop. The official
# image (docker-library/postgres) trusts the socket and 127.0.0.1, so that only the pod's own address tells whether a
# password is the right one; and it listens there only once it has made the database.
KEEP = """\
trap 'exit 0' INT TERM
may_sign_in() {
  PGPASSWORD="$(cat "$PASSWORD_FILE")" psql --no-psqlrc --quiet --host="$POD_IP" --username="$ROLE" \\
    --dbname="$DATABASE" --command='' > /dev/null 2>&1
}
# A statement that fails is written to the server's log: not this one, whose text has the password in it.
set_up() {
  psql --no-psqlrc --quiet --host="$SOCKETS" --username="$SUPERUSER" --dbname=postgres << 'END'
\\set ON_ERROR_STOP on
\\set VERBOSITY terse
\\set owner `echo "$OWNER"`
\\set role `echo "$ROLE"`
\\set database `echo "$DATABASE"`
\\set password `cat "$PASSWORD_FILE"`
SET log_statement = none; SET log_min_error_statement = panic; SET log_min_duration_statement = -1;
SELECT format('CREATE ROLE %I NOLOGIN', :'owner') WHERE to_regrole(:'owner') IS NULL \\gexec
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE to_regrole(:'role') IS NULL \\gexec
ALTER DATABASE :"database" OWNER TO :"owner";
GRANT :"owner" TO :"role";
ALTER ROLE :"role" SET role = :'owner';
ALTER ROLE :"role" PASSWORD :'password';
ALTER ROLE CURRENT_USER PASSWORD NULL;
END
}
while true; do
  if pg_isready --quiet --host="$POD_IP"; then
    for pair in $ROLES; do
      export ROLE="${pair%%=*}" PASSWORD_FILE="${pair#*=}"
      if [ -s "$PASSWORD_FILE" ] && ! may_sign_in; then
        set_up && echo "$ROLE: has the password of its Secret now"
      fi
    done
  fi
  sleep 3 &
  wait $!
done
"""


def keeper(fleet: FleetSpec, server: DatabaseServerSpec) -> dict[str, Any]:
    """Write the container; it shares the server's image and socket, and needs the volumes of both."""
    passwords = secrets.passwords(fleet, naming.DATABASE)
    files = {user: password.path("password") for user, password in passwords.items()}
    variables = {
        "DATABASE": fleet.database.database,
        "OWNER": server.owner,
        "PGCONNECT_TIMEOUT": "5",
        "ROLES": " ".join(f"{user}={file}" for user, file in files.items()),
        "SOCKETS": SOCKETS,
        "SUPERUSER": SUPERUSER,
    }
    return pods.container(
        KEEPER,
        server.image,
        _RESOURCES,
        mounts=[sockets(), *(password.mount for password in passwords.values())],
        command=["/bin/sh", "-c", KEEP],
        env=[
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            *pods.environment(variables),
        ],
    )


def sockets() -> Manifest:
    """Write where server and keeper find the server's socket."""
    return pods.mount("run", SOCKETS, read_only=False)
