module flotilla.dev/sandbox/tools/registry

go 1.26.0
