module flotilla.dev/sandbox/tools/pause

go 1.26.0
