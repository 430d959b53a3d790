/// Requantizer: N lanes, one output code a lane and cycle. Bias, residual, multiply, round, clamp, pack.
///
/// Latency: inputs in the cycle after issue_i (valid_i); the packed word leaves 9 cycles after valid_i, the number of
/// codes clamped in its row one cycle later. No backpressure: the drain sequencer issues only what the FIFO behind can
/// take. Formulas: docs/numerics.md; a lane's arithmetic: tetra_requant.svh.
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
  /// codes that the clamp changed, one cycle after their row's word would leave
  output logic [7:0]       sat_o
);

`include "tetra_requant.svh"

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
  logic signed [63:0] p4_q [N], add4_q [N];
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
        x5_q[l] = p4_q[l] + (add4_q[l] & ~sep);
      for (int unsigned l = 0; l < N; l++) add5_q[l] = add_rounded(add4_q[l] & sep, 64'(zp)) >>> 1;
      for (int unsigned l = 0; l < N; l++) s5_q[l] = amount(s4_q[l], twice4 & s4_q[l][ShiftW-1]);
    end
    // Stage 4: multiply; beside it what is added to the product.
    if (v_q[3] || Always) begin
      cfg4_q <= cfg3_q;
      for (int unsigned l = 0; l < N; l++)
        p4_q[l] = scale(acc3_q[l], m3_q[l], addend_f(frac3_q[l], form3 == Pre, twice3 & sh3_q[l][SLsb+ShiftW-1]));
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
