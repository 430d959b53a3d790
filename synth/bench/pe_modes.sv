// What four modes cost: one processing element with its registers, as rtl/compute/tetra_array.sv has N * N of them, and two
// of one precision in the same style. Each holds a weight and its shadow, passes its activation to the right and its sums
// down; a product is registered before it is added. Measured by synth/silicon.py --price.

/// Four modes: 1, 2, 2 or 4 multiply-accumulates a cycle.
module pe_four (
  input  logic               clk_i,
  input  logic               act8_i,
  input  logic               wgt8_i,
  input  logic               act_signed_i,
  input  logic               load_i,
  input  logic               tag_i,
  input  logic        [15:0] w_i,
  input  logic        [7:0]  a_i,
  input  logic signed [31:0] p0_i,
  input  logic signed [31:0] p1_i,
  output logic        [7:0]  a_o,
  output logic               tag_o,
  output logic signed [31:0] p0_o,
  output logic signed [31:0] p1_o
);
`include "tetra_pe.svh"
  logic        [15:0] w_q, ws_q, w;
  logic signed [15:0] x0_q, x1_q;
  assign w = tag_i ? ws_q : w_q;
  always_ff @(posedge clk_i) begin
    a_o   <= a_i;
    tag_o <= tag_i;
    w_q   <= w;
    if (load_i) ws_q <= w_i;
    x0_q  <= 16'(pe_lane0(a_i, w, act8_i, wgt8_i, act_signed_i));
    p0_o  <= p0_i + 32'(x0_q);
    if (!wgt8_i) begin
      x1_q <= 16'(pe_lane1(a_i, w[7:4], w[15:12], act8_i, wgt8_i, act_signed_i));
      p1_o <= p1_i + 32'(x1_q);
    end
  end
endmodule

/// 8-bit operands only: one multiply-accumulate a cycle.
module pe_int8 (
  input  logic               clk_i,
  input  logic               act_signed_i,
  input  logic               load_i,
  input  logic               tag_i,
  input  logic        [7:0]  w_i,
  input  logic        [7:0]  a_i,
  input  logic signed [31:0] p0_i,
  output logic        [7:0]  a_o,
  output logic               tag_o,
  output logic signed [31:0] p0_o
);
  logic        [7:0]  w_q, ws_q, w;
  logic signed [15:0] x0_q;
  logic signed [8:0]  a;
  assign w = tag_i ? ws_q : w_q;
  assign a = {act_signed_i & a_i[7], a_i};
  always_ff @(posedge clk_i) begin
    a_o   <= a_i;
    tag_o <= tag_i;
    w_q   <= w;
    if (load_i) ws_q <= w_i;
    x0_q  <= 16'(a * $signed(w));
    p0_o  <= p0_i + 32'(x0_q);
  end
endmodule

/// 4-bit operands only, two inputs and two outputs as in mode A4W4: four multiply-accumulates a cycle.
module pe_int4 (
  input  logic               clk_i,
  input  logic               act_signed_i,
  input  logic               load_i,
  input  logic               tag_i,
  input  logic        [15:0] w_i,
  input  logic        [7:0]  a_i,
  input  logic signed [31:0] p0_i,
  input  logic signed [31:0] p1_i,
  output logic        [7:0]  a_o,
  output logic               tag_o,
  output logic signed [31:0] p0_o,
  output logic signed [31:0] p1_o
);
  logic        [15:0] w_q, ws_q, w;
  logic signed [9:0]  x0_q, x1_q;
  logic signed [4:0]  a0, a1;
  assign w  = tag_i ? ws_q : w_q;
  assign a0 = {act_signed_i & a_i[3], a_i[3:0]};
  assign a1 = {act_signed_i & a_i[7], a_i[7:4]};
  always_ff @(posedge clk_i) begin
    a_o   <= a_i;
    tag_o <= tag_i;
    w_q   <= w;
    if (load_i) ws_q <= w_i;
    x0_q  <= 10'(a0 * $signed(w[3:0])) + 10'(a1 * $signed(w[11:8]));
    x1_q  <= 10'(a0 * $signed(w[7:4])) + 10'(a1 * $signed(w[15:12]));
    p0_o  <= p0_i + 32'(x0_q);
    p1_o  <= p1_i + 32'(x1_q);
  end
endmodule
