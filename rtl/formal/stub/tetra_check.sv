/// A checker that finds anything wrong, or nothing.
module tetra_check #(
  parameter int N = 0,
  parameter int AccPixels = 0
) (
  input  logic                          valid_i,
  input  logic [tetra_pkg::CmdBits-1:0] cmd_i,
  input  logic [32+4*($clog2(AccPixels)+1)-1:0] products_i,
  output logic [3:0]                    cause_o
);
  (* anyseq *) logic [3:0] any;
  assign cause_o = any;
endmodule
