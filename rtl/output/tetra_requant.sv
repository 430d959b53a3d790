/// Requantizer: rows of N columns, one output code a lane and cycle. Bias, residual, multiply, round, clamp, pack.
///
/// A row takes RowCycles cycles: N / RowCycles lanes work on its first part, in the next cycle on the second. As long
/// there is no other row, and all inputs but valid_i and res_i stay as they are.
/// Latency: inputs in the cycle after issue_i (valid_i); the packed word leaves 9 cycles after valid_i, the number of
/// codes clamped in its row one cycle later. No backpressure: the drain sequencer issues only what the FIFO behind can
/// take. Formulas: docs/numerics.md; a lane's arithmetic: tetra_requant.svh.
/// The configuration (res_form_i to hi_i) belongs to the row and may change with every word.
///
/// The pipeline's lanes are private to one process, its stages walked from the last to the first, so that each
/// reads what its predecessor left in the cycle before.
module tetra_requant #(
  /// columns
  parameter int N = 0,
  /// cycles of a row, 1 or 2
  parameter int RowCycles = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  /// accumulators, parameters and residual are here
  input  logic             valid_i,
  /// tile half of this row
  input  logic             half_i,
  /// this row completes a word
  input  logic             word_end_i,
  /// accumulators, 32 bits a column
  input  logic [32*N-1:0]  acc_i,
  /// parameter records, 128 bits a column: bias, M, Mr, shifts and fraction
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

  localparam int Lanes = N / RowCycles;
  // Control of the stages behind the inputs: something is in it, it ends a row, it ends a row that completes a word.
  localparam int Stages = 9 - RowCycles;
  // Where a stage stands still, so does its predecessor, or one cycle later: what it makes of it does not change, and an
  // enable saves nothing but the simulator's work. In hardware it costs a multiplexer a bit, so the first stage and what
  // halves meet in have one only.
`ifdef SYNTHESIS
  localparam logic Always = 1'b1;
`else
  localparam logic Always = 1'b0;
`endif
  logic [Stages:1] v_q, r_q, e_q;
  logic [6:1]      h_q;

  // The part of a row that is at the inputs: its first, in the cycle of valid_i, or its second.
  logic second, go;
  if (RowCycles == 2) begin : gen_parts
    logic second_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) second_q <= 1'b0;
      else second_q <= valid_i;
    end
    assign second = second_q;
  end else begin : gen_whole
    assign second = 1'b0;
  end
  assign go = valid_i || second;

  // A lane's inputs. The residual's buffer may have another reader by now, so its word is kept.
  logic [8*N-1:0] kept_res_q, res;
  assign res = second ? kept_res_q : res_i;
  function automatic logic [31:0] acc(input int unsigned l);
    acc = second ? acc_i[(N-Lanes+l)*32 +: 32] : acc_i[l*32 +: 32];
  endfunction
  function automatic logic [31:0] par(input int unsigned l, input int unsigned word);
    par = second ? par_i[(N-Lanes+l)*RecordW + word*32 +: 32] : par_i[l*RecordW + word*32 +: 32];
  endfunction
  function automatic logic [7:0] res8(input int unsigned l);
    res8 = second ? res[(N-Lanes+l)*8 +: 8] : res[l*8 +: 8];
  endfunction
  function automatic logic [7:0] res4(input int unsigned l, input int unsigned half);
    res4 = {4'b0, second ? res[(half*N+N-Lanes+l)*4 +: 4] : res[(half*N+l)*4 +: 4]};
  endfunction

  // Lane state by stage: accumulator, multiplier, shifts, fraction; residual and what becomes of it.
  logic signed [31:0] acc1_q [Lanes], res1_q [Lanes], m1_q [Lanes], mr1_q [Lanes], sh1_q [Lanes], frac1_q [Lanes];
  logic signed [31:0] acc2_q [Lanes], m2_q [Lanes], sh2_q [Lanes], frac2_q [Lanes];
  logic signed [31:0] acc3_q [Lanes], m3_q [Lanes], sh3_q [Lanes], frac3_q [Lanes];
  logic signed [63:0] rm2_q [Lanes], rm3_q [Lanes];
  logic [AmountW-1:0] rs2_q [Lanes], s5_q [Lanes];
  logic [ShiftW-1:0]  s4_q [Lanes];
  logic signed [63:0] p4_q [Lanes], add4_q [Lanes];
  logic signed [63:0] x5_q [Lanes], add5_q [Lanes];
  logic        [31:0] y6_q [Lanes];
  logic signed [31:0] code_d [N];      // the last part's on top, above the one before
  logic               sat7_q [Lanes];

  // Configuration of the row in each stage: form and rounding as far as they are needed, the output's format.
  localparam int OutW = 2 + 3 * 8;       // 4 bits, signed; zero point, smallest and largest code
  localparam int CfgW = FormW + RndW + OutW;
  logic [CfgW-1:0]  cfg1_q, cfg2_q, cfg3_q;
  logic [CfgW-FormW-1:0] cfg4_q, cfg5_q;
  logic [FormW-1:0] form1, form2, form3;
  logic [RndW-1:0]  rnd2, rnd5;
  logic             twice1, twice3, twice4, pre2;
  assign form1  = cfg1_q[CfgW-1 -: FormW];
  assign form2  = cfg2_q[CfgW-1 -: FormW];
  assign form3  = cfg3_q[CfgW-1 -: FormW];
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

  // Where what is beside the product goes, a register each, because much hangs on both: to its floor (SEPARATE), or into
  // its sum. Where there is no residual there is nothing beside it.
  logic               to_floor4_q, to_sum4_q;

  // Wires of the process below.
  logic signed [31:0] zp, res_zp;
  logic signed [9:0]  lo, hi;
  logic        [3:0]  mode;

  logic [4*N-1:0] low_half_q;      // half 0's nibbles, waiting for half 1
  logic [4*N-1:0] nibbles_d;
  logic [8*N-1:0] word7_q, word8_q;
  logic [7:0]     sat_d, first_sat_q, sat8_q, sat9_q;
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
      r_q     <= '0;
      h_q     <= '0;
      e_q     <= '0;
      valid_o <= 1'b0;
      sat_v_q <= 1'b0;
    end else begin
      v_q     <= {v_q[Stages-1:1], go};
      r_q     <= {r_q[Stages-1:1], RowCycles == 2 ? second : valid_i};
      h_q     <= {h_q[5:1], half_i};
      e_q     <= {e_q[Stages-1:1], word_end_i};
      valid_o <= r_q[Stages] && e_q[Stages];
      sat_v_q <= r_q[Stages];
    end
  end

  always_ff @(posedge clk_i) begin
    // What waits for the requantizer counts on its nine cycles. With a row a cycle the work takes one less.
    sat_o <= sat_v_q ? (RowCycles == 1 ? sat9_q : sat8_q) : 8'd0;
    if (v_q[Stages] || Always) begin
      data_o <= RowCycles == 1 ? word8_q : word7_q;
      sat9_q <= sat8_q;
    end
    // Stage 8: count.
    if (v_q[7] || Always) begin
      word8_q <= word7_q;
      sat_d   = 8'd0;
      for (int unsigned l = 0; l < Lanes; l++) sat_d = sat_d + 8'(sat7_q[l]);
      sat8_q  <= RowCycles == 1 ? sat_d : sat_d + first_sat_q;
      first_sat_q <= sat_d;
    end
    // Stage 7: clamp, pack.
    if (v_q[6]) begin
      for (int l = 0; l < N - Lanes; l++) code_d[l] = code_d[l+Lanes];
      for (int unsigned l = 0; l < Lanes; l++) code_d[N-Lanes+l] = clamp(y6_q[l][11:0], lo_6_q, hi_6_q);
      for (int unsigned l = 0; l < Lanes; l++) sat7_q[l] = clamped(y6_q[l][11:0], lo_6_q, hi_6_q, count_lo_6_q);
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
      for (int unsigned l = 0; l < Lanes; l++) y6_q[l] = 32'(shift_sum(x5_q[l], s5_q[l], add5_q[l], mode));
    end
    // Stage 5: add up.
    if (v_q[4] || Always) begin
      cfg5_q <= cfg4_q;
      zp     = extend(zp4, bits4_4, sgn4);
      for (int unsigned l = 0; l < Lanes; l++)
        x5_q[l] = p4_q[l] + (add4_q[l] & {64{to_sum4_q}});
      for (int unsigned l = 0; l < Lanes; l++) add5_q[l] = add_rounded(add4_q[l] & {64{to_floor4_q}}, 64'(zp)) >>> 1;
      for (int unsigned l = 0; l < Lanes; l++) s5_q[l] = amount(s4_q[l], twice4 & s4_q[l][ShiftW-1]);
    end
    // Stage 4: multiply; beside it what is added to the product, or to its floor (SEPARATE).
    if (v_q[3] || Always) begin
      cfg4_q <= cfg3_q[CfgW-FormW-1:0];
      for (int unsigned l = 0; l < Lanes; l++)
        p4_q[l] = scale(acc3_q[l], m3_q[l], addend_f(frac3_q[l], form3 == Pre, twice3 & sh3_q[l][SLsb+ShiftW-1]));
      for (int unsigned l = 0; l < Lanes; l++)
        add4_q[l] = addend(frac3_q[l], rm3_q[l], sh3_q[l][LrLsb +: LrW], form3);
      to_floor4_q <= form3 == Separate;
      to_sum4_q   <= form3 == Joint || form3 == Pre;
      for (int unsigned l = 0; l < Lanes; l++) s4_q[l] = sh3_q[l][SLsb +: ShiftW];
    end
    // Stage 3: shift the residual; round it into the accumulator, in front of the scale (RES_PRE).
    if (v_q[2] || Always) begin
      cfg3_q <= cfg2_q;
      mode   = round_mode(pre2 ? HalfAway : rnd2);
      if (form2 != NoRes || Always)
        for (int unsigned l = 0; l < Lanes; l++) rm3_q[l] = shift_residual(rm2_q[l], rs2_q[l], pre2, mode);
      for (int unsigned l = 0; l < Lanes; l++) acc3_q[l] = acc2_q[l];
      if (pre2) for (int unsigned l = 0; l < Lanes; l++) acc3_q[l] = 32'(add_rounded(rm3_q[l], 64'(acc2_q[l])) >>> 1);
      for (int unsigned l = 0; l < Lanes; l++) m3_q[l] = m2_q[l];
      for (int unsigned l = 0; l < Lanes; l++) sh3_q[l] = sh2_q[l];
      for (int unsigned l = 0; l < Lanes; l++) frac3_q[l] = frac2_q[l];
    end
    // Stage 2: scale the residual; shift the accumulator (RES_PRE).
    if (v_q[1] || Always) begin
      cfg2_q <= cfg1_q;
      if (form1 != NoRes || Always) begin
        for (int unsigned l = 0; l < Lanes; l++)
          rm2_q[l] = scale_residual(res1_q[l][8:0], mr1_q[l],
                                    res_half(sh1_q[l][SrLsb +: ShiftW], form1, twice1));
        for (int unsigned l = 0; l < Lanes; l++) rs2_q[l] = res_amount(sh1_q[l][SrLsb +: ShiftW], form1, twice1);
      end
      for (int unsigned l = 0; l < Lanes; l++) acc2_q[l] = acc1_q[l];
      if (form1 == Pre) for (int unsigned l = 0; l < Lanes; l++) acc2_q[l] = acc1_q[l] <<< sh1_q[l][LrLsb +: LrW];
      for (int unsigned l = 0; l < Lanes; l++) m2_q[l] = m1_q[l];
      for (int unsigned l = 0; l < Lanes; l++) sh2_q[l] = sh1_q[l];
      for (int unsigned l = 0; l < Lanes; l++) frac2_q[l] = frac1_q[l];
    end
    // Stage 1: select the half, add the bias, unpack residual and parameters.
    if (valid_i && RowCycles == 2) kept_res_q <= res_i;
    if (go) begin
      cfg1_q <= {res_form_i, rnd_i, bits4_i, signed_i, zp_i, lo_i, hi_i};
      for (int unsigned l = 0; l < Lanes; l++) acc1_q[l] = acc(l) + par(l, 0);
      for (int unsigned l = 0; l < Lanes; l++) m1_q[l] = {1'b0, 31'(par(l, 1))};
      for (int unsigned l = 0; l < Lanes; l++) mr1_q[l] = {1'b0, 31'(par(l, 2))};
      for (int unsigned l = 0; l < Lanes; l++) sh1_q[l] = par(l, 3);
      for (int unsigned l = 0; l < Lanes; l++)
        frac1_q[l] = fraction(FracW'(par(l, 3) >> FracLsb), 1'(par(l, 2) >> 31), 1'(par(l, 1) >> 31));
      for (int unsigned l = 0; l < Lanes; l++) res1_q[l] = 32'sd0;
      if (res_form_i != NoRes) begin
        res_zp = extend(res_zp_i, res4_i, res_signed_i);
        if (!res4_i)
          for (int unsigned l = 0; l < Lanes; l++) res1_q[l] = extend(res8(l), 1'b0, res_signed_i) - res_zp;
        else if (half_i)
          for (int unsigned l = 0; l < Lanes; l++) res1_q[l] = extend(res4(l, 1), 1'b1, res_signed_i) - res_zp;
        else
          for (int unsigned l = 0; l < Lanes; l++) res1_q[l] = extend(res4(l, 0), 1'b1, res_signed_i) - res_zp;
      end
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (valid_i) begin
        begin : ModeExists assert (32'(rnd_i) <= tetra_pkg::RoundLast); end
        begin : BytesAreWholeWords assert (bits4_i || word_end_i); end
        begin : BusyIsNotEmpty assert (!empty_o); end
        begin : RowsAreApart assert (!second); end
      end
    end
  end
endmodule
