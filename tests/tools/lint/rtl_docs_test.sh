#!/usr/bin/env bash
# rtl_docs_test.sh SCRIPT: the lint of RTL comments asks for one where a name leaves something open, and only there.
set -euo pipefail
script=$(realpath "$1") dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >good.sv <<'EOF'
/// A module.
module good #(
  /// words, a power of two
  parameter int Depth = 0
) (
  input  logic        clk_i,
  input  logic        valid_i,
  input  logic [7:0]  data_i,
  input  logic [7:0]  wdata_i,
  input  logic [31:0] m_axi_araddr_i,
  output logic [7:0]  ar_len_o,
  input  logic [tetra_pkg::CmdBits-1:0] cmd_i,
  output logic [15:0] space_o, // words
  /// beats, 1..64
  output logic [6:0]  beats_o
);
  logic [31:0] inner;
endmodule
EOF
fail() { echo "rtl_docs_test.sh: $1" >&2; exit 1; }

"$script" good.sv || fail "found something where nothing is"
asked_for() { # line of good.sv without its comment, what is said then
  sed "$1" good.sv >bad.sv
  if "$script" good.sv bad.sv good.sv >found.txt; then fail "'$1' was not found"; fi
  [ "$(cat found.txt)" = "bad.sv:$2" ] || fail "'$1': $(cat found.txt)"
}
asked_for '/beats, 1/d' '14: no /// line: output logic [6:0]  beats_o'
asked_for 's| // words||' '13: no /// line: output logic [15:0] space_o,'
asked_for '/power of two/d' '3: no /// line: parameter int Depth = 0'
asked_for 's/tetra_pkg::CmdBits-1:0/511:0/' '12: no /// line: input  logic [511:0] cmd_i,'
asked_for 's/logic        valid_i/logic [1:0]  valid_i/' '7: no /// line: input  logic [1:0]  valid_i,'
asked_for '1d' '1: module without a /// description'
