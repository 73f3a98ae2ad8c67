# What test_modern.sh and test_older.sh share: the sample on this machine's stack, the tree for the other one, the comparison. Functions only.
# In: NAME (of the script, for messages), CACHE (folder that keeps the other stack's environment), HERE and THERE (folders of results), CI.

TESTS_CODE=0 # of the tests on the other stack

# unavailable REASON: this machine cannot run the other stack. On the machine of a developer that is no failure; where CI is set it is one.
unavailable() {
  if [ "${CI:-}" = true ]; then
    echo "$NAME: failed, because CI runs both stacks: $1" >&2
    exit 1
  fi
  echo "$NAME: not run: $1"
  exit 0
}

# lock: one user of the folder at a time.
lock() {
  mkdir -p "$CACHE"
  exec 9>"$CACHE/lock"
  flock 9
}

# copy_tree TARGET: the tree with its uncommitted files; .venv and .tools stay from the last time.
copy_tree() {
  mkdir -p "$1"
  find "$1" -mindepth 1 -maxdepth 1 ! -name .venv ! -name .tools -exec rm -rf {} +
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard --deduplicate \
    | tar --create --null --ignore-failed-read --files-from=- 2>/dev/null | tar --extract --no-same-owner --directory="$1"
}

# judged EXIT_CODE LOG: a run that ends without a blessing has a verdict too, to be compared; a crash shows the end of its log.
judged() {
  [ "$1" -le 2 ] || { tail -n 20 "$2" >&2; exit 1; }
}

# The sample on this machine's stack; steps that an earlier run of the same source did come from the cache.
run_here() {
  mkdir -p "$HERE"
  .venv/bin/fairgate run civil-comments --sample --root "$HERE/run" >"$HERE/run.log" 2>&1 || judged $? "$HERE/run.log"
  cp -f "$HERE/run/latest/verdict.json" "$HERE/"
  rm -f "$HERE/tests.xml"
  if [ -e runs/tests.xml ]; then cp -f runs/tests.xml "$HERE/"; fi
}

# run_there TREE COMMAND…: sample and tests on the other stack; the command runs bash code in its copy of the tree.
run_there() {
  local tree=$1
  shift
  rm -rf "$THERE"
  mkdir -p "$THERE"
  "$@" '.venv/bin/fairgate run civil-comments --sample --root runs/sample' >"$THERE/run.log" 2>&1 || judged $? "$THERE/run.log"
  cp -f "$tree/runs/sample/latest/verdict.json" "$THERE/"
  # Failed tests do not end this script here: the comparison lists them beside everything else.
  # What runs in environments of its own does not depend on the stack.
  local arguments="--deselect tests/scripts/test_other_stack.py::test_the_other_stack_can_run_here --ignore tests/environments ${PYTEST_ARGS:-}"
  "$@" "make pytest PYTEST_ARGS=$(printf %q "$arguments")" 2>&1 | tee "$THERE/pytest.log" || TESTS_CODE=$?
  cp -f "$tree/runs/tests.xml" "$THERE/"
}

# compare: the table, and what differs; fails where something does, or where the tests there ended with an error of any kind.
compare() {
  .venv/bin/python scripts/compare_stacks.py "$HERE" "$THERE" || exit 1
  if [ "$TESTS_CODE" != 0 ]; then
    echo "$NAME: pytest ended with exit code $TESTS_CODE, see $THERE/pytest.log" >&2
    exit 1
  fi
}
