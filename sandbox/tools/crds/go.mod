// Read for the files its modules carry, never built: `go mod tidy` would empty it. Each module's hash is in go.sum.
module flotilla.dev/sandbox/tools/crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
	github.com/traefik/traefik/v3 v3.6.12
)
