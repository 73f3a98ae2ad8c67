# The program that builds and runs containers: podman or docker. Functions only; other scripts source this file.
# In: FAIRGATE_CONTAINER_ENGINE (a program to use instead of searching), CONTAINERS_CONF. Out: ENGINE, and CONTAINERS_CONF where podman needs one.

ENGINE=

# find_engine: sets ENGINE to the first that answers, as a client without its daemon does not; fails where none does.
find_engine() {
  local candidate
  for candidate in ${FAIRGATE_CONTAINER_ENGINE:-docker podman}; do
    if command -v "$candidate" >/dev/null && "$candidate" info >/dev/null 2>&1; then
      ENGINE=$candidate
      return
    fi
  done
  echo "container: neither docker nor podman answers; install one (apt-get install podman runc), or start docker's daemon" >&2
  return 1
}

# is_podman: podman takes options that docker does not, also when it is installed under docker's name.
is_podman() {
  "$ENGINE" --version 2>/dev/null | grep -qi podman
}

# find_settings IMAGE: lets podman start containers also on a machine that is a container itself; prints the engine's words where it cannot.
# In a process of its own nothing would remain, so call it without a subshell.
find_settings() {
  local error
  error=$("$ENGINE" run --rm --entrypoint /bin/true "$1" 2>&1) && return
  if is_podman && [ -z "${CONTAINERS_CONF:-}" ]; then
    export CONTAINERS_CONF=$PWD/kubeflow/containers.conf BUILDAH_ISOLATION=chroot
    error=$("$ENGINE" run --rm --entrypoint /bin/true "$1" 2>&1) && return
  fi
  echo "container: $ENGINE cannot run a container of $1: ${error##*$'\n'}" >&2
  return 1
}
