# What this machine has: the C library, a Python that suits it, a compiler. Functions only; other scripts source this file.
# In: PATH, PYENV_ROOT, HOME, FAIRGATE_PYTHON (a Python to use instead of searching). Out: answers on standard output.

# The wheels of TFX 1.21 (tensorflow-data-validation, ml-metadata) are linked against this C library.
MODERN_GLIBC=2.38
# Where Pythons are installed for everyone, also when PATH leaves them out.
SYSTEM_FOLDERS=(/usr/local /usr)

# "2.36"; nothing where the C library is not glibc.
glibc_version() {
  { getconf GNU_LIBC_VERSION 2>/dev/null || true; } | sed -n 's/^glibc \([0-9.]*\).*/\1/p'
}

# at_least VERSION LIMIT: numbers are compared part by part, so 2.4 comes before 2.38.
at_least() {
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

# python_versions GLIBC: the Pythons that the lock supports on this C library, best first.
python_versions() {
  if at_least "$1" "$MODERN_GLIBC"; then echo "3.13 3.12 3.11 3.10"; else echo "3.10"; fi
}

# python_candidates VERSION: every place where such a Python may be, one path a line, whether it works or not.
python_candidates() {
  local version=$1 pyenv_root
  type -ap "python$version" python3 || true
  pyenv_root=$(pyenv root 2>/dev/null || true)
  local folder
  for folder in ${pyenv_root:+"$pyenv_root/versions/$version"*} ${PYENV_ROOT:+"$PYENV_ROOT/versions/$version"*} \
    "${HOME:-}/.pyenv/versions/$version"* "$(uv_python_folder)/cpython-$version"* "${SYSTEM_FOLDERS[@]}"; do
    if [ -e "$folder/bin/python$version" ]; then echo "$folder/bin/python$version"; fi
  done
}

# Where uv keeps the Pythons that it fetched.
uv_python_folder() {
  echo "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-${HOME:-}/.local/share}/uv/python}"
}

# describe_python PATH: runs it, because a shim may stand there without a Python behind it.
# Prints "3.10 headers /real/path" or "3.10 bare /real/path"; fails where it does not run or is not a usual CPython.
describe_python() {
  timeout 20 "$1" -I -c '
import os, sys, sysconfig
if sys.implementation.name != "cpython" or sys.maxsize < 2**32 or sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit(1)
header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
path = getattr(sys, "_base_executable", None) or sys.executable
print("%d.%d" % sys.version_info[:2], "headers" if os.path.exists(header) else "bare", path)
' 2>/dev/null </dev/null
}

# choose_python GLIBC: the first that works and has headers, in the order of python_versions; else the first that works.
# Prints "VERSION headers|bare PATH"; fails where none works.
choose_python() {
  local version candidate answer bare=""
  if [ -n "${FAIRGATE_PYTHON:-}" ]; then
    answer=$(describe_python "$FAIRGATE_PYTHON") || return 1
    case " $(python_versions "$1") " in *" ${answer%% *} "*) echo "$answer" ;; *) return 1 ;; esac
    return
  fi
  for version in $(python_versions "$1"); do
    while IFS= read -r candidate; do
      answer=$(describe_python "$candidate") || continue
      case $answer in
        "$version headers "*) echo "$answer"; return 0 ;;
        "$version bare "*) bare=${bare:-$answer} ;;
      esac
    done < <(python_candidates "$version" | awk '!seen[$0]++')
  done
  [ -n "$bare" ] && echo "$bare"
}

# older_python: the path of a Python for the older stack, with its headers, also where this machine's own stack is the modern one.
older_python() {
  local answer
  answer=$(unset FAIRGATE_PYTHON; choose_python 0) || return 1
  case $answer in
    "3.10 headers "*) echo "${answer#3.10 headers }" ;;
    *) return 1 ;;
  esac
}

# A C++ compiler, for the one dependency that comes as source (pyfarmhash).
has_compiler() {
  command -v "${CXX:-g++}" >/dev/null || command -v c++ >/dev/null || command -v clang++ >/dev/null
}

# remedy DEBIAN_PACKAGE: how to get it, in the words of this machine's package manager.
remedy() {
  if command -v apt-get >/dev/null; then
    echo "apt-get install $1"
  else
    echo "install what Debian calls $1"
  fi
}
