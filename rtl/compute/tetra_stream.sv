/// Streamer: launches k-steps and reads one activation word a cycle (implicit im2col), with its swap tag, padding flag
/// and accumulator control.
///
/// The word read in cycle s is consumed by the array's row 0 in cycle s + 2. A k-step is launched in the cycle before
/// its first pixel is read, in a cycle in which the weight loader is ready (or holds, for COMP_HOLD), the array is empty if the mode changes, and
/// the streamer is free; launches follow each other without a bubble.
module tetra_stream #(
  /// words in the activation buffer, a power of two
  parameter int ActWords = 0,
  /// pixels in an accumulator buffer, a power of two
  parameter int AccPixels = 0
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  /// launch nothing more
  input  logic                         stop_i,
  /// the weight loader holds a command
  input  logic                         ld_active_i,
  /// its next k-step may be launched
  input  logic                         ld_ready_i,
  /// that k-step is the command's first
  input  logic                         ld_first_i,
  input  logic [tetra_pkg::CmdBits-1:0] ld_cmd_i,
  /// launch the loader's k-step (not raised for held weights)
  output logic                         launch_o,
  /// a pixel is issued in this cycle
  output logic                         issue_o,
  /// the first pixel of a k-step with new weights: carries the swap tag
  output logic                         tag_o,
  /// the pixel lies in the padding
  output logic                         pad_o,
  /// byte that padding supplies
  output logic [7:0]                   pad_code_o,
  /// activation word to read
  output logic [$clog2(ActWords)-1:0]  act_addr_o,
  /// accumulator entry
  output logic [$clog2(AccPixels)-1:0] acc_addr_o,
  /// overwrite the accumulator
  output logic                         acc_first_o,
  /// maximum instead of sum
  output logic                         acc_max_o,
  output logic                         acc_buf_o,
  /// halves to write
  output logic [1:0]                   acc_half_o,
  /// last pixel of the command
  output logic                         last_o,
  /// mode of the array, changed only while nothing is in flight: activations are 8 bits wide
  output logic                         act8_o,
  /// weights are 8 bits wide
  output logic                         wgt8_o,
  /// activations are signed
  output logic                         act_signed_o,
  /// nothing is in flight between the issue of a pixel and its accumulator (from the top)
  input  logic                         empty_i,
  /// waiting for the array to drain before a change of mode
  output logic                         wait_mode_o,
  /// a command is under way
  output logic                         active_o,
  /// event: a command's last pixel was issued; its layer and pixels issued
  output logic                         lay_busy_valid_o,
  output logic [tetra_pkg::LayerBits-1:0] lay_busy_id_o,
  /// pixels issued
  output logic [31:0]                  lay_busy_n_o
);

  localparam int ActW = $clog2(ActWords);
  localparam int AccW = $clog2(AccPixels);

  // Fields of the running command.
  logic [15:0] kb_stride_q, ky_stride_q, kx_stride_q, oy_stride_q, ox_stride_q;
  logic [15:0] oy_num_q, ox_num_q, h_q, w_q, ix0_q, iy0_q;
  logic [7:0]  kh_q, kw_q, dky_q, dkx_q, sy_q, sx_q, pad_q;
  logic [AccW-1:0] acc_base_q;
  logic        hold_q, max_q, buf_q;
  logic [1:0]  half_q;
  logic [tetra_pkg::LayerBits-1:0] layer_q;
  // Loop state.
  logic        active_q;            // in a k-step
  logic        pending_q;           // between k-steps of one command
  logic [15:0] kb_left_q;
  logic [7:0]  ky_q, kx_q;
  logic [15:0] kb_addr_q, ky_addr_q, kx_addr_q;   // base address of the channel block, kernel row, k-step
  logic [15:0] kiy_q, kix_q;                      // input row, column of the tile's first pixel in this k-step
  logic [15:0] row_addr_q, addr_q, iy_q, ix_q;    // running pixel
  logic [15:0] oy_q, ox_q;
  logic [AccW-1:0] acc_q;
  logic        acc_first_q;         // this k-step overwrites
  logic        act8_q, wgt8_q, signed_q;
  logic [31:0] busy_q;

  logic same_mode, new_cmd, start, start_cmd, kstep_end, last_kstep, ready_next;
  logic ox_last, oy_last;

  assign same_mode = ld_cmd_i[tetra_pkg::CompAct8Lsb] == act8_q && ld_cmd_i[tetra_pkg::CompWgt8Lsb] == wgt8_q &&
                     ld_cmd_i[tetra_pkg::CompActSignedLsb] == signed_q;
  assign ox_last    = ox_q == 16'd1;
  assign oy_last    = oy_q == 16'd1;
  assign kstep_end  = active_q && ox_last && oy_last;
  assign last_kstep = kb_left_q == 16'd1 && ky_q == 8'd1 && kx_q == 8'd1;

  // The registers hold the pixel issued in this cycle (active_q). At its end the next k-step is loaded into them if it
  // can be launched in the next cycle; `start` decides that one cycle ahead of the issue, so it looks at the loader's
  // state of the next cycle: ld_ready_i covers it because row 0 is read no later than now.
  assign new_cmd    = (active_q && kstep_end && last_kstep) || (!active_q && !pending_q);
  assign ready_next = ld_active_i && ld_ready_i && !stop_i;
  assign start_cmd  = new_cmd && ready_next && ld_first_i && (same_mode || (empty_i && !active_q));
  assign start      = start_cmd ||
                      (((kstep_end && !last_kstep) || pending_q) && !stop_i && (hold_q || (ready_next && !ld_first_i)));
  assign launch_o   = start_cmd || (start && !hold_q);
  assign wait_mode_o = !active_q && !pending_q && ready_next && ld_first_i && !same_mode && !empty_i;

  logic tag_q;
  assign issue_o     = active_q;
  assign tag_o       = tag_q;
  assign pad_o       = iy_q >= h_q || ix_q >= w_q;
  assign pad_code_o  = pad_q;
  assign act_addr_o  = addr_q[ActW-1:0];
  assign acc_addr_o  = acc_q;
  assign acc_first_o = acc_first_q;
  assign acc_max_o   = max_q;
  assign acc_buf_o   = buf_q;
  assign acc_half_o  = half_q;
  assign last_o      = kstep_end && last_kstep;
  assign act8_o      = act8_q;
  assign wgt8_o      = wgt8_q;
  assign act_signed_o = signed_q;
  assign active_o    = active_q || pending_q;

  // Base of the k-step after the running one.
  logic [15:0] nx_kb_addr, nx_ky_addr, nx_kx_addr, nx_kiy, nx_kix;
  always_comb begin
    nx_kb_addr = kb_addr_q;
    nx_ky_addr = ky_addr_q;
    nx_kx_addr = kx_addr_q + kx_stride_q;
    nx_kiy     = kiy_q;
    nx_kix     = kix_q + 16'(dkx_q);
    if (kx_q == 8'd1) begin
      nx_ky_addr = ky_addr_q + ky_stride_q;
      nx_kiy     = kiy_q + 16'(dky_q);
      nx_kix     = ix0_q;
      if (ky_q == 8'd1) begin
        nx_kb_addr = kb_addr_q + kb_stride_q;
        nx_ky_addr = nx_kb_addr;
        nx_kiy     = iy0_q;
      end
      nx_kx_addr = nx_ky_addr;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q         <= 1'b0;
      pending_q        <= 1'b0;
      tag_q            <= 1'b0;
      act8_q           <= 1'b0;
      wgt8_q           <= 1'b0;
      signed_q         <= 1'b0;
      lay_busy_valid_o <= 1'b0;
      lay_busy_id_o    <= '0;
      lay_busy_n_o     <= '0;
    end else begin
      lay_busy_valid_o <= last_o;
      if (last_o) begin
        lay_busy_id_o <= layer_q;
        lay_busy_n_o  <= busy_q + 1'b1;
      end
      tag_q <= launch_o;
      if (start) begin
        active_q  <= 1'b1;
        pending_q <= 1'b0;
      end else if (kstep_end) begin
        active_q  <= 1'b0;
        pending_q <= !last_kstep;
      end
      if (start_cmd) begin
        act8_q   <= ld_cmd_i[tetra_pkg::CompAct8Lsb];
        wgt8_q   <= ld_cmd_i[tetra_pkg::CompWgt8Lsb];
        signed_q <= ld_cmd_i[tetra_pkg::CompActSignedLsb];
      end
    end
  end

  // Counters and fields need no reset: they are loaded when a command starts.
  always_ff @(posedge clk_i) begin
    if (active_q) begin
      busy_q <= busy_q + 1'b1;
      acc_q  <= acc_q + 1'b1;
      ox_q   <= ox_q - 1'b1;
      addr_q <= addr_q + ox_stride_q;
      ix_q   <= ix_q + 16'(sx_q);
      if (ox_last) begin
        ox_q       <= ox_num_q;
        oy_q       <= oy_q - 1'b1;
        row_addr_q <= row_addr_q + oy_stride_q;
        addr_q     <= row_addr_q + oy_stride_q;
        ix_q       <= kix_q;
        iy_q       <= iy_q + 16'(sy_q);
      end
    end
    if (kstep_end) begin
      // Move the loop state to the next k-step at once, whether or not it can start.
      kb_addr_q   <= nx_kb_addr;
      ky_addr_q   <= nx_ky_addr;
      kx_addr_q   <= nx_kx_addr;
      kiy_q       <= nx_kiy;
      kix_q       <= nx_kix;
      row_addr_q  <= nx_kx_addr;
      addr_q      <= nx_kx_addr;
      iy_q        <= nx_kiy;
      ix_q        <= nx_kix;
      ox_q        <= ox_num_q;
      oy_q        <= oy_num_q;
      acc_q       <= acc_base_q;
      acc_first_q <= 1'b0;
      kx_q        <= kx_q - 1'b1;
      if (kx_q == 8'd1) begin
        kx_q <= kw_q;
        ky_q <= ky_q - 1'b1;
        if (ky_q == 8'd1) begin
          ky_q      <= kh_q;
          kb_left_q <= kb_left_q - 1'b1;
        end
      end
    end
    if (start_cmd) begin
      kb_stride_q <= ld_cmd_i[tetra_pkg::CompKbStrideLsb +: tetra_pkg::CompKbStrideW];
      ky_stride_q <= ld_cmd_i[tetra_pkg::CompKyStrideLsb +: tetra_pkg::CompKyStrideW];
      kx_stride_q <= ld_cmd_i[tetra_pkg::CompKxStrideLsb +: tetra_pkg::CompKxStrideW];
      oy_stride_q <= ld_cmd_i[tetra_pkg::CompOyStrideLsb +: tetra_pkg::CompOyStrideW];
      ox_stride_q <= ld_cmd_i[tetra_pkg::CompOxStrideLsb +: tetra_pkg::CompOxStrideW];
      oy_num_q    <= ld_cmd_i[tetra_pkg::CompOyLsb +: tetra_pkg::CompOyW];
      ox_num_q    <= ld_cmd_i[tetra_pkg::CompOxLsb +: tetra_pkg::CompOxW];
      h_q         <= ld_cmd_i[tetra_pkg::CompHLsb +: tetra_pkg::CompHW];
      w_q         <= ld_cmd_i[tetra_pkg::CompWLsb +: tetra_pkg::CompWW];
      ix0_q       <= ld_cmd_i[tetra_pkg::CompIx0Lsb +: tetra_pkg::CompIx0W];
      iy0_q       <= ld_cmd_i[tetra_pkg::CompIy0Lsb +: tetra_pkg::CompIy0W];
      kh_q        <= ld_cmd_i[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW];
      kw_q        <= ld_cmd_i[tetra_pkg::CompKwLsb +: tetra_pkg::CompKwW];
      dky_q       <= ld_cmd_i[tetra_pkg::CompDkyLsb +: tetra_pkg::CompDkyW];
      dkx_q       <= ld_cmd_i[tetra_pkg::CompDkxLsb +: tetra_pkg::CompDkxW];
      sy_q        <= ld_cmd_i[tetra_pkg::CompSyLsb +: tetra_pkg::CompSyW];
      sx_q        <= ld_cmd_i[tetra_pkg::CompSxLsb +: tetra_pkg::CompSxW];
      pad_q       <= ld_cmd_i[tetra_pkg::CompPadLsb +: tetra_pkg::CompPadW];
      acc_base_q  <= ld_cmd_i[tetra_pkg::CompAccBaseLsb +: AccW];
      hold_q      <= ld_cmd_i[tetra_pkg::CompHoldLsb];
      max_q       <= ld_cmd_i[tetra_pkg::CompMaxLsb];
      buf_q       <= ld_cmd_i[tetra_pkg::CompAccBufLsb];
      half_q      <= !ld_cmd_i[tetra_pkg::CompWgt8Lsb] ? 2'b11 : ld_cmd_i[tetra_pkg::CompHalfLsb] ? 2'b10 : 2'b01;
      layer_q     <= ld_cmd_i[tetra_pkg::LayerLsb +: tetra_pkg::LayerBits];
      kb_left_q   <= ld_cmd_i[tetra_pkg::CompKbLsb +: tetra_pkg::CompKbW];
      ky_q        <= ld_cmd_i[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW];
      kx_q        <= ld_cmd_i[tetra_pkg::CompKwLsb +: tetra_pkg::CompKwW];
      kb_addr_q   <= ld_cmd_i[tetra_pkg::CompActBaseLsb +: tetra_pkg::CompActBaseW];
      ky_addr_q   <= ld_cmd_i[tetra_pkg::CompActBaseLsb +: tetra_pkg::CompActBaseW];
      kx_addr_q   <= ld_cmd_i[tetra_pkg::CompActBaseLsb +: tetra_pkg::CompActBaseW];
      kiy_q       <= ld_cmd_i[tetra_pkg::CompIy0Lsb +: tetra_pkg::CompIy0W];
      kix_q       <= ld_cmd_i[tetra_pkg::CompIx0Lsb +: tetra_pkg::CompIx0W];
      row_addr_q  <= ld_cmd_i[tetra_pkg::CompActBaseLsb +: tetra_pkg::CompActBaseW];
      addr_q      <= ld_cmd_i[tetra_pkg::CompActBaseLsb +: tetra_pkg::CompActBaseW];
      iy_q        <= ld_cmd_i[tetra_pkg::CompIy0Lsb +: tetra_pkg::CompIy0W];
      ix_q        <= ld_cmd_i[tetra_pkg::CompIx0Lsb +: tetra_pkg::CompIx0W];
      oy_q        <= ld_cmd_i[tetra_pkg::CompOyLsb +: tetra_pkg::CompOyW];
      ox_q        <= ld_cmd_i[tetra_pkg::CompOxLsb +: tetra_pkg::CompOxW];
      acc_q       <= ld_cmd_i[tetra_pkg::CompAccBaseLsb +: AccW];
      acc_first_q <= ld_cmd_i[tetra_pkg::CompFirstLsb];
      busy_q      <= '0;
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (start_cmd) begin
        begin : LoopsAreNotEmpty
          assert (ld_cmd_i[tetra_pkg::CompKbLsb +: tetra_pkg::CompKbW] != '0 &&
                  ld_cmd_i[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW] != '0 &&
                  ld_cmd_i[tetra_pkg::CompKwLsb +: tetra_pkg::CompKwW] != '0);
        end
      end
      if (start_cmd && !same_mode) begin
        begin : ModeChangesInAnEmptyArray assert (empty_i && !active_q); end
      end
      if (launch_o) begin
        begin : HeldWeightsAreLaunchedOnce assert (start_cmd || !hold_q); end
      end
      if (kstep_end) begin
        begin : LoopsStayInside assert (kb_left_q != '0 && ky_q != '0 && kx_q != '0); end
        begin : EveryPixelHasItsAccumulator
          assert (acc_q == AccW'(32'(acc_base_q) + 32'(oy_num_q) * 32'(ox_num_q) - 32'd1));
        end
      end
    end
  end
endmodule
