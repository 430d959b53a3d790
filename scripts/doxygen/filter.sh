#!/usr/bin/env bash
# filter.sh HEADER: what doxygen is shown of a header: our comments as documentation. A comment that begins a line stands before what
# it speaks of; one behind code, and its next lines, behind.
exec sed -E -e 's,^( *)/\* ,\1/** ,' -e 's,^(.*[^ /*].*[ ;{])/\* ,\1/**< ,' -e "1s,/[*][*] (.*),/** @file $(basename "$1")\n * \1," -- "$1"
