/// One processing element's arithmetic by itself, for exhaustive tests, proofs and area figures.
/// Combinational.
module tetra_pe (
  /// activations are 8 bits wide, else two 4-bit codes
  input  logic               act8_i,
  /// weights are 8 bits wide, else 4
  input  logic               wgt8_i,
  /// activation codes are signed
  input  logic               act_signed_i,
  /// activation byte
  input  logic        [7:0]  a_i,
  /// weight word, nibbles w[i][j] at bits 8*i + 4*j
  input  logic        [15:0] w_i,
  /// product sum for output half 0
  output logic signed [31:0] lane0_o,
  /// product sum for output half 1 (0 with 8-bit weights)
  output logic signed [31:0] lane1_o
);
`include "tetra_pe.svh"
  logic [15:0] offset0;
  logic [11:0] offset1;
  assign offset0 = pe_offset0(act8_i, wgt8_i, act_signed_i);
  assign offset1 = pe_offset1(act8_i, wgt8_i, act_signed_i);
  assign lane0_o = {16'b0, pe_lane0(a_i, w_i, act8_i, wgt8_i, act_signed_i, offset0)} - {16'b0, offset0};
  assign lane1_o = {20'b0, pe_lane1(a_i, w_i[7:4], w_i[15:12], act8_i, wgt8_i, act_signed_i, offset1)} -
                   {20'b0, offset1};
endmodule
