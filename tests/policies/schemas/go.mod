// Read for the files these modules carry, never built. Their hashes are in go.sum. Traefik's definitions are those of its
// newest release, which only add fields: a rule must not call a field unknown because the sandbox's Traefik is older.
module flotilla.dev/tests/policies/schemas

go 1.26.0

require (
	github.com/traefik/traefik/v3 v3.7.11
	sigs.k8s.io/gateway-api v1.6.3
)
