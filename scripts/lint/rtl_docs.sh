#!/usr/bin/env bash
# rtl_docs.sh FILE...: modules, parameters and ports of SystemVerilog files say what their names leave open. Prints what does
# not; exit code 1 then.
#
# A module follows a /// description. A /// line right above a port, or a comment at its end, says what name and type leave
# open: units, range, layout. Every parameter needs one, and of the ports those that carry a number. Others do not: single
# bits; AXI's signals, whose names are the standard's; words that are only passed on (...data_i, _o); and what has its width,
# and so its meaning, from tetra_pkg.
set -euo pipefail
awk '
  function is_plain(line, name) {
    name = line
    sub(/,?[ \t]*$/, "", name)
    sub(/^.*[ \t]/, "", name)
    return line !~ /\[/ || line ~ /\[tetra_pkg::[A-Za-z0-9]+-1:0\]/ || name ~ /data_[io]$/ ||
           name ~ /^[sm]_axil?_/ || name ~ /^(ar|aw|w|r|b)_(addr|len|strb)_[io]$/
  }
  function complain(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
  FNR == 1 { above = ""; header = 0 }
  /^(module|package) / { header = ($1 == "module") }
  /^module / && above !~ /^\/\/\// { complain("module without a /// description") }
  header && /^[ \t]*(parameter|input|output|inout)[ \t]/ && above !~ /^[ \t]*\/\/\// && !/\/\/\/? / &&
  ($1 == "parameter" || !is_plain($0)) {
    sub(/^[ \t]*/, ""); complain("no /// line: " $0)
  }
  /^\);/ { header = 0 }
  { above = $0 }
  END { exit bad }' "$@"
