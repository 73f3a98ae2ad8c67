#!/usr/bin/env bash
# Builds the container image: kubeflow/build.sh NAME. Needs docker.
# The base image is pinned by its digest in base-image.txt. While that holds a tag alone, the digest is looked up once and written
# there, to be committed; from then on every build starts from the very same base.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

pin=kubeflow/base-image.txt
base=$(<"$pin")
if [[ $base != *@sha256:* ]]; then
  docker pull --quiet "$base" >/dev/null
  digest=$(docker inspect --format '{{index .RepoDigests 0}}' "$base")
  base=$base@${digest##*@}
  echo "$base" >"$pin"
  echo "image: base pinned to $base; commit $pin" >&2
fi
docker build --file kubeflow/Dockerfile --build-arg "BASE=$base" --tag "$1" .
