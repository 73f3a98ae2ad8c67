# What test_container.sh and test_kfp_local.sh share: the image that they test, and a volume. Functions only.
# In: NAME (of the script, for messages), BASE (a base image; by default that of base-image.txt, or Debian's packages where it cannot be pulled),
# FAIRGATE_PYTHON (see kubeflow/debian-base.sh), CI. Out: ENGINE, IMAGE, VOLUME, which is removed at the end.
source kubeflow/engine.sh

# The version of Python is in the names, so that images of both stacks can stand side by side.
STACK=${FAIRGATE_PYTHON:+-$("$FAIRGATE_PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')}
IMAGE=localhost/fairgate:test${STACK:-}
DEBIAN=localhost/fairgate-base:test${STACK:-}
VOLUME=fairgate-test-$$
MOUNT=/mnt/fairgate
NEEDED_GB=12    # while it is built; the image takes 3
MADE=.tools/image${STACK:-} # of what the image was built, and its id

# unavailable REASON: no failure on the machine of a developer; where CI is set it is one.
unavailable() {
  if [ "${CI:-}" = true ]; then
    echo "$NAME: failed, because CI runs containers: $1" >&2
    exit 1
  fi
  echo "$NAME: not run: $1"
  exit 0
}

# find_base: sets BASE, and makes it where it cannot be pulled.
find_base() {
  local published
  published=$(<kubeflow/base-image.txt)
  if [ -n "${BASE:-}" ]; then return; fi
  if [ -z "$STACK" ] && "$ENGINE" pull --quiet "$published" >/dev/null 2>&1; then
    BASE=$published
    return
  fi
  BASE=$DEBIAN
  if ! "$ENGINE" image inspect "$BASE" >/dev/null 2>&1; then
    if [ -z "$STACK" ]; then echo "$NAME: $published cannot be pulled; making a base of Debian's packages"; fi
    kubeflow/debian-base.sh "$BASE" ${FAIRGATE_PYTHON:+"$FAIRGATE_PYTHON"} || unavailable "there is no base image; name one with BASE="
  fi
}

# image_id NAME: nothing where there is none.
image_id() {
  "$ENGINE" image inspect --format '{{.Id}}' "$1" 2>/dev/null || true
}

# sources_digest: of every file that the image is made of, and of its base.
sources_digest() {
  local copied
  copied=$(sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' kubeflow/Dockerfile | tr ' ' '\n')
  # shellcheck disable=SC2086  # names, a word each
  { git ls-files -z --cached --others --exclude-standard --deduplicate -- $copied kubeflow/Dockerfile | xargs -0 sha256sum && image_id "$BASE"; } | sha256sum
}

# build_image: quick when nothing has changed.
build_image() {
  local free answer digest former
  answer=$(find_engine 2>&1) || unavailable "$answer"
  find_engine
  free=$(df --output=avail -BG "$(storage_folder)" | tail -n 1 | tr -dc 0-9)
  "$ENGINE" image inspect "$IMAGE" >/dev/null 2>&1 || [ "$free" -ge "$NEEDED_GB" ] \
    || unavailable "building the image needs $NEEDED_GB GB, $free GB are free"
  find_base
  find_settings "$BASE" 2>"$WORK/settings" || unavailable "$(<"$WORK/settings")"
  digest=$(sources_digest)
  if [ "$(cat "$MADE" 2>/dev/null)" != "$digest $(image_id "$IMAGE")" ]; then
    former=$(image_id "$IMAGE")
    build
    # 3 GB without a name; an engine that still uses it refuses.
    if [ -n "$former" ] && [ "$former" != "$(image_id "$IMAGE")" ]; then "$ENGINE" image rm "$former" >/dev/null 2>&1 || true; fi
    mkdir -p "$(dirname "$MADE")"
    echo "$digest $(image_id "$IMAGE")" >"$MADE"
  fi
  echo "$NAME: $IMAGE: $(($("$ENGINE" image inspect --format '{{.Size}}' "$IMAGE") / 1000000)) MB with its base, after $SECONDS s"
  "$ENGINE" volume create "$VOLUME" >/dev/null
}

build() {
  echo "$NAME: building $IMAGE on $BASE with $("$ENGINE" --version)"
  if ! kubeflow/build.sh "$IMAGE" "$BASE" >"$WORK/build.log" 2>&1; then
    tail -n 20 "$WORK/build.log" >&2
    echo "$NAME: the image could not be built, see above" >&2
    exit 1
  fi
}

# storage_folder: where the engine keeps images; the root of the file system where that is another machine's.
storage_folder() {
  local folder
  folder=$("$ENGINE" info --format '{{.Store.GraphRoot}}' 2>/dev/null || "$ENGINE" info --format '{{.DockerRootDir}}' 2>/dev/null || echo /)
  if [ -d "$folder" ]; then echo "$folder"; else echo /; fi
}

# in_container COMMAND…: runs it in the image as the image's own user, with the volume. Podman could not ask for the health without systemd.
in_container() {
  "$ENGINE" run --rm --interactive --no-healthcheck --volume "$VOLUME:$MOUNT" "$IMAGE" "$@"
}

remove_volume() {
  if [ -n "$ENGINE" ]; then "$ENGINE" volume rm --force "$VOLUME" >/dev/null 2>&1 || true; fi
}
