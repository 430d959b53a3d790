// Arithmetic of one processing element: four 4x4-bit multipliers, four modes (see docs/architecture.md).
// Included by the array and by the one-PE wrapper tetra_pe.sv, so that what is proven and measured is what computes.
//
// An activation byte holds nibbles a0 (low) and a1 (high): one 8-bit code, or two 4-bit codes of channels 2r, 2r+1.
// A weight word holds nibbles w[i][j] at bits 8*i + 4*j: i is the activation nibble it meets, j the output half
// (4-bit weights) or the low/high nibble of an 8-bit weight.
//   h_j   = a0*w[0][j] + (a1*w[1][j] << (act8 ? 4 : 0))
//   lane0 = h_0 + (wgt8 ? h_1 << 4 : 0);  lane1 = wgt8 ? 0 : h_1
// A nibble is signed where it holds the sign of a signed operand: (x ^ 8) - 8 extends it, which keeps the operand
// narrow for the simulator's C++ and for synthesis alike.

  // h_j: products of both activation nibbles with the two weight nibbles wl (i = 0) and wh (i = 1).
  // sal, sah, sw: the low / high activation nibble, the weight nibbles are signed.
  function automatic logic signed [31:0] pe_mac2(input logic [7:0] a, input logic [3:0] wl, input logic [3:0] wh,
                                                 input logic act8, input logic sal, input logic sah, input logic sw);
    logic signed [31:0] al, ah, w0, w1;
    logic signed [31:0] pl, ph;
    al = {28'b0, a[3:0] ^ {sal, 3'b0}} - {28'b0, sal, 3'b0};
    ah = {28'b0, a[7:4] ^ {sah, 3'b0}} - {28'b0, sah, 3'b0};
    w0 = {28'b0, wl ^ {sw, 3'b0}} - {28'b0, sw, 3'b0};
    w1 = {28'b0, wh ^ {sw, 3'b0}} - {28'b0, sw, 3'b0};
    pl = al * w0;
    ph = ah * w1;
    pe_mac2 = act8 ? pl + (ph <<< 4) : pl + ph;
  endfunction

  // Contribution to the sum of output half 0 (or the selected half of 8-bit weights).
  function automatic logic signed [31:0] pe_lane0(input logic [7:0] a, input logic [15:0] w, input logic act8,
                                                  input logic wgt8, input logic asigned);
    logic signed [31:0] lo, hi;
    lo = pe_mac2(a, w[3:0], w[11:8], act8, ~act8 & asigned, asigned, ~wgt8);
    hi = pe_mac2(a, w[7:4], w[15:12], act8, ~act8 & asigned, asigned, 1'b1);
    pe_lane0 = wgt8 ? lo + (hi <<< 4) : lo;
  endfunction

  // Contribution to the sum of output half 1 (4-bit weights only): wl = w[7:4], wh = w[15:12].
  function automatic logic signed [31:0] pe_lane1(input logic [7:0] a, input logic [3:0] wl, input logic [3:0] wh,
                                                  input logic act8, input logic wgt8, input logic asigned);
    logic signed [31:0] hi;
    hi = pe_mac2(a, wl, wh, act8, ~act8 & asigned, asigned, 1'b1);
    pe_lane1 = wgt8 ? 32'sd0 : hi;
  endfunction
