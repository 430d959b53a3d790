/// A processing element's arithmetic in both its texts: the simulator's numbers, and synthesis' rows of bits.
module pe_bench (
  input  logic               act8_i,
  input  logic               wgt8_i,
  input  logic               act_signed_i,
  input  logic        [7:0]  a_i,
  input  logic        [15:0] w_i,
  output logic signed [31:0] lane0_o,
  output logic signed [31:0] lane1_o,
  output logic signed [31:0] rows0_o,
  output logic signed [31:0] rows1_o
);
  tetra_pe u_numbers (.act8_i, .wgt8_i, .act_signed_i, .a_i, .w_i, .lane0_o, .lane1_o);

`define SYNTHESIS
`include "tetra_pe.svh"
`undef SYNTHESIS
  logic [15:0] offset0;
  logic [11:0] offset1;
  assign offset0 = pe_offset0(act8_i, wgt8_i, act_signed_i);
  assign offset1 = pe_offset1(act8_i, wgt8_i, act_signed_i);
  assign rows0_o = {16'b0, pe_lane0(a_i, w_i, act8_i, wgt8_i, act_signed_i, offset0)} - {16'b0, offset0};
  assign rows1_o = {20'b0, pe_lane1(a_i, w_i[7:4], w_i[15:12], act8_i, wgt8_i, act_signed_i, offset1)} -
                   {20'b0, offset1};
endmodule
