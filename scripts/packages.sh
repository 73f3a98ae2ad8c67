#!/usr/bin/env bash
# Installs the Debian packages that set-up and tests need, where their programs are missing. Needs root and apt; for continuous integration.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

# Program and package: the first two for the set-up; then the browser, axe-core (by npm) and the schedules that tests read; debootstrap for the other stack;
# Java (17 in Debian 12) and Maven for the clusters.
PROGRAMS="
make make
g++ g++
git git
chromium chromium
chromedriver chromium-driver
npm npm
crontab cron
systemd-analyze systemd
debootstrap debootstrap
java default-jre-headless
mvn maven
"

missing=()
while read -r program package; do
  if [ -n "$program" ] && ! command -v "$program" >/dev/null; then missing+=("$package"); fi
done <<<"$PROGRAMS"
python3 -I -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
python3 -I -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' 2>/dev/null \
  || missing+=(python3-dev)
if [ "${#missing[@]}" = 0 ]; then
  echo "packages: nothing to do"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null; }; then
  echo "packages: could not install them; as root: apt-get update && apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "packages: installed ${missing[*]}, in $SECONDS s"
