#!/usr/bin/env bash
# completion_test.sh SIM SOURCE: bash completes every option of every command: those in the commands' tables, and those of runs.
set -euo pipefail
sim=$1 source=$2
# shellcheck source=/dev/null
. "$source/sim/cli/shell/tetra.bash"

offered() {
  COMP_WORDS=("$sim" "$@" --) COMP_CWORD=$(($# + 1)) COMPREPLY=()
  _tetra
  printf '%s\n' "${COMPREPLY[@]}" | sort -u
}

# The names in the rows of tables, of getopt's and our own, in these files.
known() {
  local files=("$@")
  if grep -qs SIM_IMAGE_ROWS "$@"; then files+=("$source/sim/cli/image_options.h"); fi
  if grep -qs SIM_MACHINE_ROWS "$@"; then files+=("$source/sim/cli/hardware.h"); fi
  cat "${files[@]}" | tr '\n' ' ' | grep -oE '\{"[a-z0-9-]+", (no|required|optional)_argument|SIM_(TEXT|SET|TAKE)\( *"[a-z0-9-]+"' |
    sed 's/^[^"]*"/--/; s/".*//'
}

bad=0 all=0
# check NAME FILES...: NAME "" is a run.
check() {
  local missing
  missing=$(comm -13 <(offered ${1:+"$1"}) <(known "${@:2}" | grep -v -e --inject-weight-flip | sort -u))
  all=$((all + $(offered ${1:+"$1"} | wc -l)))
  [ -z "$missing" ] || { bad=1; echo "completion of 'sim $1' lacks $(tr '\n' ' ' <<<"$missing")"; }
}
commands=$(sed -n 's/^SIM_COMMAND(\([a-z]*\),.*/\1/p' "$source/sim/cli/commands.def")
for command in $commands; do check "$command" "$source/sim/commands/$command/"*.c; done
check '' "$source"/sim/cli/{options,hardware,file_options,outputs,pieces}.c
[ "$all" -gt 100 ] || { bad=1; echo "only $all options are completed"; }
grep -qx -e --teacher <(offered train) || { bad=1; echo "no --teacher of train"; }
echo "$all options"
exit $bad
