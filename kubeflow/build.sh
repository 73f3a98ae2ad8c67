#!/usr/bin/env bash
# Builds the container image: kubeflow/build.sh NAME [BASE]. Needs docker (23 or newer) or podman (4 or newer).
# BASE is any Debian-like image with Python 3.10 to 3.13, its venv and glibc 2.38 (with Python 3.10 an older one); kubeflow/debian-base.sh makes one.
# Without it, the base is that of base-image.txt, pinned by its digest. While that file holds a tag alone, the digest is looked up once and
# written there, to be committed; from then on every build starts from the very same base.
# In: proxies, package indexes and certificates as pip, uv and OpenSSL name them. None of them is written into the image.
# Example: kubeflow/build.sh registry.example.org/fairgate:1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source kubeflow/engine.sh

INDEXES="PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_DEFAULT_TIMEOUT
  UV_DEFAULT_INDEX UV_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_INSECURE_HOST UV_HTTP_TIMEOUT"
CERTIFICATES=${SSL_CERT_FILE:-${PIP_CERT:-${REQUESTS_CA_BUNDLE:-}}}
SECRET=/run/secrets/certificates # where the builder shows them

# pinned_base: the image of base-image.txt, with its digest.
pinned_base() {
  local pin=kubeflow/base-image.txt base digest
  base=$(<"$pin")
  if [[ $base != *@sha256:* ]]; then
    if ! "$ENGINE" pull --quiet "$base" >/dev/null; then
      echo "image: $base cannot be pulled; name another base (make image BASE=…), or make one: kubeflow/debian-base.sh NAME" >&2
      return 1
    fi
    digest=$("$ENGINE" inspect --format '{{index .RepoDigests 0}}' "$base")
    base=$base@${digest##*@}
    echo "$base" >"$pin"
    echo "image: base pinned to $base; commit $pin" >&2
  fi
  echo "$base"
}

# write_indexes FILE: this machine's indexes as lines that a shell can read.
write_indexes() {
  local name
  for name in $INDEXES; do
    if [ -n "${!name:-}" ]; then printf 'export %s=%q\n' "$name" "${!name}"; fi
  done >"$1"
  if [ -n "$CERTIFICATES" ]; then
    for name in SSL_CERT_FILE PIP_CERT REQUESTS_CA_BUNDLE; do echo "export $name=$SECRET"; done >>"$1"
  fi
}

find_engine
base=${2:-$(pinned_base)}
secrets=$(mktemp -d)
trap 'rm -rf "$secrets"' EXIT
write_indexes "$secrets/indexes"
options=(--file kubeflow/Dockerfile --build-arg "BASE=$base" --tag "$1" --secret "id=indexes,src=$secrets/indexes")
if [ -n "$CERTIFICATES" ]; then options+=(--secret "id=certificates,src=$CERTIFICATES"); fi
for name in http_proxy https_proxy no_proxy; do
  if [ -n "${!name:-}" ]; then options+=(--build-arg "$name=${!name}"); fi
done
if is_podman; then
  # Podman 4 does not look for this file by itself; its own format knows no health check; a layer for each line would be packed and
  # unpacked on the disk, and none serves a later build, because the code comes before the packages.
  options+=(--ignorefile kubeflow/Dockerfile.dockerignore --format docker --layers=false)
  find_settings "$base"
fi
"$ENGINE" build "${options[@]}" .
