/// Requantizer: N lanes, one output code a lane and cycle. Bias, residual, multiply, round, clamp, pack.
///
/// Latency: inputs in the cycle after issue_i (valid_i); the packed word leaves 9 cycles after valid_i, the number of
/// codes clamped in its row one cycle later. No backpressure: the drain sequencer issues only what the FIFO behind can
/// take. Formulas: docs/numerics.md.
/// The configuration (res_form_i to hi_i) belongs to the row and may change with every word.
///
/// Rounding comes after the shift: the shifters are given one less than the number of bits and leave the floor with the
/// last bit that falls out under it; whether one is added to the floor follows from that bit and whether anything below
/// it was set (sticky). It is added as the carry of the sum that the floor goes into: (2 floor + 1) + (2 b + carry) is
/// twice floor + b + carry, and one. Where rounding comes twice (TFLITE, RES_PRE), half of the first one's unit is an
/// addend of the product, and what is below the unit is cleared in front of the shifter.
///
/// The pipeline's lanes are private to one process, its stages walked from the last to the first, so that each
/// reads what its predecessor left in the cycle before.
module tetra_requant #(
  /// lanes
  parameter int N = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  /// accumulators, parameters and residual are here
  input  logic             valid_i,
  /// tile half of this row
  input  logic             half_i,
  /// this row completes a word
  input  logic             word_end_i,
  /// accumulators, 32 bits a lane
  input  logic [32*N-1:0]  acc_i,
  /// parameter records, 128 bits a lane: bias, M, Mr, shifts and fraction
  input  logic [8*tetra_pkg::ParamBytes*N-1:0] par_i,
  /// residual word
  input  logic [8*N-1:0]   res_i,
  /// residual form (enum tetra_res_form)
  input  logic [tetra_pkg::StoreResFormW-1:0] res_form_i,
  /// residual codes have 4 bits
  input  logic             res4_i,
  /// residual codes are signed
  input  logic             res_signed_i,
  /// residual zero point
  input  logic [7:0]       res_zp_i,
  /// rounding mode (enum tetra_round)
  input  logic [tetra_pkg::StoreOut0RndW-1:0] rnd_i,
  /// output codes have 4 bits
  input  logic             bits4_i,
  /// output codes are signed
  input  logic             signed_i,
  /// output zero point
  input  logic [7:0]       zp_i,
  /// smallest code
  input  logic [7:0]       lo_i,
  /// largest code
  input  logic [7:0]       hi_i,
  /// nothing in flight
  output logic             empty_o,
  output logic             valid_o,
  output logic [8*N-1:0]   data_o,
  /// codes that the clamp changed, one cycle after their row's word would leave
  output logic [7:0]       sat_o
);

  // Modes and forms in the width of their fields.
  localparam int RndW = tetra_pkg::StoreOut0RndW;
  localparam int FormW = tetra_pkg::StoreResFormW;
  localparam logic [RndW-1:0] HalfUp = RndW'(tetra_pkg::RoundHalfUp);
  localparam logic [RndW-1:0] HalfEven = RndW'(tetra_pkg::RoundHalfEven);
  localparam logic [RndW-1:0] HalfAway = RndW'(tetra_pkg::RoundHalfAway);
  localparam logic [RndW-1:0] Tflite = RndW'(tetra_pkg::RoundTflite);
  localparam logic [FormW-1:0] NoRes = FormW'(tetra_pkg::ResFormNone);
  localparam logic [FormW-1:0] Separate = FormW'(tetra_pkg::ResFormSeparate);
  localparam logic [FormW-1:0] Pre = FormW'(tetra_pkg::ResFormPre);

  // A channel's record, and the shifts in its last word.
  localparam int RecordW = 8 * tetra_pkg::ParamBytes;
  localparam int ShiftW = tetra_pkg::ParamShiftW;
  localparam int SLsb = tetra_pkg::ParamSLsb;
  localparam int SrLsb = tetra_pkg::ParamSrLsb;
  localparam int LrLsb = tetra_pkg::ParamLrLsb;
  localparam int FracLsb = tetra_pkg::ParamFracLsb;
  localparam int FracW = 32 - FracLsb;
  localparam int FracShift = tetra_pkg::ParamFracShift;
  localparam int PreShift = 11;          // RES_PRE's first rounding
  localparam logic [63:0] Ones = '1;

  // ---- Rounding ----
  // A shift by s: {first of two roundings (at bit 31), nothing falls out, s - 1}.
  localparam int AmountW = ShiftW + 2;
  function automatic logic [AmountW-1:0] amount(input logic [ShiftW-1:0] s, input logic twice);
    amount = {twice, s == '0, s == '0 ? s : s - 1'b1};
  endfunction

  // The residual's: Sr (SEPARATE), r behind the 11 bits that fall out first (RES_PRE), or none (JOINT shifts it left).
  function automatic logic [AmountW-1:0] res_amount(input logic [ShiftW-1:0] sr, input logic [FormW-1:0] form,
                                                    input logic twice);
    res_amount = form == Separate ? amount(sr, twice && sr[ShiftW-1]) :
                 form == Pre ? {2'b00, sr + ShiftW'(PreShift - 1)} : {2'b01, {ShiftW{1'b0}}};
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
    logic signed [63:0] y;
    logic               none;
    none = sh[ShiftW];
    y    = none ? x <<< 1 : x >>> sh[ShiftW-1:0];
    round_shift = {y[63:1], round_up(y[0], (x & ~(Ones << sh[ShiftW-1:0])) != '0, y[1], x[63], sh[AmountW-1], mode)};
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
  // of 10 bits is beyond every code; so is one whose floor has more than 41 bits (with nothing falling out, 42), because
  // the residual of SEPARATE, less than 2^39, cannot bring it back.
  localparam int FloorW = 42;
  localparam int TotalW = FloorW + 2;     // with the bit below the floor, and the sum's carry
  function automatic logic [11:0] shift_sum(input logic signed [63:0] sum, input logic [AmountW-1:0] sh,
                                                   input logic signed [63:0] add, input logic [3:0] mode);
    logic signed [63:0] x, y, sign;
    logic               over;
    x    = sum & ~below_unit(1'b0, sh[AmountW-1]);
    sign = x >>> 63;
    over = ((x ^ sign) & ((Ones << sh[ShiftW-1:0]) << (FloorW - 1))) != '0;
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
  // A residual code minus its zero point is in -255..255, whatever its format: a multiplier of 9 x 32 bits is enough.
  function automatic logic signed [63:0] scale_residual(input logic signed [8:0] res, input logic signed [31:0] mr,
                                                        input logic signed [63:0] half);
    scale_residual = 64'($signed(41'(64'(res) * 64'(mr) + half)));
  endfunction

  // F: the record's signed fraction of the bias, whose two lowest bits are the top bits of Mr and M, in the unit of acc*M.
  function automatic logic signed [31:0] fraction(input logic [FracW-1:0] high, input logic mr_top, input logic m_top);
    fraction = {high[FracW-1], high, mr_top, m_top, {FracShift{1'b0}}};
  endfunction

  // What is added to the product beside F: the residual shifted by Lr (JOINT), or F itself shifted by La (RES_PRE).
  // SEPARATE's residual passes through beside it.
  function automatic logic signed [63:0] addend(input logic signed [31:0] frac, input logic signed [63:0] res,
                                                input logic [ShiftW-1:0] shift, input logic [FormW-1:0] form);
    addend = form == Separate ? res : form == NoRes ? 64'sd0 : (form == Pre ? 64'(frac) : res >>> 1) <<< shift;
  endfunction
  // F, where it is not shifted, and half a unit at bit 31 where rounding comes twice.
  function automatic logic signed [31:0] addend_f(input logic signed [31:0] frac, input logic pre, input logic twice);
    addend_f = (pre ? 32'sd0 : frac) + {1'b0, twice, 30'b0};
  endfunction

  // The product in three parts, of 9, 11 and 11 bits of the multiplier.
  localparam int LowW = 9;
  localparam int MidW = 11;
  function automatic logic signed [63:0] part(input logic signed [31:0] acc, input logic [10:0] m);
    part = 64'(acc) * 64'($signed({1'b0, m}));
  endfunction
  function automatic logic signed [63:0] low_part(input logic signed [31:0] acc, input logic [LowW-1:0] m,
                                                  input logic signed [31:0] f);
    low_part = 64'($signed((33 + LowW)'(64'(acc) * 64'($signed({1'b0, m})) + 64'(f))));
  endfunction

  // Control of the stages behind the inputs.
  localparam int Stages = 8;
  // Where a stage stands still, so does its predecessor, or one cycle later: what it makes of it does not change, and an
  // enable saves nothing but the simulator's work. In hardware it costs a multiplexer a bit, so the first stage and what
  // halves meet in have one only.
`ifdef SYNTHESIS
  localparam logic Always = 1'b1;
`else
  localparam logic Always = 1'b0;
`endif
  logic [Stages:1] v_q, e_q;
  logic [6:1]      h_q;

  // Lane state by stage: accumulator, multiplier, shifts, fraction; residual and what becomes of it.
  logic signed [31:0] acc1_q [N], res1_q [N], m1_q [N], mr1_q [N], sh1_q [N], frac1_q [N];
  logic signed [31:0] acc2_q [N], m2_q [N], sh2_q [N], frac2_q [N];
  logic signed [31:0] acc3_q [N], m3_q [N], sh3_q [N], frac3_q [N];
  logic signed [63:0] rm2_q [N], rm3_q [N];
  logic [AmountW-1:0] rs2_q [N], s5_q [N];
  logic [ShiftW-1:0]  s4_q [N];
  logic signed [63:0] p4_q [N], q4_q [N], r4_q [N], add4_q [N];
  logic signed [63:0] x5_q [N], add5_q [N];
  logic        [31:0] y6_q [N];
  logic signed [31:0] code_d [N];
  logic               sat7_q [N];

  // Configuration of the row in each stage: form and rounding as far as they are needed, the output's format.
  localparam int OutW = 2 + 3 * 8;       // 4 bits, signed; zero point, smallest and largest code
  localparam int CfgW = FormW + RndW + OutW;
  logic [CfgW-1:0]  cfg1_q, cfg2_q, cfg3_q, cfg4_q;
  logic [CfgW-FormW-1:0] cfg5_q;
  logic [FormW-1:0] form1, form2, form3, form4;
  logic [RndW-1:0]  rnd2, rnd5;
  logic             twice1, twice3, twice4, pre2;
  assign form1  = cfg1_q[CfgW-1 -: FormW];
  assign form2  = cfg2_q[CfgW-1 -: FormW];
  assign form3  = cfg3_q[CfgW-1 -: FormW];
  assign form4  = cfg4_q[CfgW-1 -: FormW];
  assign rnd2   = cfg2_q[OutW +: RndW];
  assign rnd5   = cfg5_q[OutW +: RndW];
  assign twice1 = cfg1_q[OutW +: RndW] == Tflite;
  assign twice3 = cfg3_q[OutW +: RndW] == Tflite;
  assign twice4 = cfg4_q[OutW +: RndW] == Tflite;
  assign pre2   = form2 == Pre;

  // The output's bounds and zero point as numbers.
  logic               bits4_4, sgn4, bits4_5, sgn5, bits4_6_q, count_lo_6_q;
  logic [7:0]         zp4, zp5, lo5, hi5;
  logic signed [9:0]  lo_6_q, hi_6_q;
  assign {bits4_4, sgn4, zp4} = cfg4_q[OutW-1:16];
  assign {bits4_5, sgn5, zp5, lo5, hi5} = cfg5_q[OutW-1:0];

  // Wires of the process below.
  logic signed [31:0] zp, res_zp;
  logic signed [9:0]  lo, hi;
  logic        [63:0] sep;
  logic        [3:0]  mode;

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

  logic [4*N-1:0] low_half_q;      // half 0's nibbles, waiting for half 1
  logic [4*N-1:0] nibbles_d;
  logic [8*N-1:0] word7_q, word8_q;
  logic [7:0]     sat_d, sat8_q, sat9_q;
  logic           sat_v_q;

  // Codes side by side. In functions, whose loop variables and results are local.
  function automatic logic [8*N-1:0] bytes();
    for (int unsigned w = 0; w < N / 4; w++)
      bytes[w*32 +: 32] = {code_d[w*4+3][7:0], code_d[w*4+2][7:0], code_d[w*4+1][7:0], code_d[w*4][7:0]};
  endfunction
  function automatic logic [4*N-1:0] nibbles();
    for (int unsigned w = 0; w < N / 4; w++)
      nibbles[w*16 +: 16] = {code_d[w*4+3][3:0], code_d[w*4+2][3:0], code_d[w*4+1][3:0], code_d[w*4][3:0]};
  endfunction

  assign empty_o = v_q == '0 && !valid_o && !valid_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      v_q     <= '0;
      h_q     <= '0;
      e_q     <= '0;
      valid_o <= 1'b0;
      sat_v_q <= 1'b0;
    end else begin
      v_q     <= {v_q[Stages-1:1], valid_i};
      h_q     <= {h_q[5:1], half_i};
      e_q     <= {e_q[Stages-1:1], word_end_i};
      valid_o <= v_q[Stages] && e_q[Stages];
      sat_v_q <= v_q[Stages];
    end
  end

  always_ff @(posedge clk_i) begin
    // Two stages more than the work takes, because what waits for the requantizer counts on its nine.
    sat_o <= sat_v_q ? sat9_q : 8'd0;
    if (v_q[8] || Always) begin
      data_o <= word8_q;
      sat9_q <= sat8_q;
    end
    // Stage 8: count.
    if (v_q[7] || Always) begin
      word8_q <= word7_q;
      sat_d   = 8'd0;
      for (int unsigned l = 0; l < N; l++) sat_d = sat_d + 8'(sat7_q[l]);
      sat8_q  <= sat_d;
    end
    // Stage 7: clamp, pack.
    if (v_q[6]) begin
      for (int unsigned l = 0; l < N; l++) code_d[l] = clamp(y6_q[l][11:0], lo_6_q, hi_6_q);
      for (int unsigned l = 0; l < N; l++) sat7_q[l] = clamped(y6_q[l][11:0], lo_6_q, hi_6_q, count_lo_6_q);
      nibbles_d = nibbles();
      if (!h_q[6]) low_half_q <= nibbles_d;
      word7_q <= !bits4_6_q ? bytes() : h_q[6] ? {nibbles_d, low_half_q} : {{4*N{1'b0}}, nibbles_d};
    end
    // Stage 6: shift, round, add zero point and SEPARATE's residual.
    if (v_q[5] || Always) begin
      lo           = 10'(extend(lo5, bits4_5, sgn5));
      hi           = 10'(extend(hi5, bits4_5, sgn5));
      bits4_6_q    <= bits4_5;
      lo_6_q       <= lo;
      hi_6_q       <= hi;
      count_lo_6_q <= lo != 10'(extend(zp5, bits4_5, sgn5));      // a ReLU's lower clamp is no loss
      mode         = round_mode(rnd5);
      for (int unsigned l = 0; l < N; l++) y6_q[l] = 32'(shift_sum(x5_q[l], s5_q[l], add5_q[l], mode));
    end
    // Stage 5: add up.
    if (v_q[4] || Always) begin
      cfg5_q <= cfg4_q[CfgW-FormW-1:0];
      sep    = {64{form4 == Separate}};
      zp     = extend(zp4, bits4_4, sgn4);
      for (int unsigned l = 0; l < N; l++)
        x5_q[l] = p4_q[l] + (q4_q[l] <<< LowW) + (r4_q[l] <<< (LowW + MidW)) + (add4_q[l] & ~sep);
      for (int unsigned l = 0; l < N; l++) add5_q[l] = add_rounded(add4_q[l] & sep, 64'(zp)) >>> 1;
      for (int unsigned l = 0; l < N; l++) s5_q[l] = amount(s4_q[l], twice4 & s4_q[l][ShiftW-1]);
    end
    // Stage 4: multiply; beside it what is added to the product.
    if (v_q[3] || Always) begin
      cfg4_q <= cfg3_q;
      for (int unsigned l = 0; l < N; l++)
        p4_q[l] = low_part(acc3_q[l], m3_q[l][LowW-1:0],
                           addend_f(frac3_q[l], form3 == Pre, twice3 & sh3_q[l][SLsb+ShiftW-1]));
      for (int unsigned l = 0; l < N; l++) q4_q[l] = part(acc3_q[l], m3_q[l][LowW +: MidW]);
      for (int unsigned l = 0; l < N; l++) r4_q[l] = part(acc3_q[l], m3_q[l][LowW+MidW +: MidW]);
      for (int unsigned l = 0; l < N; l++)
        add4_q[l] = addend(frac3_q[l], rm3_q[l], sh3_q[l][LrLsb +: ShiftW], form3);
      for (int unsigned l = 0; l < N; l++) s4_q[l] = sh3_q[l][SLsb +: ShiftW];
    end
    // Stage 3: shift the residual; round it into the accumulator, in front of the scale (RES_PRE).
    if (v_q[2] || Always) begin
      cfg3_q <= cfg2_q;
      mode   = round_mode(pre2 ? HalfAway : rnd2);
      if (form2 != NoRes || Always)
        for (int unsigned l = 0; l < N; l++) rm3_q[l] = shift_residual(rm2_q[l], rs2_q[l], pre2, mode);
      for (int unsigned l = 0; l < N; l++) acc3_q[l] = acc2_q[l];
      if (pre2) for (int unsigned l = 0; l < N; l++) acc3_q[l] = 32'(add_rounded(rm3_q[l], 64'(acc2_q[l])) >>> 1);
      for (int unsigned l = 0; l < N; l++) m3_q[l] = m2_q[l];
      for (int unsigned l = 0; l < N; l++) sh3_q[l] = sh2_q[l];
      for (int unsigned l = 0; l < N; l++) frac3_q[l] = frac2_q[l];
    end
    // Stage 2: scale the residual; shift the accumulator (RES_PRE).
    if (v_q[1] || Always) begin
      cfg2_q <= cfg1_q;
      if (form1 != NoRes || Always) begin
        for (int unsigned l = 0; l < N; l++)
          rm2_q[l] = scale_residual(res1_q[l][8:0], mr1_q[l],
                                    res_half(sh1_q[l][SrLsb +: ShiftW], form1, twice1));
        for (int unsigned l = 0; l < N; l++) rs2_q[l] = res_amount(sh1_q[l][SrLsb +: ShiftW], form1, twice1);
      end
      for (int unsigned l = 0; l < N; l++) acc2_q[l] = acc1_q[l];
      if (form1 == Pre) for (int unsigned l = 0; l < N; l++) acc2_q[l] = acc1_q[l] <<< sh1_q[l][LrLsb +: ShiftW];
      for (int unsigned l = 0; l < N; l++) m2_q[l] = m1_q[l];
      for (int unsigned l = 0; l < N; l++) sh2_q[l] = sh1_q[l];
      for (int unsigned l = 0; l < N; l++) frac2_q[l] = frac1_q[l];
    end
    // Stage 1: select the half, add the bias, unpack residual and parameters.
    if (valid_i) begin
      cfg1_q <= {res_form_i, rnd_i, bits4_i, signed_i, zp_i, lo_i, hi_i};
      for (int unsigned l = 0; l < N; l++)
        acc1_q[l] = acc_i[l*32 +: 32] + par_i[l*RecordW +: 32];
      for (int unsigned l = 0; l < N; l++) m1_q[l] = {1'b0, par_i[l*RecordW+32 +: 31]};
      for (int unsigned l = 0; l < N; l++) mr1_q[l] = {1'b0, par_i[l*RecordW+64 +: 31]};
      for (int unsigned l = 0; l < N; l++) sh1_q[l] = par_i[l*RecordW+96 +: 32];
      for (int unsigned l = 0; l < N; l++)
        frac1_q[l] = fraction(par_i[l*RecordW+96+FracLsb +: FracW], par_i[l*RecordW+95], par_i[l*RecordW+63]);
      for (int unsigned l = 0; l < N; l++) res1_q[l] = 32'sd0;
      if (res_form_i != NoRes) begin
        res_zp = extend(res_zp_i, res4_i, res_signed_i);
        if (!res4_i)
          for (int unsigned l = 0; l < N; l++) res1_q[l] = extend(res_i[l*8 +: 8], 1'b0, res_signed_i) - res_zp;
        else if (half_i)
          for (int unsigned l = 0; l < N; l++)
            res1_q[l] = extend({4'b0, res_i[N*4+l*4 +: 4]}, 1'b1, res_signed_i) - res_zp;
        else
          for (int unsigned l = 0; l < N; l++)
            res1_q[l] = extend({4'b0, res_i[l*4 +: 4]}, 1'b1, res_signed_i) - res_zp;
      end
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (valid_i) begin
        begin : ModeExists assert (32'(rnd_i) <= tetra_pkg::RoundLast); end
        begin : BytesAreWholeWords assert (bits4_i || word_end_i); end
        begin : BusyIsNotEmpty assert (!empty_o); end
      end
    end
  end
endmodule
