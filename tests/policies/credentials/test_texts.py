"""A file is read in its own form, and what is only written about a password is none."""

from __future__ import annotations

import pytest

from policies.credentials.texts import in_file

BAD = {
    "application.properties": "spring.datasource.url=jdbc:postgresql://db/x\nspring.datasource.password=hunter2\n",
    "app.env": "export DB_PASSWORD='hunter2'\nPORT=3000\n",
    "config.yaml": "db:\n  user: app\n  password: hunter2\n",
    "two.yaml": "a: 1\n---\npassword: hunter2\n",
    "template.yaml": "{{- if .x }}\npassword: hunter2\n{{- end }}\n",
    "config.json": '{"db": {"password": "hunter2"}}',
    "app.ini": "[db]\nuser = app\npassword = hunter2 ; the password\n",
    "config.toml": '[db]\npassword = "hunter2"\n',
    "my.cnf": "[client]\nuser=root\npassword=hunter2\n",
    "redis.conf": "port 6379\nrequirepass hunter2\n",
    "ldap.conf": "binddn cn=app\nbindpw hunter2\n",
    "odbc.ini": "[db]\nUID=sa\nPWD=hunter2\n",
    "settings.xml": "<server>\n<password>hunter2</password>\n</server>",
    "tomcat-users.xml": '<user username="app" password="hunter2" roles="x"/>',
    "beans.xml": '<property name="password" value="hunter2"/>',
    "wp-config.php": "<?php\ndefine('DB_PASSWORD', 'hunter2');\n",
    "init.sql": "CREATE USER app WITH PASSWORD 'hunter2';\n",
    "grants.sql": "CREATE USER 'app'@'%' IDENTIFIED BY 'hunter2';\n",
    "run.sh": "#!/bin/sh\nexport PGPASSWORD=hunter2\npsql -h db\n",
    "setup.sh": "mysql -uroot -phunter2 -e 'select 1'\n",
    "nginx.conf": 'location / {\n proxy_set_header Authorization "Basic YXBwOmh1bnRlcjI=";\n}\n',
    "app.js": "const apiKey = 'a1b2c3d4e5f6g7h8';\n",
    "settings.py": "DATABASES = {\n 'default': {\n  'PASSWORD': 'hunter2',\n }\n}\n",
    ".npmrc": "//npm.shop.example/:_authToken=a1b2c3d4-e5f6-7890-abcd-ef1234567890\n",
    ".pgpass": "db:5432:app:app:hunter2\n",
    ".netrc": "machine api login app password hunter2\n",
    "userlist.txt": '"app" "hunter2"\n',
    ".dockerconfigjson": '{"auths": {"r.example": {"auth": "YXBwOmh1bnRlcjI="}}}',
    "prometheus.yml": "scrape_configs:\n- basic_auth:\n    username: app\n    password: hunter2\n",
    "kubeconfig": "users:\n- name: app\n  user:\n    token: a1b2c3d4e5f6a1b2\n",
    "pod.yaml": "spec:\n  containers:\n  - env:\n    - name: DB_PASSWORD\n      value: hunter2\n",
    "appsettings.json": '{"ConnectionStrings": {"Default": "Server=db;User Id=sa;Password=hunter2;"}}',
    "logstash.conf": 'output { elasticsearch { user => "app" password => "hunter2" } }\n',
    "old.conf": "#DATABASE_URL=postgres://app:x7Kp2mQ9@db/app\n",
}
GOOD = {
    "application.properties": "spring.datasource.password=${DB_PASSWORD}\nserver.port=8080\n",
    "reference.yaml": "password:\n  secretKeyRef:\n    name: x\n    key: password\nexistingSecret: db\n"
    "tlsSecret: shop-tls\n",
    "external.yaml": "remoteRef:\n  key: prod/db/password\nsecretKey: password\n",
    "en.json": '{"password": "Password", "login.password": "Your password", "token": "Token", "apiKey": "API key"}',
    "de.json": '{"password": "Passwort", "forgot": "Passwort vergessen?"}',
    "app.js": "const token = req.headers['authorization'];\nconst password = process.env.DB_PASSWORD;\n"
    "const TOKEN_KEY = 'auth_token';\nfetch(url, {credentials: 'include'});\n",
    "worker.js": "const headers = {Authorization: `Bearer ${env.STRIPE_SECRET_KEY}`};\n",
    "settings.py": "SECRET_KEY = os.environ['SECRET_KEY']\nPASSWORD_HASHERS = ['x']\n",
    "login.py": "def login(password: str, token: str = None):\n    password = getpass('Password: ')\n",
    "main.go": 'token := os.Getenv("TOKEN")\nerr := errors.New("invalid token")\n',
    "page.html": '<input type="password" name="password" placeholder="Password">\n',
    "nginx.conf": "proxy_pass http://backend;\nssl_certificate_key /etc/tls/tls.key;\n"
    'proxy_set_header Authorization $http_authorization;\nauth_basic "Restricted";\n',
    "run.sh": '#!/bin/sh\nexport PGPASSWORD="$(cat /run/secrets/pw)"\nPASSWORD=$1\necho "TOKEN is missing"\n',
    "prometheus.yml": "bearer_token_file: /var/run/secrets/token\nauthorization:\n  credentials_file: /x\n",
    "init.sql": "CREATE TABLE users (id int, password varchar(255));\nALTER USER app WITH PASSWORD :'pw';\n",
    "redis.conf": "# requirepass foobared\nport 6379\n",
    "grafana.ini": "[security]\n;admin_password = admin\nadmin_password = $__file{/etc/secrets/pw}\n",
    "openapi.yaml": "properties:\n  password:\n    type: string\n    format: password\n",
    "metrics.yaml": "labelsFromPath:\n  secret: [status, secret]\n",
    "app.env": "DB_PASSWORD=\nTOKEN_TTL=3600\nAUTH_ENABLED=true\nPASSWORD_MIN_LENGTH=8\n",
    "README.md": "Set `DB_PASSWORD=<your password>`, or postgres://user:password@host/db.\n",
    "htpasswd": "admin:$apr1$abc$def\n",
    "tls.crt": "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END CERTIFICATE-----",
    "id.pub": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ user@host",
    "realm.json": '{"accessTokenLifespan": 300, "passwordPolicy": "length(8)", "clients": [{"secret": "**********"}]}',
}


@pytest.mark.parametrize("name", BAD)
def test_a_credential_is_found_once_whatever_the_form(name: str) -> None:
    assert len(in_file(name, BAD[name])) == 1


@pytest.mark.parametrize("name", GOOD)
def test_a_file_without_credentials_is_fine(name: str) -> None:
    assert in_file(name, GOOD[name]) == ()


def test_every_credential_of_a_file_is_found_also_those_that_are_alike() -> None:
    text = "DB_PASSWORD=postgres\nADMIN_PASSWORD=postgres2\nCACHE_PASSWORD=postgres\n"
    assert [one.name for one in in_file("app.env", text)] == ["DB_PASSWORD", "ADMIN_PASSWORD", "CACHE_PASSWORD"]


@pytest.mark.parametrize(
    "text", ["a" * 50_000, "key: a\n" * 5_000, "password=" * 5_000, "http://" * 5_000, "x" * 50_000 + "!", "A-" * 9_999]
)
@pytest.mark.parametrize("name", ["x", "x.conf", "x.js", "x.yaml"])
def test_a_long_text_is_read_to_its_end(name: str, text: str) -> None:
    assert in_file(name, f"{text}\n") is not None
