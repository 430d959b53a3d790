/// Requantizer: N lanes, one output code a lane and cycle. Bias, residual, multiply, round, clamp, pack.
///
/// Latency: inputs in the cycle after issue_i (valid_i); the packed word leaves 6 cycles after valid_i. No
/// backpressure: the drain sequencer issues only what the FIFO behind can take. Formulas: docs/numerics.md.
/// The configuration (res_form_i to hi_i) belongs to the row and may change with every word.
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
  /// codes that the clamp changed in this cycle
  output logic [7:0]       sat_o
);

  // Modes and forms in the width of their fields.
  localparam int RndW = tetra_pkg::StoreOut0RndW;
  localparam int FormW = tetra_pkg::StoreResFormW;
  localparam logic [RndW-1:0] Floor = RndW'(tetra_pkg::RoundFloor);
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
  localparam int FracLsb = tetra_pkg::ParamFracLsb;
  localparam int FracW = 32 - FracLsb;
  localparam int FracShift = tetra_pkg::ParamFracShift;

  // R(x, s): x / 2^s rounded. |x| <= 2^62, so that adding half cannot overflow.
  function automatic logic signed [63:0] round_shift(input logic signed [63:0] x, input logic [ShiftW-1:0] s,
                                                     input logic [RndW-1:0] mode);
    logic signed [63:0] v, half, odd, adj;
    logic        [5:0]  sh;
    logic               twice;
    twice = mode == Tflite && s > 6'd31;
    v     = twice ? (x + 64'sd1073741824) >>> 31 : x;
    sh    = twice ? s - 6'd31 : s;
    half  = sh == 6'd0 ? 64'sd0 : 64'sd1 <<< (sh - 6'd1);
    odd   = (v >>> sh) & 64'sd1;
    adj   = (mode == Floor || sh == 6'd0) ? 64'sd0 :
            (mode == HalfEven) ? half - 64'sd1 + odd :
            (mode == HalfAway || twice) ? half - 64'(v[63]) : half;
    round_shift = (v + adj) >>> sh;
  endfunction

  // RES_PRE: (acc << La) + R_half_away((res*Mr + 2^10) >> 11, r), in 32 bits.
  function automatic logic signed [31:0] pre_add(input logic signed [31:0] acc, input logic signed [63:0] rm,
                                                 input logic [ShiftW-1:0] r, input logic [ShiftW-1:0] la);
    pre_add = (acc <<< la) + 32'(round_shift((rm + 64'sd1024) >>> 11, r, HalfAway));
  endfunction

  // A code of `bits4 ? 4 : 8` bits, extended.
  function automatic logic signed [31:0] extend(input logic [7:0] code, input logic bits4, input logic sgn);
    logic [7:0] low, msb;
    msb    = !sgn ? 8'h00 : bits4 ? 8'h08 : 8'h80;
    low    = bits4 ? {4'b0, code[3:0]} : code;
    low    = low ^ msb;
    extend = {24'b0, low} - {24'b0, msb};
  endfunction

  // A residual code minus its zero point is in -255..255, whatever its format: a multiplier of 9 x 32 bits is enough.
  function automatic logic signed [63:0] scale_residual(input logic signed [8:0] res, input logic signed [31:0] mr);
    scale_residual = 64'(res) * 64'(mr);
  endfunction

  // F: the record's signed fraction of the bias, whose two lowest bits are the top bits of Mr and M, in the unit of acc*M.
  function automatic logic signed [31:0] fraction(input logic [FracW-1:0] high, input logic mr_top, input logic m_top);
    fraction = {high[FracW-1], high, mr_top, m_top, {FracShift{1'b0}}};
  endfunction

  // What is added to the product acc*M: F, with the residual shifted by Lr (JOINT), or itself shifted by La (RES_PRE).
  function automatic logic signed [63:0] addend(input logic signed [31:0] frac, input logic signed [63:0] rm,
                                                input logic [ShiftW-1:0] shift, input logic [FormW-1:0] form);
    addend = form == Joint ? 64'(frac) + (rm <<< shift) : form == Pre ? 64'(frac) <<< shift : 64'(frac);
  endfunction

  // Control of the five stages behind the inputs.
  logic [5:1] v_q, h_q, e_q;

  // Lane state by stage.
  logic signed [31:0] acc1_q [N], res1_q [N], m1_q [N], mr1_q [N], sh1_q [N], frac1_q [N];
  logic signed [31:0] acc2_q [N], m2_q [N], sh2_q [N], frac2_q [N];
  logic signed [63:0] rm2_q [N];
  logic signed [31:0] acc3_q [N], m3_q [N], sh3_q [N], frac3_q [N];
  logic signed [63:0] rm3_q [N];
  logic signed [63:0] prod4_q [N], add4_q [N], rm4_q [N];
  logic signed [31:0] sh4_q [N];
  logic signed [63:0] y5_q [N];
  logic signed [31:0] code_d [N];
  logic signed [31:0] satn_d [N];

  // Configuration of the row in each stage.
  localparam int OutW = 2 + 3 * 8;       // 4 bits, signed; zero point, smallest and largest code
  localparam int CfgW = FormW + RndW + OutW;
  logic [CfgW-1:0]  cfg1_q, cfg2_q, cfg3_q, cfg4_q;
  logic [OutW-1:0]  cfg5_q;              // without form and rounding
  logic [FormW-1:0] form2, form3, form4;
  logic [RndW-1:0]  rnd4;
  logic             bits4_4, bits4_5, sgn4, sgn5;
  logic [7:0]       zp4, zp5, lo5, hi5;
  assign form2 = cfg2_q[CfgW-1 -: FormW];
  assign form3 = cfg3_q[CfgW-1 -: FormW];
  assign {form4, rnd4, bits4_4, sgn4, zp4} = cfg4_q[CfgW-1:16];
  assign {bits4_5, sgn5, zp5, lo5, hi5}    = cfg5_q;

  // Wires of the process below.
  logic signed [31:0] zp, lo, hi, res_zp;
  logic               count_lo;

  function automatic logic signed [31:0] clamp(input logic signed [63:0] y, input logic signed [31:0] lo_f,
                                               input logic signed [31:0] hi_f);
    clamp = y < 64'(lo_f) ? lo_f : y > 64'(hi_f) ? hi_f : y[31:0];
  endfunction

  function automatic logic signed [31:0] clamped(input logic signed [63:0] y, input logic signed [31:0] lo_f,
                                                 input logic signed [31:0] hi_f, input logic lo_counts);
    clamped = 32'((y < 64'(lo_f) && lo_counts) || y > 64'(hi_f));
  endfunction

  logic [4*N-1:0] low_half_q;      // half 0's nibbles, waiting for half 1
  logic [4*N-1:0] nibbles_d;
  logic [7:0]     sat_d;

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
    end else begin
      v_q     <= {v_q[4:1], valid_i};
      h_q     <= {h_q[4:1], half_i};
      e_q     <= {e_q[4:1], word_end_i};
      valid_o <= v_q[5] && e_q[5];
    end
  end

  always_ff @(posedge clk_i) begin
    // Stage 6: clamp, count, pack.
    sat_o <= 8'd0;
    if (v_q[5]) begin
      lo       = extend(lo5, bits4_5, sgn5);
      hi       = extend(hi5, bits4_5, sgn5);
      count_lo = lo != extend(zp5, bits4_5, sgn5);      // a ReLU's lower clamp is no loss
      for (int unsigned l = 0; l < N; l++) code_d[l] = clamp(y5_q[l], lo, hi);
      for (int unsigned l = 0; l < N; l++) satn_d[l] = clamped(y5_q[l], lo, hi, count_lo);
      sat_d = 8'd0;
      for (int unsigned l = 0; l < N; l++) sat_d = sat_d + satn_d[l][7:0];
      sat_o <= sat_d;
      nibbles_d = nibbles();
      if (!h_q[5]) low_half_q <= nibbles_d;
      data_o <= !bits4_5 ? bytes() : h_q[5] ? {nibbles_d, low_half_q} : {{4*N{1'b0}}, nibbles_d};
    end
    // Stage 5: fraction and residual of the joint form, round, second rounding, zero point.
    if (v_q[4]) begin
      cfg5_q <= cfg4_q[OutW-1:0];
      zp     = extend(zp4, bits4_4, sgn4);
      for (int unsigned l = 0; l < N; l++)
        y5_q[l] = 64'(zp) + round_shift(prod4_q[l] + add4_q[l], sh4_q[l][SLsb +: ShiftW], rnd4);
      if (form4 == Separate)
        for (int unsigned l = 0; l < N; l++) y5_q[l] = y5_q[l] + round_shift(rm4_q[l], sh4_q[l][SrLsb +: ShiftW], rnd4);
    end
    // Stage 4: scale; beside it what is added to the product.
    if (v_q[3]) begin
      cfg4_q <= cfg3_q;
      for (int unsigned l = 0; l < N; l++) prod4_q[l] = 64'(acc3_q[l]) * 64'(m3_q[l]);
      for (int unsigned l = 0; l < N; l++)
        add4_q[l] = addend(frac3_q[l], rm3_q[l], sh3_q[l][LrLsb +: ShiftW], form3);
      for (int unsigned l = 0; l < N; l++) rm4_q[l] = rm3_q[l];
      for (int unsigned l = 0; l < N; l++) sh4_q[l] = sh3_q[l];
    end
    // Stage 3: residual before the scale (RES_PRE).
    if (v_q[2]) begin
      cfg3_q <= cfg2_q;
      for (int unsigned l = 0; l < N; l++) acc3_q[l] = acc2_q[l];
      if (form2 == Pre)
        for (int unsigned l = 0; l < N; l++)
          acc3_q[l] = pre_add(acc2_q[l], rm2_q[l], sh2_q[l][SrLsb +: ShiftW], sh2_q[l][LrLsb +: ShiftW]);
      for (int unsigned l = 0; l < N; l++) rm3_q[l] = rm2_q[l];
      for (int unsigned l = 0; l < N; l++) m3_q[l] = m2_q[l];
      for (int unsigned l = 0; l < N; l++) sh3_q[l] = sh2_q[l];
      for (int unsigned l = 0; l < N; l++) frac3_q[l] = frac2_q[l];
    end
    // Stage 2: scale the residual.
    if (v_q[1]) begin
      cfg2_q <= cfg1_q;
      for (int unsigned l = 0; l < N; l++) rm2_q[l] = scale_residual(res1_q[l][8:0], mr1_q[l]);
      for (int unsigned l = 0; l < N; l++) acc2_q[l] = acc1_q[l];
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
