// Read for the files its module carries, never built. Its hash is in go.sum.
module flotilla.dev/tests/policies/schemas

go 1.26.0

require sigs.k8s.io/gateway-api v1.6.3
