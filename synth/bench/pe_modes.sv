// What four modes cost: one processing element with its registers, as rtl/compute/tetra_array.sv has N * N of them, and two
// of one precision in the same style: products are rows of bits, with an offset instead of signs (tetra_pe.svh), and sums
// are as wide as those of a 16x16 array. Each holds a weight and its shadow, passes its activation to the right and its
// sums down; a product is registered before it is added. Measured by synth/silicon.py --price.

/// Four modes: 1, 2, 2 or 4 multiply-accumulates a cycle.
module pe_four (
  input  logic        clk_i,
  input  logic        act8_i,
  input  logic        wgt8_i,
  input  logic        act_signed_i,
  input  logic        load_i,
  input  logic        tag_i,
  input  logic [15:0] w_i,
  input  logic [7:0]  a_i,
  input  logic [19:0] p0_i,
  input  logic [15:0] p1_i,
  output logic [7:0]  a_o,
  output logic        tag_o,
  output logic [19:0] p0_o,
  output logic [15:0] p1_o
);
`include "tetra_pe.svh"
  logic [15:0] w_q, ws_q, x0_q;
  logic [11:0] x1_q;
  always_ff @(posedge clk_i) begin
    a_o   <= a_i;
    tag_o <= tag_i;
    if (tag_i) w_q <= ws_q;
    if (load_i) ws_q <= w_i;
    x0_q  <= pe_lane0(a_o, w_q, act8_i, wgt8_i, act_signed_i, 16'b0);
    x1_q  <= pe_lane1(a_o, w_q[7:4], w_q[15:12], act8_i, wgt8_i, act_signed_i, 12'b0);
    p0_o  <= p0_i + 20'(x0_q);
    p1_o  <= p1_i + 16'(x1_q);
  end
endmodule

/// 8-bit operands only: one multiply-accumulate a cycle.
module pe_int8 (
  input  logic        clk_i,
  input  logic        act_signed_i,
  input  logic        load_i,
  input  logic        tag_i,
  input  logic [7:0]  w_i,
  input  logic [7:0]  a_i,
  input  logic [19:0] p0_i,
  output logic [7:0]  a_o,
  output logic        tag_o,
  output logic [19:0] p0_o
);
  logic [7:0]  w_q, ws_q;
  logic [15:0] x0_q;

  // An activation times a weight's bit: its top bit counts negatively where it is signed (sa), the weight's top bit always.
  function automatic logic [7:0] row(input logic [7:0] a, input logic w, input logic sa, input logic sw);
    row = (a & {8{w}}) ^ {sa ^ sw, {7{sw}}};
  endfunction
  function automatic logic [15:0] product(input logic [7:0] a, input logic [7:0] w, input logic sa);
    product = {8'b0, row(a, w[0], sa, 1'b0)} + {7'b0, row(a, w[1], sa, 1'b0), 1'b0} +
              {6'b0, row(a, w[2], sa, 1'b0), 2'b0} + {5'b0, row(a, w[3], sa, 1'b0), 3'b0} +
              {4'b0, row(a, w[4], sa, 1'b0), 4'b0} + {3'b0, row(a, w[5], sa, 1'b0), 5'b0} +
              {2'b0, row(a, w[6], sa, 1'b0), 6'b0} + {1'b0, row(a, w[7], sa, 1'b1), 7'b0};
  endfunction

  always_ff @(posedge clk_i) begin
    a_o   <= a_i;
    tag_o <= tag_i;
    if (tag_i) w_q <= ws_q;
    if (load_i) ws_q <= w_i;
    x0_q  <= product(a_o, w_q, act_signed_i);
    p0_o  <= p0_i + 20'(x0_q);
  end
endmodule

/// 4-bit operands only, two inputs and two outputs as in mode A4W4: four multiply-accumulates a cycle.
module pe_int4 (
  input  logic        clk_i,
  input  logic        act_signed_i,
  input  logic        load_i,
  input  logic        tag_i,
  input  logic [15:0] w_i,
  input  logic [7:0]  a_i,
  input  logic [12:0] p0_i,
  input  logic [12:0] p1_i,
  output logic [7:0]  a_o,
  output logic        tag_o,
  output logic [12:0] p0_o,
  output logic [12:0] p1_o
);
`include "tetra_pe.svh"
  logic [15:0] w_q, ws_q;
  logic [8:0]  x0_q, x1_q;
  always_ff @(posedge clk_i) begin
    a_o   <= a_i;
    tag_o <= tag_i;
    if (tag_i) w_q <= ws_q;
    if (load_i) ws_q <= w_i;
    x0_q  <= {1'b0, pe_mul(a_o[3:0], w_q[3:0], act_signed_i, 1'b1)} +
             {1'b0, pe_mul(a_o[7:4], w_q[11:8], act_signed_i, 1'b1)};
    x1_q  <= {1'b0, pe_mul(a_o[3:0], w_q[7:4], act_signed_i, 1'b1)} +
             {1'b0, pe_mul(a_o[7:4], w_q[15:12], act_signed_i, 1'b1)};
    p0_o  <= p0_i + 13'(x0_q);
    p1_o  <= p1_i + 13'(x1_q);
  end
endmodule
