// Command registry serves images from a folder, read-only, over plain HTTP: what a container runtime needs of the OCI
// distribution specification to pull. Blobs lie in BLOBS/sha256/HEX; NAMES/HOST/REPOSITORY/TAG holds a digest.
//
// The host is what a runtime that asks a mirror says in ?ns= (containerd, docs/hosts.md).
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	address = flag.String("address", "127.0.0.1:5000", "where to listen")
	blobs   = flag.String("blobs", "", "folder of blobs")
	names   = flag.String("names", "", "folder of names")

	route  = regexp.MustCompile(`^/v2/([a-z0-9._/-]+)/(manifests|blobs)/([A-Za-z0-9._:-]+)$`)
	host   = regexp.MustCompile(`^[A-Za-z0-9.:-]+$`)
	digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

func main() {
	flag.Parse()
	http.HandleFunc("/v2/", serve)
	log.Fatal(http.ListenAndServe(*address, nil))
}

func serve(writer http.ResponseWriter, request *http.Request) {
	if request.URL.Path == "/v2/" {
		return
	}
	found := route.FindStringSubmatch(request.URL.Path)
	if found == nil || strings.Contains(found[1], "..") {
		http.NotFound(writer, request)
		return
	}
	named := found[3]
	if found[2] == "manifests" && !digest.MatchString(named) {
		named = lookUp(request.URL.Query().Get("ns"), found[1], named)
	}
	if !digest.MatchString(named) {
		http.NotFound(writer, request)
		return
	}
	file := filepath.Join(*blobs, "sha256", strings.TrimPrefix(named, "sha256:"))
	writer.Header().Set("Docker-Content-Digest", named)
	writer.Header().Set("Content-Type", "application/octet-stream")
	if found[2] == "manifests" {
		writer.Header().Set("Content-Type", mediaType(file))
	}
	http.ServeFile(writer, request, file)
}

// lookUp gives the digest a tag stands for now, empty when there is none.
func lookUp(ns, repository, tag string) string {
	if !host.MatchString(ns) || strings.HasPrefix(ns, ".") || strings.HasPrefix(tag, ".") {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(*names, ns, filepath.FromSlash(repository), tag))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// mediaType gives what a manifest says it is.
func mediaType(file string) string {
	var manifest struct {
		MediaType string `json:"mediaType"`
	}
	if text, err := os.ReadFile(file); err == nil {
		_ = json.Unmarshal(text, &manifest)
	}
	return manifest.MediaType
}
