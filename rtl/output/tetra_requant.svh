// Arithmetic of one lane of the requantizer: shifts and roundings, what is added to the product, codes and the clamp.
// Included by tetra_requant.sv and by the proofs, so that what is proven is what computes. Formulas: docs/numerics.md.
//
// Rounding comes after the shift: the shifters leave the floor with the last bit that falls out under it; whether one is
// added to the floor follows from that bit and whether anything below it was set (sticky). It is added as the carry of the sum that the floor goes into: (2 floor + 1) + (2 b + carry) is
// twice floor + b + carry, and one. Where rounding comes twice (TFLITE, RES_PRE), half of the first one's unit is an
// addend of the product, and what is below the unit is cleared in front of the shifter.

  // Modes and forms in the width of their fields.
  localparam int RndW = tetra_pkg::StoreOut0RndW;
  localparam int FormW = tetra_pkg::StoreResFormW;
  localparam logic [RndW-1:0] HalfUp = RndW'(tetra_pkg::RoundHalfUp);
  localparam logic [RndW-1:0] HalfEven = RndW'(tetra_pkg::RoundHalfEven);
  localparam logic [RndW-1:0] HalfAway = RndW'(tetra_pkg::RoundHalfAway);
  localparam logic [RndW-1:0] Tflite = RndW'(tetra_pkg::RoundTflite);
  localparam logic [FormW-1:0] NoRes = FormW'(tetra_pkg::ResFormNone);
  localparam logic [FormW-1:0] Joint = FormW'(tetra_pkg::ResFormJoint);
  localparam logic [FormW-1:0] Separate = FormW'(tetra_pkg::ResFormSeparate);
  localparam logic [FormW-1:0] Pre = FormW'(tetra_pkg::ResFormPre);

  // A channel's record, and the shifts in its last word.
  localparam int RecordW = 8 * tetra_pkg::ParamBytes;
  localparam int ShiftW = tetra_pkg::ParamShiftW;
  localparam int SLsb = tetra_pkg::ParamSLsb;
  localparam int SrLsb = tetra_pkg::ParamSrLsb;
  localparam int LrLsb = tetra_pkg::ParamLrLsb;
  localparam int LrW = tetra_pkg::ParamLrW;
  localparam int FracLsb = tetra_pkg::ParamFracLsb;
  localparam int FracW = 32 - FracLsb;
  localparam int FracShift = tetra_pkg::ParamFracShift;
  localparam int PreShift = 11;          // RES_PRE's first rounding
  // Written out: Yosys to 0.23 takes '1 in a localparam for the number 1.
  localparam logic [63:0] Ones = {64{1'b1}};

  // ---- Rounding ----
  // A shift by s. For simulators: {first of two roundings (at bit 31), nothing falls out, s - 1}, which fits 64 bits with
  // the bit below the floor. For synthesis, which takes s bit by bit and sees what falls out on the way: {first, 0, s}.
  localparam int AmountW = ShiftW + 2;
`ifdef SYNTHESIS
  localparam logic Ahead = 1'b0;
`else
  localparam logic Ahead = 1'b1;
`endif
  function automatic logic [AmountW-1:0] amount(input logic [ShiftW-1:0] s, input logic twice);
    logic none;   // of one bit: in a concatenation Yosys takes a constant comparison for a number of 32
    none   = s == '0 && Ahead;
    amount = {twice, none, s == '0 ? s : s - ShiftW'(Ahead)};
  endfunction

  // The residual's: Sr (SEPARATE), r behind the 11 bits that fall out first (RES_PRE), or none (JOINT shifts it left).
  function automatic logic [AmountW-1:0] res_amount(input logic [ShiftW-1:0] sr, input logic [FormW-1:0] form,
                                                    input logic twice);
    res_amount = form == Separate ? amount(sr, twice && sr[ShiftW-1]) :
                 form == Pre ? {2'b00, sr + ShiftW'(PreShift) - ShiftW'(Ahead)} : {1'b0, Ahead, {ShiftW{1'b0}}};
  endfunction

  // What is added to the residual's product: half of the first rounding's unit.
  function automatic logic signed [63:0] res_half(input logic [ShiftW-1:0] sr, input logic [FormW-1:0] form,
                                                  input logic twice);
    res_half = form == Pre ? 64'sd1 <<< (PreShift - 1) :
               {33'b0, form == Separate && twice && sr[ShiftW-1], 30'b0};
  endfunction

  // Bits below the first rounding's unit.
  function automatic logic [63:0] below_unit(input logic pre, input logic twice);
    below_unit = {33'b0, {31-PreShift{twice}}, {PreShift{twice | pre}}};
  endfunction

  // Is one added to the floor? Guard bit, sticky bit, the floor's lowest bit, the sign; by mode: {TFLITE, away, even, up}.
  function automatic logic round_up(input logic guard, input logic sticky, input logic odd, input logic neg,
                                    input logic twice, input logic [3:0] mode);
    round_up = guard & (mode[0] | (mode[3] & ~twice) | (mode != '0 & sticky) | (mode[1] & odd) |
                        ((mode[2] | (mode[3] & twice)) & ~neg));
  endfunction
  function automatic logic [3:0] round_mode(input logic [RndW-1:0] rnd);
    round_mode = {rnd == Tflite, rnd == HalfAway, rnd == HalfEven, rnd == HalfUp};
  endfunction

  // x (its bits below the first rounding's unit cleared) shifted, and the carry of its rounding: {floor, carry}.
  function automatic logic signed [63:0] round_shift(input logic signed [63:0] x, input logic [AmountW-1:0] sh,
                                                     input logic [3:0] mode);
`ifdef SYNTHESIS
    logic signed [64:0] z;
    logic               sticky;
    z      = {x, 1'b0};
    sticky = 1'b0;
    for (int k = ShiftW - 1; k >= 0; k--) begin
      sticky = sticky | (sh[k] & ((z & ~({1'b1, Ones} << (1 << k))) != '0));
      z      = sh[k] ? z >>> (1 << k) : z;
    end
    round_shift = {z[63:1], round_up(z[0], sticky, z[1], x[63], sh[AmountW-1], mode)};
`else
    logic signed [63:0] y;
    logic               none;
    none = sh[ShiftW];
    y    = none ? x <<< 1 : x >>> sh[ShiftW-1:0];
    round_shift = {y[63:1], round_up(y[0], (x & ~(Ones << sh[ShiftW-1:0])) != '0, y[1], x[63], sh[AmountW-1], mode)};
`endif
  endfunction

  // {floor + b + carry, and a bit that says nothing}.
  function automatic logic signed [63:0] add_rounded(input logic signed [63:0] t, input logic signed [63:0] b);
    add_rounded = (t | 64'sd1) + ((b <<< 1) | {63'b0, t[0]});
  endfunction

  // The residual shifted: {floor, carry}.
  function automatic logic signed [63:0] shift_residual(input logic signed [63:0] rm, input logic [AmountW-1:0] sh,
                                                        input logic pre, input logic [3:0] mode);
    shift_residual = round_shift(rm & ~below_unit(pre, sh[AmountW-1]), sh, mode);
  endfunction

  // The scaled sum shifted, rounded, and what is added to it: {sign, 10 bits, outside}. A sum outside
  // of 10 bits is beyond every code; so is one whose floor has more than 40 bits (with nothing falling out, 41 for
  // simulators), because the residual of SEPARATE, at most 255 (2^31 - 1), cannot bring 2^39 back.
  localparam int FloorW = 41;
  localparam int TotalW = FloorW + 2;     // with the bit below the floor, and the sum's carry
  function automatic logic [11:0] shift_sum(input logic signed [63:0] sum, input logic [AmountW-1:0] sh,
                                                   input logic signed [63:0] add, input logic [3:0] mode);
    logic signed [63:0] x, y, sign;
    logic               over;
    x    = sum & ~below_unit(1'b0, sh[AmountW-1]);
    sign = x >>> 63;
    over = ((x ^ sign) & ((Ones << sh[ShiftW-1:0]) << (FloorW - 2 + 32'(Ahead)))) != '0;
    y    = add_rounded(64'($signed((FloorW + 1)'(round_shift(x, sh, mode)))), add);
    shift_sum = {over ? x[63] : y[TotalW-1], y[10:1], over || y[TotalW-1:10] != {TotalW-10{y[TotalW-1]}}};
  endfunction

  // A code of `bits4 ? 4 : 8` bits, extended.
  function automatic logic signed [31:0] extend(input logic [7:0] code, input logic bits4, input logic sgn);
    logic [7:0] low, msb;
    msb    = !sgn ? 8'h00 : bits4 ? 8'h08 : 8'h80;
    low    = bits4 ? {4'b0, code[3:0]} : code;
    low    = low ^ msb;
    extend = {24'b0, low} - {24'b0, msb};
  endfunction

  // Products and what is added to them fit the product's own width. Cut to it, they are one sum for synthesis.
  // A residual code minus its zero point is in -255..255, whatever its format: a multiplier of 9 x 32 bits is enough, and
  // 40 bits hold the product and half a unit.
  function automatic logic signed [63:0] scale_residual(input logic signed [8:0] res, input logic signed [31:0] mr,
                                                        input logic signed [63:0] half);
    scale_residual = 64'($signed(40'(64'(res) * 64'(mr) + half)));
  endfunction

  // F: the record's signed fraction of the bias, whose two lowest bits are the top bits of Mr and M, in the unit of acc*M.
  function automatic logic signed [31:0] fraction(input logic [FracW-1:0] high, input logic mr_top, input logic m_top);
    fraction = {high[FracW-1], high, mr_top, m_top, {FracShift{1'b0}}};
  endfunction

  // What is added to the product beside F: the residual shifted by Lr (JOINT), or F itself shifted by La (RES_PRE).
  // SEPARATE's residual passes through beside it.
  function automatic logic signed [63:0] addend(input logic signed [31:0] frac, input logic signed [63:0] res,
                                                input logic [LrW-1:0] shift, input logic [FormW-1:0] form);
    addend = form == Separate ? res : form == NoRes ? 64'sd0 : (form == Pre ? 64'(frac) : res >>> 1) <<< shift;
  endfunction
  // F, where it is not shifted, and half a unit at bit 31 where rounding comes twice.
  function automatic logic signed [31:0] addend_f(input logic signed [31:0] frac, input logic pre, input logic twice);
    addend_f = (pre ? 32'sd0 : frac) + {1'b0, twice, 30'b0};
  endfunction

  // The product with what is added to it at once. Synthesis adds its rows up in the next stage (synth/flow/sums.py).
  function automatic logic signed [63:0] scale(input logic signed [31:0] acc, input logic signed [31:0] m,
                                               input logic signed [31:0] f);
    scale = 64'(acc) * 64'(m) + 64'(f);
  endfunction

  // y: what shift_sum gives.
  function automatic logic signed [31:0] clamp(input logic [11:0] y, input logic signed [9:0] lo_f,
                                               input logic signed [9:0] hi_f);
    clamp = (y[0] ? y[11] : $signed(y[10:1]) < lo_f) ? 32'(lo_f) :
            (y[0] || $signed(y[10:1]) > hi_f) ? 32'(hi_f) : 32'($signed(y[10:1]));
  endfunction
  function automatic logic clamped(input logic [11:0] y, input logic signed [9:0] lo_f,
                                   input logic signed [9:0] hi_f, input logic lo_counts);
    clamped = y[0] ? !y[11] || lo_counts : ($signed(y[10:1]) < lo_f && lo_counts) || $signed(y[10:1]) > hi_f;
  endfunction
