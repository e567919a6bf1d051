"""The words of which names of credentials are made, and those that make a name mean something else."""

from __future__ import annotations

from typing import Final


def words(text: str) -> frozenset[str]:
    """Give the words of ``text`` as a set."""
    return frozenset(text.split())


PASSWORDS: Final = words(
    "password passwd passphrase passcode requirepass masterauth bindpw rootpw passwort pgpass dbpass"
)
SHORT_PASSWORDS: Final = words("pass pwd pw psw pswd")
"""Passwords unless a word before says otherwise; PWD alone, as a shell writes it, is the working directory."""
NO_PASSWORDS: Final = words("proxy fastcgi uwsgi scgi grpc memcached by first second old through multi ssl")
NEUTRAL: Final = words(
    "value base base64 b64 prod production staging stage stg dev test qa live new current previous primary "
    "secondary default plain plaintext raw text string data pem main backup initial override a b v txt literal "
    "content prd uat demo local"
)
"""Last words that say nothing about the kind: PASSWORD_PROD is a password, SECRET_KEY_BASE a key."""
OTHER: Final = words(
    "name names file files path paths dir dirs ttl url urls uri uris endpoint endpoints host hosts port type types "
    "mode modes method methods length len min max size count limit limits enabled disabled enable disable required "
    "expiry expiration expires expire expired timeout lifetime age duration seconds minutes hours days ms interval "
    "rotation policy policies algorithm algorithms alg algo issuer issuers audience audiences scope scopes header "
    "headers prefix suffix format encoding ref refs reference references field fields param params parameter "
    "parameters query cookie cookies id ids version provider providers source store backend manager engine arn "
    "region namespace label labels pattern regex regexp rule rules strength complexity charset hash hashes hashing "
    "rounds cost salt iterations attempts retries retry reset change prompt hint help message description title "
    "template templates button link page username user users owner group groups email role roles class cache usage "
    "budget per rate window bucket bytes chars symbols history config configmap configs settings options env var "
    "variable command cmd script helper generator validator service server client leeway grace period cron schedule "
    "location mount volume keyring alias fingerprint checksum digest sha md5 status state check verify verification "
    "validation validate verifier auth created updated at by on uid object objects binding bindings generation "
    "revision rev exists review reviews request requests response factor factors truststore keystore expressions "
    "image images proxy module plugin enc encrypted sealed placeholder placement encoder entropy denylist blacklist "
    "whitelist allowlist login authentication authenticator flow through dictionary recovery safe vault grant "
    "strategy protected hasher hashers hints encryption storage lookup style color index pool domain domains ip ips "
    "key keys"
)
"""Words after which a name means something about the credential, and not the credential itself."""
SWITCHES: Final = words(
    "use enable enabled disable require required allow has have is skip generate no without validate verify check "
    "show hide forgot change update rotate min max num number total count expire can should with random onetime ask"
)
SWITCHES_INSIDE: Final = words("allow random onetime enable disable require generate skip")
PUBLISHED: Final = words("vite nuxt expo gatsby publishable public pub anon site")
OBJECTS: Final = words(
    "tls ssl cert certs certificate ca pull image registry docker existing ingress k8s kube kubernetes mount volume "
    "target source issuer vault credentials gcp azure"
)
"""Words before ``secret`` with which it is the name of a Secret."""
SIGNING: Final = words(
    "jwt session cookie client app application hmac signing signature nextauth api shared csrf encryption master "
    "consumer refresh access flask django auth oauth stripe github gitlab slack root admin"
)
"""Words before ``secret`` with which it is the secret itself, however it is written."""
NO_CREDENTIALS: Final = words(
    "truststore trust empty checksum hash sha digest hashed encrypted sealed md5 sum version generation revision"
)
VOCABULARY: Final = words(
    "pad eos bos unk sep cls mask stop start end special next continuation page num max min sync cancel "
    "cancellation lexer first last prev sub cont pagination invalid"
)
"""Words before ``token`` with which it is a piece of text."""
KEYS: Final = words(
    "api access secret private encryption encrypt encrypting signing signature sign master auth storage ssh deploy "
    "stripe hmac jwt session aes crypto cipher decryption shared fernet webhook admin root security nonce paypal "
    "sendgrid openai anthropic mailgun gemini groq mistral twilio datadog dd newrelic account django flask rails "
    "cookie hashing logged gossip"
)
KEYS_PERHAPS: Final = words(
    "service license licence consumer integration routing validation app application machine maps google azure aws "
    "batch cosmos eventhub servicebus iothub "
    "minio write read ingestion ingest events subscription registration agent server tls client"
)
NO_KEYS: Final = words("token password passwd secrets")
"""PASSWORD_KEY is the key of a Secret under which the password stands."""
NOTHING: Final = words(
    "true false yes no on off none null nil undefined enabled disabled required optional auto automatic generated "
    "generate random prompt unset ignored ask empty -"
)
MODES: Final = words(
    "basic bearer digest oauth oauth2 oidc saml ldap kerberos jwt apikey api-key api_key header cookie query "
    "default env environment file vault kubernetes k8s serviceaccount service-account iam managed internal external "
    "local trust md5 plain login cram-md5 ntlm session redis memory database mtls webhook string integer int "
    "boolean object text opaque include omit same-origin x-api-key authorization rs256 hs256 es256 sha256 bcrypt "
    "argon2 scrypt pbkdf2 allowed denied always never strict lax"
)
WEAK: Final = words(
    "password passwd pass pwd secret token user username changeme postgres root admin mypassword pw credentials key"
)
"""Values: nothing at all, what a setting is set to, and what stands for a credential in documentation."""
LABELS: Final = words(
    "passwort kennwort contraseña senha wachtwoord hasło пароль 密码 パスワード lösenord adgangskode heslo jelszó"
)
"""The word for a password in files of translations."""
