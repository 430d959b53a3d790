// Arithmetic of one processing element: four 4x4-bit multipliers, four modes (see docs/architecture.md).
// Included by the array and by the one-PE wrapper tetra_pe.sv, so that what is proven and measured is what computes.
//
// An activation byte holds nibbles a0 (low) and a1 (high): one 8-bit code, or two 4-bit codes of channels 2r, 2r+1.
// A weight word holds nibbles w[i][j] at bits 8*i + 4*j: i is the activation nibble it meets, j the output half
// (4-bit weights) or the low/high nibble of an 8-bit weight.
//   h_j   = a0*w[0][j] + (a1*w[1][j] << (act8 ? 4 : 0))
//   lane0 = h_0 + (wgt8 ? h_1 << 4 : 0);  lane1 = wgt8 ? 0 : h_1
// A nibble is signed where it holds the sign of a signed operand.
//
// Lanes have an offset that depends on the mode alone and makes them positive, so nothing is sign-extended anywhere:
// pe_lane0 = lane0 + pe_offset0, pe_lane1 = lane1 + pe_offset1 (0 with 8-bit weights). It is what remains of the signs
// when a product is made of rows of bits (C. R. Baugh and B. A. Wooley, IEEE Trans. Computers C-22, 1973): a bit that
// counts negatively is -x = (1 - x) - 1, its complement and a constant.
// There are two texts of the lanes: rows of bits for synthesis, and numbers, which a simulator multiplies at once; there
// the mode's offset, an argument, is added. Both are proven equal to the definition (rtl/formal/).

  // Offset of a product of two nibbles whose top bits are negative (sa, sw): 8 + 16 + 32 for the row and the column of
  // such bits, 64 where only one of the two counts negatively in the corner.
  function automatic logic [7:0] pe_offset(input logic sa, input logic sw);
    pe_offset = {1'b0, sa | sw, sa | sw, sa | sw, sa ^ sw, 3'b0};
  endfunction

  // Offset of h_j. sal, sah, sw: the low / high activation nibble, the weight nibbles are signed.
  function automatic logic [11:0] pe_offset2(input logic act8, input logic sal, input logic sah, input logic sw);
    pe_offset2 = {4'b0, pe_offset(sal, sw)} + (act8 ? {pe_offset(sah, sw), 4'b0} : {4'b0, pe_offset(sah, sw)});
  endfunction

  function automatic logic [15:0] pe_offset0(input logic act8, input logic wgt8, input logic asigned);
    pe_offset0 = {4'b0, pe_offset2(act8, ~act8 & asigned, asigned, ~wgt8)} +
                 (wgt8 ? {pe_offset2(act8, ~act8 & asigned, asigned, 1'b1), 4'b0} : 16'b0);
  endfunction

  function automatic logic [11:0] pe_offset1(input logic act8, input logic wgt8, input logic asigned);
    pe_offset1 = wgt8 ? 12'b0 : pe_offset2(act8, ~act8 & asigned, asigned, 1'b1);
  endfunction

`ifdef SYNTHESIS
  // A nibble times a bit of the other. sa: its top bit counts negatively; sw: the bit does.
  function automatic logic [3:0] pe_row(input logic [3:0] a, input logic w, input logic sa, input logic sw);
    pe_row = (a & {4{w}}) ^ {sa ^ sw, {3{sw}}};
  endfunction

  function automatic logic [7:0] pe_mul(input logic [3:0] a, input logic [3:0] w, input logic sa, input logic sw);
    pe_mul = {4'b0, pe_row(a, w[0], sa, 1'b0)} + {3'b0, pe_row(a, w[1], sa, 1'b0), 1'b0} +
             {2'b0, pe_row(a, w[2], sa, 1'b0), 2'b0} + {1'b0, pe_row(a, w[3], sa, sw), 3'b0};
  endfunction

  // h_j with its offset: products of both activation nibbles with the two weight nibbles wl (i = 0) and wh (i = 1).
  function automatic logic [11:0] pe_mac2(input logic [7:0] a, input logic [3:0] wl, input logic [3:0] wh,
                                          input logic act8, input logic sal, input logic sah, input logic sw);
    logic [7:0] pl, ph;
    pl = pe_mul(a[3:0], wl, sal, sw);
    ph = pe_mul(a[7:4], wh, sah, sw);
    pe_mac2 = {4'b0, pl} + (act8 ? {ph, 4'b0} : {4'b0, ph});
  endfunction

  // The sum for output half 0 (or the selected half of 8-bit weights).
  function automatic logic [15:0] pe_lane0(input logic [7:0] a, input logic [15:0] w, input logic act8,
                                           input logic wgt8, input logic asigned, input logic [15:0] offset);
    logic [11:0] lo, hi;
    lo = pe_mac2(a, w[3:0], w[11:8], act8, ~act8 & asigned, asigned, ~wgt8);
    hi = pe_mac2(a, w[7:4], w[15:12], act8, ~act8 & asigned, asigned, 1'b1);
    pe_lane0 = {4'b0, lo} + {hi & {12{wgt8}}, 4'b0};
  endfunction

  // The sum for output half 1 (4-bit weights only): wl = w[7:4], wh = w[15:12].
  function automatic logic [11:0] pe_lane1(input logic [7:0] a, input logic [3:0] wl, input logic [3:0] wh,
                                           input logic act8, input logic wgt8, input logic asigned,
                                           input logic [11:0] offset);
    pe_lane1 = pe_mac2(a, wl, wh, act8, ~act8 & asigned, asigned, 1'b1) & {12{~wgt8}};
  endfunction
`else
  // h_j. (x ^ 8) - 8 extends a signed nibble, which keeps the operands narrow for the simulator's C++.
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

  function automatic logic [15:0] pe_lane0(input logic [7:0] a, input logic [15:0] w, input logic act8,
                                           input logic wgt8, input logic asigned, input logic [15:0] offset);
    logic signed [31:0] lo, hi;
    lo = pe_mac2(a, w[3:0], w[11:8], act8, ~act8 & asigned, asigned, ~wgt8);
    hi = pe_mac2(a, w[7:4], w[15:12], act8, ~act8 & asigned, asigned, 1'b1);
    pe_lane0 = 16'(wgt8 ? lo + (hi <<< 4) : lo) + offset;
  endfunction

  function automatic logic [11:0] pe_lane1(input logic [7:0] a, input logic [3:0] wl, input logic [3:0] wh,
                                           input logic act8, input logic wgt8, input logic asigned,
                                           input logic [11:0] offset);
    pe_lane1 = wgt8 ? 12'b0 : 12'(pe_mac2(a, wl, wh, act8, ~act8 & asigned, asigned, 1'b1)) + offset;
  endfunction
`endif
