#!/usr/bin/env bash
# Runs the toxicity task on its generated sample in a container of the image, as the image's unprivileged user, with the root on a volume.
# Builds the image first (kubeflow/build.sh). Prints the verdict, and the size of the image. Ends with 1 where exit code, owner of the files,
# report, manifest or health check are not as they must be (scripts/check_container.py).
# Where neither docker nor podman can run a container, one line says so and the exit code is 0; with CI=true it is 1.
# Example: scripts/test_container.sh, or BASE=registry.example.org/python:3.13 scripts/test_container.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
NAME=test-container
source scripts/test_image.sh

WORK=$(mktemp -d)
trap 'remove_volume; rm -rf "$WORK"' EXIT
build_image

code=0
in_container fairgate run civil-comments --sample --root "$MOUNT/sample" || code=$?
in_container python - "$MOUNT/sample" "$code" <scripts/check_container.py
in_container fairgate verify "$MOUNT/sample"
in_container fairgate doctor
echo "test-container: passed after $SECONDS s"
