/// Stem packer: builds dense im2col words of an image with few channels from its rows in the residual buffer.
///
/// start_i (with cmd_i stable until done_o) begins a PACK; done_o pulses after its last word is written. Each cycle
/// takes a window of up to N elements of one kernel row: two neighbouring words are read (even and odd bank), shifted,
/// masked with the padding element, and appended to the word under construction. A pixel takes
/// KH * ceil(SEG / N) + 1 cycles; the last one flushes its unfinished word.
module tetra_pack #(
  /// bytes in a word
  parameter int N = 0
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           start_i,
  input  logic [tetra_pkg::CmdBits-1:0] cmd_i,
  /// finished (one cycle)
  output logic           done_o,
  /// read both banks of the residual buffer
  output logic           res_re_o,
  /// word in the even bank
  output logic [15:0]    res_even_addr_o,
  /// and in the odd one
  output logic [15:0]    res_odd_addr_o,
  /// even word, one cycle later
  input  logic [8*N-1:0] res_even_data_i,
  /// odd word
  input  logic [8*N-1:0] res_odd_data_i,
  output logic           we_o,
  /// activation word
  output logic [15:0]    waddr_o,
  output logic [8*N-1:0] wdata_o
);
  localparam int LogN = $clog2(N);

  logic        bits4;
  logic [15:0] seg, row_elems;
  assign bits4     = cmd_i[tetra_pkg::PackBits4Lsb];
  assign seg       = cmd_i[tetra_pkg::PackSegLsb +: tetra_pkg::PackSegW];
  assign row_elems = cmd_i[tetra_pkg::PackRowElemsLsb +: tetra_pkg::PackRowElemsW];

  // ---- Window requests: loops oy, ox, ky, e ----
  logic        run_q, bubble_q;
  logic [15:0] oy_q, ox_q, iy0_q, iy_q, xpix_q, e_q;
  logic [7:0]  ky_q, slot0_q, slot_q;
  logic        seg_end, pix_end, row_end, all_end;
  logic [15:0] x, word0, row_base;
  logic        req, row_ok;

  assign req     = run_q && !bubble_q;
  assign seg_end = {1'b0, e_q} + 17'(N) >= {1'b0, seg};
  assign pix_end = seg_end && ky_q == 8'd1;
  assign row_end = ox_q == 16'd1;
  assign all_end = row_end && oy_q == 16'd1;
  assign x       = xpix_q + e_q;
  assign row_ok  = iy_q < cmd_i[tetra_pkg::PackHLsb +: tetra_pkg::PackHW];
  assign row_base = cmd_i[tetra_pkg::PackSrcLsb +: tetra_pkg::PackSrcW] +
                    16'(slot_q) * cmd_i[tetra_pkg::PackPitchLsb +: tetra_pkg::PackPitchW];
  // Arithmetic shift: a window may begin left of the row (its elements there are masked).
  assign word0   = row_base + (bits4 ? {{(LogN+1){x[15]}}, x[15:LogN+1]} : {{LogN{x[15]}}, x[15:LogN]});
  assign res_re_o        = req;
  assign res_even_addr_o = {1'b0, word0[15:1]} + 16'(word0[0]);
  assign res_odd_addr_o  = {1'b0, word0[15:1]};

  function automatic logic [7:0] next_slot(input logic [7:0] slot, input logic [7:0] step, input logic [7:0] ring);
    logic [8:0] sum;
    sum       = {1'b0, slot} + {1'b0, step};
    next_slot = sum >= {1'b0, ring} ? 8'(sum - {1'b0, ring}) : sum[7:0];
  endfunction

  logic [7:0] ring;
  assign ring = cmd_i[tetra_pkg::PackRingRowsLsb +: tetra_pkg::PackRingRowsW];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q    <= 1'b0;
      bubble_q <= 1'b0;
      {oy_q, ox_q, iy0_q, iy_q, xpix_q, e_q} <= '0;
      {ky_q, slot0_q, slot_q} <= '0;
    end else if (start_i) begin
      run_q    <= 1'b1;
      bubble_q <= 1'b0;
      oy_q     <= cmd_i[tetra_pkg::PackOyLsb +: tetra_pkg::PackOyW];
      ox_q     <= cmd_i[tetra_pkg::PackOxLsb +: tetra_pkg::PackOxW];
      iy0_q    <= cmd_i[tetra_pkg::PackIy0Lsb +: tetra_pkg::PackIy0W];
      iy_q     <= cmd_i[tetra_pkg::PackIy0Lsb +: tetra_pkg::PackIy0W];
      xpix_q   <= cmd_i[tetra_pkg::PackX0Lsb +: tetra_pkg::PackX0W];
      e_q      <= '0;
      ky_q     <= cmd_i[tetra_pkg::PackKhLsb +: tetra_pkg::PackKhW];
      slot0_q  <= cmd_i[tetra_pkg::PackSlotLsb +: tetra_pkg::PackSlotW];
      slot_q   <= cmd_i[tetra_pkg::PackSlotLsb +: tetra_pkg::PackSlotW];
    end else if (bubble_q) begin
      bubble_q <= 1'b0;
    end else if (run_q) begin
      e_q <= e_q + 16'(N);
      if (seg_end) begin
        e_q    <= '0;
        ky_q   <= ky_q - 1'b1;
        iy_q   <= iy_q + 1'b1;
        slot_q <= next_slot(slot_q, 8'd1, ring);
      end
      if (pix_end) begin
        bubble_q <= !all_end;
        ky_q     <= cmd_i[tetra_pkg::PackKhLsb +: tetra_pkg::PackKhW];
        iy_q     <= iy0_q;
        slot_q   <= slot0_q;
        ox_q     <= ox_q - 1'b1;
        xpix_q   <= xpix_q + cmd_i[tetra_pkg::PackXStepLsb +: tetra_pkg::PackXStepW];
        if (row_end) begin
          ox_q    <= cmd_i[tetra_pkg::PackOxLsb +: tetra_pkg::PackOxW];
          xpix_q  <= cmd_i[tetra_pkg::PackX0Lsb +: tetra_pkg::PackX0W];
          oy_q    <= oy_q - 1'b1;
          iy0_q   <= iy0_q + 16'(cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW]);
          iy_q    <= iy0_q + 16'(cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW]);
          slot0_q <= next_slot(slot0_q, cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW], ring);
          slot_q  <= next_slot(slot0_q, cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW], ring);
        end
        if (all_end) run_q <= 1'b0;
      end
    end
  end

  // ---- Window data: shift, mask ----
  logic            b_valid_q, b_odd_q, b_row_ok_q, b_pix_end_q, b_all_end_q;
  logic [15:0]     b_x_q, b_n_q;
  logic [16*N-1:0] shifted;
  logic [8*N-1:0]  window, masked;

  // Combinational in effect, but evaluated only when there is a window: this process costs an idle simulation nothing.
  logic           c_valid_q, c_pix_end_q, c_all_end_q;
  logic [8*N-1:0] c_data_q;
  logic [LogN:0]  c_n_q;

  always_ff @(posedge clk_i) begin
    if (req) begin
      b_odd_q     <= word0[0];
      b_row_ok_q  <= row_ok;
      b_pix_end_q <= pix_end;
      b_all_end_q <= pix_end && all_end;
      b_x_q       <= x;
      b_n_q       <= seg_end ? seg - e_q : 16'(N);
    end
    if (b_valid_q) begin
      shifted = b_odd_q ? {res_even_data_i, res_odd_data_i} : {res_odd_data_i, res_even_data_i};
      shifted = bits4 ? shifted >> {b_x_q[LogN:0], 2'b0} : shifted >> {b_x_q[LogN-1:0], 3'b0};
      window  = shifted[8*N-1:0];
      masked  = '0;
      if (bits4) for (int unsigned i = 0; i < N; i++) window[i*8 +: 8] = {4'b0, shifted[i*4 +: 4]};
      for (int unsigned i = 0; i < N; i++)
        if (16'(i) < b_n_q)
          masked[i*8 +: 8] = (b_row_ok_q && b_x_q + 16'(i) < row_elems)
                                      ? window[i*8 +: 8]
                                      : cmd_i[tetra_pkg::PackPadLsb +: tetra_pkg::PackPadW];
      c_data_q    <= masked;
      c_n_q       <= b_n_q[LogN:0];
      c_pix_end_q <= b_pix_end_q;
      c_all_end_q <= b_all_end_q;
    end
  end

  // ---- Append ----
  logic            flush_q, last_q, full, emit;
  logic [24*N-1:0] buf_q, appended;
  logic [8*N-1:0]  packed4;
  logic [LogN+2:0] fill_q, fill, lanes;
  logic [15:0]     waddr_q, pix_addr_q;

  assign lanes = bits4 ? (LogN+3)'(2*N) : (LogN+3)'(N);
  assign fill  = fill_q + (LogN+3)'(c_n_q);
  assign full  = fill >= lanes;
  assign emit  = (c_valid_q && full) || flush_q;

  always_ff @(posedge clk_i) begin
    if (c_valid_q || flush_q) begin
      appended = flush_q ? buf_q : buf_q | ({{16*N{1'b0}}, c_data_q} << {fill_q, 3'b0});
      packed4  = appended[8*N-1:0];
      if (bits4) for (int unsigned i = 0; i < 2 * N; i++) packed4[i*4 +: 4] = appended[i*8 +: 4];
      wdata_o <= packed4;
      buf_q   <= (flush_q || (c_pix_end_q && fill == lanes)) ? '0 : !full ? appended :
                 bits4 ? appended >> (16*N) : appended >> (8*N);
    end
    if (start_i) buf_q <= '0;
    if (emit) waddr_o <= waddr_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {b_valid_q, c_valid_q, flush_q, last_q, done_o, we_o} <= '0;
      fill_q     <= '0;
      waddr_q    <= '0;
      pix_addr_q <= '0;
    end else if (start_i || req || b_valid_q || c_valid_q || flush_q || last_q || done_o || we_o) begin
      b_valid_q <= req;
      c_valid_q <= b_valid_q;
      flush_q   <= 1'b0;
      last_q    <= 1'b0;
      done_o    <= last_q;
      we_o      <= emit;
      if (c_valid_q) begin
        fill_q <= full ? fill - lanes : fill;
        if (c_pix_end_q) begin
          flush_q    <= fill != lanes && fill != '0;
          last_q     <= c_all_end_q;
          fill_q     <= '0;
          pix_addr_q <= pix_addr_q + 1'b1;
        end
      end
      if (emit) waddr_q <= waddr_q + cmd_i[tetra_pkg::PackDstStrideLsb +: tetra_pkg::PackDstStrideW];
      // The next pixel's first word: set once the last of this one is out.
      if (c_valid_q && c_pix_end_q && fill == lanes) waddr_q <= pix_addr_q + 1'b1;
      if (flush_q) waddr_q <= pix_addr_q;
      if (start_i) begin
        waddr_q    <= cmd_i[tetra_pkg::PackDstAddrLsb +: tetra_pkg::PackDstAddrW];
        pix_addr_q <= cmd_i[tetra_pkg::PackDstAddrLsb +: tetra_pkg::PackDstAddrW];
        fill_q     <= '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (start_i) begin
        begin : StartsWhenIdle assert (!run_q && !bubble_q && !c_valid_q); end
      end
      if (req) begin
        begin : SlotIsInTheRing assert (slot_q < ring); end
      end
      if (c_valid_q) begin
        begin : WindowFits assert (c_n_q != '0 && fill_q < lanes); end
      end
    end
  end
endmodule
