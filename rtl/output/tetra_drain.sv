/// Drain sequencer: takes STORE commands and reads accumulators, parameters and residuals in the order of the words
/// that go to DRAM, one half row (N outputs) in RowCycles cycles; hands the write engine one descriptor a contiguous
/// segment.
///
/// Reads issued in cycle d (issue_o) are at the requantizer's inputs in cycle d + 1; the configuration (cfg_*) goes with
/// each row. Outputs follow each other without a bubble, commands with one.
/// It issues only while the write engine's data FIFO has room for everything that may be in flight.
module tetra_drain #(
  /// words in the residual buffer, a power of two
  parameter int ResWords = 0,
  /// parameter entries, a power of two
  parameter int ParEntries = 0,
  /// pixels in an accumulator buffer, a power of two
  parameter int AccPixels = 0,
  /// words in the pool's line buffer, a power of two
  parameter int PoolWords = 0,
  /// cycles that the requantizer takes for a row, 1 or 2
  parameter int RowCycles = 0
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  /// take no further command, issue nothing
  input  logic                          stop_i,
  input  logic                          cmd_valid_i,
  /// all its waits are satisfied
  input  logic                          cmd_go_i,
  input  logic [tetra_pkg::CmdBits-1:0] cmd_i,
  /// commands dispatched before it since reset, modulo 2^32
  input  logic [31:0]                   cmd_index_i,
  /// the command is taken (in this cycle)
  output logic                          cmd_ready_o,
  /// a command is being drained
  output logic                          active_o,
  /// STOREs whose last read was issued, modulo 2^16
  output logic [15:0]                   done_drain_o,
  /// a row of N accumulators is read
  output logic                          issue_o,
  output logic                          acc_buf_o,
  /// accumulator entry
  output logic [$clog2(AccPixels)-1:0]  acc_addr_o,
  /// parameter entry
  output logic [$clog2(ParEntries)-1:0] par_addr_o,
  /// the residual buffer is read, too
  output logic                          res_re_o,
  /// residual word
  output logic [$clog2(ResWords)-1:0]   res_addr_o,
  /// the residual buffer is taken by another reader in this cycle
  input  logic                          res_stall_i,
  /// half read
  output logic                          half_o,
  /// this row completes a word
  output logic                          word_end_o,
  /// requantizer configuration, as tetra_requant has it
  output logic [1:0]                    cfg_res_form_o,
  /// residual codes have 4 bits
  output logic                          cfg_res4_o,
  /// residual codes are signed
  output logic                          cfg_res_signed_o,
  /// residual zero point
  output logic [7:0]                    cfg_res_zp_o,
  /// rounding mode
  output logic [2:0]                    cfg_rnd_o,
  /// output codes have 4 bits
  output logic                          cfg_bits4_o,
  /// output codes are signed
  output logic                          cfg_signed_o,
  /// output zero point
  output logic [7:0]                    cfg_zp_o,
  /// smallest code
  output logic [7:0]                    cfg_lo_o,
  /// largest code
  output logic [7:0]                    cfg_hi_o,
  /// output number, for the saturation counters
  output logic                          cfg_out_o,
  /// this row completes a word that passes through the pool
  output logic                          pool_valid_o,
  /// what tetra_pool does with the word, as tetra_pool_seq says
  output logic                          pool_across_o,
  output logic                          pool_open_o,
  output logic                          pool_close_o,
  output logic                          pool_down_o,
  output logic                          pool_fresh_o,
  output logic                          pool_emit_o,
  /// line-buffer word
  output logic [$clog2(PoolWords)-1:0]  pool_line_o,
  /// free words in the write engine's data FIFO
  input  logic [15:0]                   wd_space_i,
  /// a segment's descriptor
  output logic                          desc_valid_o,
  input  logic                          desc_ready_i,
  /// byte address of the segment
  output logic [31:0]                   desc_addr_o,
  /// beats, >= 1
  output logic [15:0]                   desc_beats_o,
  /// last segment of the command
  output logic                          desc_last_o,
  output logic [tetra_pkg::LayerBits-1:0] desc_layer_o,
  /// the command is its layer's last
  output logic                          desc_layer_last_o,
  /// cmd_index_i of the segment's command
  output logic [31:0]                   desc_index_o,
  /// held back by the write engine
  output logic                          stall_o
);

  localparam int AccW = $clog2(AccPixels);
  localparam int ResW = $clog2(ResWords);
  localparam int ParW = $clog2(ParEntries);
  localparam int PoolW = $clog2(PoolWords);
  // Words that may be in flight between an issue and the FIFO's count: the requantizer's depth, generously.
  localparam logic [15:0] Margin = 16'd16;

  logic [tetra_pkg::CmdBits-1:0] cmd_q;
  logic [31:0]     index_q;
  logic            active_q, run_q, out_q, half_q;
  logic [15:0]     pix_left_q, seg_left_q;
  logic [AccW-1:0] acc_q;
  logic [ResW-1:0] res_q, res_half_q;
  logic [31:0]     seg_addr_q, half_addr_q;
  logic [15:0]     done_q;

  // Fields of the command that depend on the output, or are used in several places.
  logic [31:0]                         addr0, addr1, half_stride, seg_stride;
  logic [ParW-1:0]                     par_entry;
  logic [ResW-1:0]                     res_base, res_half_stride;
  logic [tetra_pkg::StorePixelsW-1:0]  pixels;
  assign addr0       = cmd_q[tetra_pkg::StoreOut0AddrLsb +: tetra_pkg::StoreOut0AddrW];
  assign addr1       = cmd_q[tetra_pkg::StoreOut1AddrLsb +: tetra_pkg::StoreOut1AddrW];
  assign half_stride = out_q ? cmd_q[tetra_pkg::StoreOut1HalfStrideLsb +: tetra_pkg::StoreOut1HalfStrideW]
                             : cmd_q[tetra_pkg::StoreOut0HalfStrideLsb +: tetra_pkg::StoreOut0HalfStrideW];
  assign seg_stride  = cmd_q[tetra_pkg::StoreSegStrideLsb +: tetra_pkg::StoreSegStrideW];
  assign par_entry   = out_q ? cmd_q[tetra_pkg::StoreOut1ParLsb +: ParW] : cmd_q[tetra_pkg::StoreOut0ParLsb +: ParW];
  assign res_base    = cmd_q[tetra_pkg::StoreResBaseLsb +: ResW];
  assign pixels      = cmd_q[tetra_pkg::StorePixelsLsb +: tetra_pkg::StorePixelsW];
  assign res_half_stride = cmd_q[tetra_pkg::StoreResHalfStrideLsb +: ResW];

  logic       bits4, halves2, res_en, last_pix, last_half, out_end, cmd_end, issue, seg_start, seg_end, two_out,
              rest;
  logic        pooled;
  logic [15:0] seg_beats, pool_beats;
  logic [1:0] form;

  assign bits4     = out_q ? cmd_q[tetra_pkg::StoreOut1Bits4Lsb] : cmd_q[tetra_pkg::StoreOut0Bits4Lsb];
  assign halves2   = cmd_q[tetra_pkg::StoreHalves2Lsb];
  assign two_out   = cmd_q[tetra_pkg::StoreTwoOutLsb];
  assign form      = cmd_q[tetra_pkg::StoreResFormLsb +: tetra_pkg::StoreResFormW];
  assign res_en    = 32'(form) != tetra_pkg::ResFormNone;
  assign last_pix  = pix_left_q == 16'd1;
  assign last_half = half_q || !halves2;
  assign out_end   = last_pix && last_half;
  assign cmd_end   = out_end && (out_q || !two_out);
  assign seg_beats = cmd_q[tetra_pkg::StoreSegBeatsLsb +: tetra_pkg::StoreSegBeatsW];
  assign seg_end   = seg_left_q == 16'd1;
  // A section of pooled words is one segment, however many rows of pixels it comes from.
  assign pool_beats = cmd_q[tetra_pkg::StorePoolBeatsLsb +: tetra_pkg::StorePoolBeatsW];
  assign pooled     = pool_beats != '0;
  assign seg_start  = (pooled ? pix_left_q == pixels : seg_left_q == seg_beats) &&
                      (!bits4 || !half_q);
  assign issue     = run_q && !rest && !stop_i && !(res_en && res_stall_i) && wd_space_i >= Margin &&
                     (!seg_start || desc_ready_i);

  // A row's second cycle.
  if (RowCycles == 2) begin : gen_rest
    logic rest_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) rest_q <= 1'b0;
      else rest_q <= issue;
    end
    assign rest = rest_q;
  end else begin : gen_no_rest
    assign rest = 1'b0;
  end

  assign stall_o   = run_q && (wd_space_i < Margin || (seg_start && !desc_ready_i));

  assign cmd_ready_o  = cmd_valid_i && cmd_go_i && !stop_i && (!active_q || (issue && cmd_end));
  assign active_o     = active_q;
  assign done_drain_o = done_q;
  assign issue_o      = issue;
  assign acc_buf_o    = cmd_q[tetra_pkg::StoreAccBufLsb];
  assign acc_addr_o   = acc_q;
  assign par_addr_o   = par_entry + ParW'(half_q);
  assign res_re_o     = issue && res_en;
  assign res_addr_o   = res_q;
  assign half_o       = half_q;
  assign word_end_o   = !bits4 || last_half;

  assign cfg_res_form_o   = form;
  assign cfg_res4_o       = cmd_q[tetra_pkg::StoreRes4Lsb];
  assign cfg_res_signed_o = cmd_q[tetra_pkg::StoreResSignedLsb];
  assign cfg_res_zp_o     = cmd_q[tetra_pkg::StoreResZpLsb +: tetra_pkg::StoreResZpW];
  assign cfg_rnd_o        = out_q ? cmd_q[tetra_pkg::StoreOut1RndLsb +: tetra_pkg::StoreOut1RndW]
                                    : cmd_q[tetra_pkg::StoreOut0RndLsb +: tetra_pkg::StoreOut0RndW];
  assign cfg_bits4_o      = bits4;
  assign cfg_signed_o     = out_q ? cmd_q[tetra_pkg::StoreOut1SignedLsb] : cmd_q[tetra_pkg::StoreOut0SignedLsb];
  assign cfg_zp_o         = out_q ? cmd_q[tetra_pkg::StoreOut1ZpLsb +: tetra_pkg::StoreOut1ZpW]
                                    : cmd_q[tetra_pkg::StoreOut0ZpLsb +: tetra_pkg::StoreOut0ZpW];
  assign cfg_lo_o         = out_q ? cmd_q[tetra_pkg::StoreOut1LoLsb +: tetra_pkg::StoreOut1LoW]
                                    : cmd_q[tetra_pkg::StoreOut0LoLsb +: tetra_pkg::StoreOut0LoW];
  assign cfg_hi_o         = out_q ? cmd_q[tetra_pkg::StoreOut1HiLsb +: tetra_pkg::StoreOut1HiW]
                                    : cmd_q[tetra_pkg::StoreOut0HiLsb +: tetra_pkg::StoreOut0HiW];
  assign cfg_out_o        = out_q;

  assign desc_valid_o      = issue && seg_start;
  assign desc_addr_o       = seg_addr_q;
  // The last segment may be shorter.
  assign desc_beats_o      = pooled ? pool_beats : pix_left_q <= seg_beats ? pix_left_q : seg_beats;
  assign desc_last_o       = (out_q || !two_out) && (bits4 || last_half) && (pooled || pix_left_q <= seg_beats);
  assign desc_layer_o      = cmd_q[tetra_pkg::LayerLsb +: tetra_pkg::LayerBits];
  assign desc_layer_last_o = cmd_q[tetra_pkg::StoreLastLsb];
  assign desc_index_o      = index_q;

  always_ff @(posedge clk_i) begin
    if (cmd_ready_o) begin
      cmd_q   <= cmd_i;
      index_q <= cmd_index_i;
    end
  end

  // Advances a half: 8-bit outputs walk all pixels of half 0, then of half 1; 4-bit ones both halves of each pixel.
  logic next_half, next_pix;
  assign next_half = bits4 ? halves2 && !half_q : last_pix && !last_half;
  assign next_pix  = bits4 ? last_half : 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      run_q    <= 1'b0;
      out_q    <= 1'b0;
      half_q   <= 1'b0;
      done_q   <= '0;
    end else begin
      if (active_q && !run_q) run_q <= 1'b1;
      if (issue) begin
        if (next_half) half_q <= 1'b1;
        else if (bits4 || out_end) half_q <= 1'b0;
        if (out_end) out_q <= 1'b1;
        if (cmd_end) begin
          active_q <= 1'b0;
          run_q    <= 1'b0;
          done_q   <= done_q + 1'b1;
        end
      end
      if (cmd_ready_o) begin
        active_q <= 1'b1;
        out_q    <= 1'b0;
      end
    end
  end

  // The first or second output begins in the next cycle.
  logic begin0, begin1;
  assign begin0 = active_q && !run_q;
  assign begin1 = issue && out_end && !cmd_end;

  logic row_end;
  assign row_end = seg_end || last_pix;

  tetra_pool_seq #(.PoolWords(PoolWords)) u_pool_seq (
    .clk_i, .begin_i(begin0), .line_i(cmd_q[tetra_pkg::StorePoolLineLsb +: PoolW]),
    .pad_x_i(cmd_q[tetra_pkg::StorePoolPadXLsb]), .odd_y_i(cmd_q[tetra_pkg::StorePoolOddYLsb]),
    .top_i(cmd_q[tetra_pkg::StorePoolTopLsb]), .end_i(cmd_q[tetra_pkg::StorePoolEndLsb]),
    .step_i(pool_valid_o), .row_end_i(row_end), .last_row_i(pix_left_q <= seg_beats), .section_end_i(last_pix),
    .across_o(pool_across_o), .open_o(pool_open_o), .close_o(pool_close_o), .down_o(pool_down_o),
    .fresh_o(pool_fresh_o), .emit_o(pool_emit_o), .line_o(pool_line_o)
  );
  assign pool_valid_o = issue && pooled && word_end_o;

  always_ff @(posedge clk_i) begin
    if (begin0 || begin1) begin
      pix_left_q  <= pixels;
      seg_left_q  <= seg_beats;
      acc_q       <= cmd_q[tetra_pkg::StoreAccBaseLsb +: AccW];
      res_q       <= res_base;
      res_half_q  <= res_base;
      seg_addr_q  <= begin1 ? addr1 : addr0;
      half_addr_q <= begin1 ? addr1 : addr0;
    end else if (issue) begin
      if (next_half && !bits4) begin
        pix_left_q  <= pixels;
        seg_left_q  <= seg_beats;
        acc_q       <= cmd_q[tetra_pkg::StoreAccBaseLsb +: AccW];
        seg_addr_q  <= half_addr_q + half_stride;
        // A 4-bit residual word holds both halves.
        res_q       <= cmd_q[tetra_pkg::StoreRes4Lsb] ? res_half_q : res_half_q + res_half_stride;
      end else if (next_pix) begin
        pix_left_q <= pix_left_q - 1'b1;
        acc_q      <= acc_q + 1'b1;
        seg_left_q <= seg_end ? seg_beats : seg_left_q - 1'b1;
        if (seg_end) seg_addr_q <= seg_addr_q + seg_stride;
        // In a 4-bit output's walk an 8-bit residual alternates between its halves.
        if (bits4) begin
          res_half_q <= res_half_q + 1'b1;
          res_q      <= res_half_q + 1'b1;
        end else begin
          res_q <= res_q + 1'b1;
        end
      end else begin
        res_q <= cmd_q[tetra_pkg::StoreRes4Lsb] ? res_half_q : res_half_q + res_half_stride;
      end
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (begin0) begin
        begin : CountsAreInRange assert (pixels != '0 && 32'(pixels) <= 32'(AccPixels) && seg_beats != '0); end
        begin : PoolHasNoResidual assert (!pooled || !res_en); end
      end
      if (desc_valid_o) begin
        begin : DescriptorHasRoom assert (desc_ready_i); end
        begin : DescriptorHasBeats assert (desc_beats_o != '0); end
      end
      if (begin1) begin
        begin : SecondOutputIsWanted assert (two_out && !out_q); end
      end
    end
  end
endmodule
