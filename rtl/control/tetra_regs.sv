/// Registers: AXI4-Lite slave, command ring, interrupts, first error, counters, completion log, soft reset.
///
/// Offsets and meanings are in hw_fields.def. Write address and data may come in any order and distance; one write and
/// one read are under way at a time, a read takes two cycles and more while a layer's counters are looked up. Offsets
/// without a register are answered with SLVERR; writes to read-only registers are ignored.
///
/// Soft reset (while resetting_i) clears TAIL, COMPLETED, interrupt status, error, log and all counters, those of the
/// layers too (MaxLayers cycles, reported as still resetting); ring, range, mask and watchdog keep their values.
module tetra_regs #(
  /// array side
  parameter int N = 0,
  /// activation words
  parameter int ActWords = 0,
  /// weight half-words
  parameter int WgtWords = 0,
  /// residual words
  parameter int ResWords = 0,
  /// parameter entries
  parameter int ParEntries = 0,
  /// pixels in an accumulator buffer
  parameter int AccPixels = 0,
  /// words in the pool's line buffer
  parameter int PoolWords = 0,
  /// layer ids with counters, a power of two
  parameter int MaxLayers = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [11:0] s_axil_awaddr_i,
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [31:0] s_axil_wdata_i,
  input  logic [3:0]  s_axil_wstrb_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  output logic [1:0]  s_axil_bresp_o,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  input  logic [11:0] s_axil_araddr_i,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  output logic [31:0] s_axil_rdata_o,
  output logic [1:0]  s_axil_rresp_o,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  /// fetch and dispatch commands
  output logic        enable_o,
  /// a soft reset is asked for, until it begins
  output logic        soft_reset_req_o,
  /// ring's byte address
  output logic [31:0] ring_base_o,
  /// commands in the ring
  output logic [31:0] ring_size_o,
  /// ring index after the last command
  output logic [31:0] tail_o,
  /// lowest byte address that commands may touch
  output logic [31:0] mem_base_o,
  /// highest one
  output logic [31:0] mem_limit_o,
  /// cycles without progress until an error; 0 never
  output logic [31:0] watchdog_o,
  /// interrupt, level
  output logic        irq_o,
  /// a soft reset is under way
  input  logic        resetting_i,
  /// ring index of the next command to dispatch
  input  logic [31:0] head_i,
  input  logic        busy_i,
  /// it will be in a moment: STATUS says so already, but nothing counts
  input  logic        starting_i,
  /// stopped by an error
  input  logic        stopped_i,
  /// a SYNC completed
  input  logic        sync_valid_i,
  /// its tag
  input  logic [31:0] sync_tag_i,
  /// an error (level)
  input  logic        err_valid_i,
  /// ERR_*
  input  logic [3:0]  err_cause_i,
  /// commands dispatched before the failing one since reset, modulo 2^32
  input  logic [31:0] err_index_i,
  /// byte address of the access, or 0
  input  logic [31:0] err_addr_i,
  /// an error is recorded
  output logic        err_seen_o,
  /// a layer's last response is in
  input  logic        layer_done_valid_i,
  input  logic [tetra_pkg::LayerBits-1:0] layer_done_id_i,
  /// where this cycle went: CNT_BUSY..CNT_TAIL
  input  logic [3:0]  stall_class_i,
  input  logic        load_beat_i,
  input  logic        load_wait_i,
  input  logic        drain_busy_i,
  input  logic        drain_stall_i,
  input  logic        fetch_beat_i,
  input  logic        write_beat_i,
  /// codes clamped in output 0, in this cycle
  input  logic [7:0]  sat0_i,
  /// and in output 1
  input  logic [7:0]  sat1_i,
  /// pixels of a finished COMPUTE
  input  logic        lay_busy_valid_i,
  input  logic [tetra_pkg::LayerBits-1:0] lay_busy_id_i,
  /// pixels
  input  logic [31:0] lay_busy_n_i,
  /// beats of a finished LOAD
  input  logic        lay_rd_valid_i,
  input  logic [tetra_pkg::LayerBits-1:0] lay_rd_id_i,
  /// beats
  input  logic [31:0] lay_rd_n_i,
  /// beats of a finished STORE
  input  logic        lay_wr_valid_i,
  input  logic [tetra_pkg::LayerBits-1:0] lay_wr_id_i,
  /// beats
  input  logic [31:0] lay_wr_n_i
);
  localparam int LogDepth = 32;
  localparam int LogIdxW  = $clog2(LogDepth);
  localparam int LogW     = tetra_pkg::LayerBits + 64; // layer, cycle
  localparam int LayW     = $clog2(MaxLayers);
  localparam logic [11:0] CntEnd = tetra_pkg::RegCounters + 12'(8 * tetra_pkg::CntNum);

  // ---- Write channel: address and data wait for each other ----
  logic        aw_q, w_q, b_q, b_err_q, write;
  logic [11:0] waddr_q;
  logic [31:0] wdata_q;
  logic [3:0]  wstrb_q;

  assign s_axil_awready_o = !aw_q;
  assign s_axil_wready_o  = !w_q;
  assign s_axil_bvalid_o  = b_q;
  assign s_axil_bresp_o   = {b_err_q, 1'b0};
  assign write            = aw_q && w_q && !b_q;

  function automatic logic mapped(input logic [11:0] a);
    mapped = a[1:0] == 2'b00 &&
             (a <= tetra_pkg::RegPoolWords || (a >= tetra_pkg::RegCtrl && a <= tetra_pkg::RegErrAddr) ||
              (a >= tetra_pkg::RegLogCount && a <= tetra_pkg::RegLayerWrite) ||
              (a >= tetra_pkg::RegCounters && a < CntEnd));
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_q    <= 1'b0;
      w_q     <= 1'b0;
      b_q     <= 1'b0;
      b_err_q <= 1'b0;
      waddr_q <= '0;
      wdata_q <= '0;
      wstrb_q <= '0;
    end else if (s_axil_awvalid_i || s_axil_wvalid_i || aw_q || w_q || b_q) begin
      if (s_axil_awvalid_i && s_axil_awready_o) begin
        aw_q    <= 1'b1;
        waddr_q <= s_axil_awaddr_i;
      end
      if (s_axil_wvalid_i && s_axil_wready_o) begin
        w_q     <= 1'b1;
        wdata_q <= s_axil_wdata_i;
        wstrb_q <= s_axil_wstrb_i;
      end
      if (write) begin
        aw_q    <= 1'b0;
        w_q     <= 1'b0;
        b_q     <= 1'b1;
        b_err_q <= !mapped(waddr_q);
      end else if (s_axil_bready_i) begin
        b_q <= 1'b0;
      end
    end
  end

  // Byte enables merge with what a register held.
  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] data, input logic [3:0] strb);
    logic [31:0] mask;
    mask  = {{8{strb[3]}}, {8{strb[2]}}, {8{strb[1]}}, {8{strb[0]}}};
    merge = (old & ~mask) | (data & mask);
  endfunction

  // ---- Configuration ----
  logic              enable_q, reset_req_q, clearing_q, cleared_busy, cleared_rd, cleared_wr;
  logic [31:0]       ring_base_q, ring_size_q, tail_q, mem_base_q, mem_limit_q, watchdog_q, strobed;
  logic [2:0]        irq_mask_q;
  logic [tetra_pkg::LayerBits-1:0] layer_sel_q;

  assign strobed          = merge('0, wdata_q, wstrb_q);
  assign enable_o         = enable_q && !clearing_q;
  assign soft_reset_req_o = reset_req_q;
  assign ring_base_o      = ring_base_q;
  assign ring_size_o      = ring_size_q;
  assign tail_o           = tail_q;
  assign mem_base_o       = mem_base_q;
  assign mem_limit_o      = mem_limit_q;
  assign watchdog_o       = watchdog_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enable_q    <= 1'(tetra_pkg::RegCtrlReset);
      reset_req_q <= 1'b0;
      clearing_q  <= 1'b1;
      ring_base_q <= tetra_pkg::RegRingBaseReset;
      ring_size_q <= tetra_pkg::RegRingSizeReset;
      tail_q      <= tetra_pkg::RegTailReset;
      mem_base_q  <= tetra_pkg::RegMemBaseReset;
      mem_limit_q <= tetra_pkg::RegMemLimitReset;
      watchdog_q  <= tetra_pkg::RegWatchdogReset;
      irq_mask_q  <= 3'(tetra_pkg::RegIrqMaskReset);
      layer_sel_q <= tetra_pkg::LayerBits'(tetra_pkg::RegLayerSelReset);
    end else if (write || resetting_i || clearing_q) begin
      if (write) begin
        case (waddr_q)
          tetra_pkg::RegCtrl:
            if (wstrb_q[0]) begin
              enable_q <= wdata_q[0];
              if (wdata_q[1]) reset_req_q <= 1'b1;
            end
          tetra_pkg::RegRingBase: ring_base_q <= merge(ring_base_q, wdata_q, wstrb_q) & tetra_pkg::RegRingBaseBits;
          tetra_pkg::RegRingSize: ring_size_q <= merge(ring_size_q, wdata_q, wstrb_q);
          tetra_pkg::RegTail:     tail_q      <= merge(tail_q, wdata_q, wstrb_q);
          tetra_pkg::RegMemBase:  mem_base_q  <= merge(mem_base_q, wdata_q, wstrb_q);
          tetra_pkg::RegMemLimit: mem_limit_q <= merge(mem_limit_q, wdata_q, wstrb_q);
          tetra_pkg::RegIrqMask:  if (wstrb_q[0]) irq_mask_q <= wdata_q[2:0];
          tetra_pkg::RegWatchdog: watchdog_q  <= merge(watchdog_q, wdata_q, wstrb_q);
          tetra_pkg::RegLayerSel: layer_sel_q <= tetra_pkg::LayerBits'(merge(32'(layer_sel_q), wdata_q, wstrb_q));
          default: ;
        endcase
      end
      if (resetting_i) begin
        reset_req_q <= 1'b0;
        tail_q      <= '0;
        clearing_q  <= 1'b1;
      end else if (cleared_busy && cleared_rd && cleared_wr) begin
        clearing_q <= 1'b0;
      end
    end
  end

  // ---- Interrupts, first error, last SYNC ----
  logic        irq_sync_q, irq_err_q, log_empty;
  logic [2:0]  irq_status;
  logic [3:0]  err_cause_q;
  logic [31:0] err_index_q, err_addr_q, completed_q;

  assign irq_status = {!log_empty, irq_err_q, irq_sync_q};
  assign irq_o      = (irq_status & irq_mask_q) != '0;
  assign err_seen_o = err_cause_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      irq_sync_q  <= 1'b0;
      irq_err_q   <= 1'b0;
      err_cause_q <= '0;
      err_index_q <= '0;
      err_addr_q  <= '0;
      completed_q <= '0;
    end else if (resetting_i) begin
      irq_sync_q  <= 1'b0;
      irq_err_q   <= 1'b0;
      err_cause_q <= '0;
      err_index_q <= '0;
      err_addr_q  <= '0;
      completed_q <= '0;
    end else if (write || sync_valid_i || err_valid_i) begin
      // An event in the cycle of its clearing is kept.
      if (write && waddr_q == tetra_pkg::RegIrqStatus) begin
        if ((strobed & 32'(tetra_pkg::IrqSync)) != '0) irq_sync_q <= 1'b0;
        if ((strobed & 32'(tetra_pkg::IrqError)) != '0) irq_err_q <= 1'b0;
      end
      if (sync_valid_i) begin
        irq_sync_q  <= 1'b1;
        completed_q <= sync_tag_i;
      end
      if (err_valid_i && !err_seen_o) begin
        irq_err_q   <= 1'b1;
        err_cause_q <= err_cause_i;
        err_index_q <= err_index_i;
        err_addr_q  <= err_addr_i;
      end
    end
  end

  // ---- Counters ----
  logic        cnt_read, cnt_wait_q;
  logic [63:0] cycles, cnt_value;

  tetra_counters #(.N(N)) u_counters (
    .clk_i, .rst_ni(rst_ni && !resetting_i), .busy_i, .class_i(stall_class_i), .load_beat_i, .load_wait_i, .drain_busy_i,
    .drain_stall_i, .fetch_beat_i, .write_beat_i, .sat0_i, .sat1_i, .cycles_o(cycles),
    .re_i(cnt_read), .index_i(s_axil_araddr_i[7:3]), .value_o(cnt_value)
  );

  logic        lay_start, pend_busy, pend_rd, pend_wr;
  logic [31:0] val_busy, val_rd, val_wr;
  logic        lay_start_q;
  // One cycle after the write, so that layer_sel_q is there.
  assign lay_start = lay_start_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) lay_start_q <= 1'b0;
    else lay_start_q <= write && waddr_q == tetra_pkg::RegLayerSel;
  end

  tetra_layer_cnt #(.MaxLayers(MaxLayers)) u_lay_busy (
    .clk_i, .rst_ni, .clear_i(clearing_q), .cleared_o(cleared_busy),
    .valid_i(lay_busy_valid_i), .id_i(lay_busy_id_i[LayW-1:0]), .n_i(lay_busy_n_i),
    .rd_start_i(lay_start), .rd_id_i(layer_sel_q[LayW-1:0]), .rd_pending_o(pend_busy), .rd_value_o(val_busy)
  );
  tetra_layer_cnt #(.MaxLayers(MaxLayers)) u_lay_rd (
    .clk_i, .rst_ni, .clear_i(clearing_q), .cleared_o(cleared_rd),
    .valid_i(lay_rd_valid_i), .id_i(lay_rd_id_i[LayW-1:0]), .n_i(lay_rd_n_i),
    .rd_start_i(lay_start), .rd_id_i(layer_sel_q[LayW-1:0]), .rd_pending_o(pend_rd), .rd_value_o(val_rd)
  );
  tetra_layer_cnt #(.MaxLayers(MaxLayers)) u_lay_wr (
    .clk_i, .rst_ni, .clear_i(clearing_q), .cleared_o(cleared_wr),
    .valid_i(lay_wr_valid_i), .id_i(lay_wr_id_i[LayW-1:0]), .n_i(lay_wr_n_i),
    .rd_start_i(lay_start), .rd_id_i(layer_sel_q[LayW-1:0]), .rd_pending_o(pend_wr), .rd_value_o(val_wr)
  );

  // ---- Completion log ----
  logic             log_full, log_pop, log_push, log_valid_q, overflow_q;
  logic [tetra_pkg::LayerBits-1:0] log_id_q;
  logic [LogIdxW:0] log_count;
  logic [LogW-1:0]  log_data;

  // The counter of cycles is a cycle behind, and so is the log.
  assign log_push = log_valid_q && !resetting_i;
  assign log_pop = write && waddr_q == tetra_pkg::RegLogCycleHi && !log_empty;
  tetra_fifo #(.Width(LogW), .Depth(LogDepth)) u_log (
    .clk_i, .rst_ni, .clear_i(resetting_i), .push_i(log_push && !log_full),
    .data_i({log_id_q, cycles}), .full_o(log_full), .pop_i(log_pop), .data_o(log_data), .empty_o(log_empty),
    .count_o(log_count)
  );
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) log_valid_q <= 1'b0;
    else log_valid_q <= layer_done_valid_i && !resetting_i;
  end
  always_ff @(posedge clk_i) begin
    if (layer_done_valid_i) log_id_q <= layer_done_id_i;
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) overflow_q <= 1'b0;
    else if (resetting_i) overflow_q <= 1'b0;
    else if (log_push && log_full) overflow_q <= 1'b1;
  end

  // ---- Read channel ----
  logic        ar_q, r_q, r_err_q, hold;
  logic [11:0] raddr_q;
  logic [31:0] rdata_q;

  assign s_axil_arready_o = !ar_q && !r_q;
  assign s_axil_rvalid_o  = r_q;
  assign s_axil_rdata_o   = rdata_q;
  assign s_axil_rresp_o   = {r_err_q, 1'b0};
  // A low half captures both, which takes a cycle; the high half reads what was captured.
  assign cnt_read = s_axil_arvalid_i && s_axil_arready_o &&
                    s_axil_araddr_i >= tetra_pkg::RegCounters && s_axil_araddr_i < CntEnd &&
                    !s_axil_araddr_i[2];
  assign hold     = cnt_wait_q ||
                    ((lay_start || pend_busy || pend_rd || pend_wr) && raddr_q >= tetra_pkg::RegLayerBusy &&
                     raddr_q <= tetra_pkg::RegLayerWrite);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ar_q    <= 1'b0;
      r_q     <= 1'b0;
      r_err_q <= 1'b0;
      raddr_q <= '0;
      rdata_q <= '0;
      cnt_wait_q <= 1'b0;
    end else if (s_axil_arvalid_i || ar_q || r_q || cnt_wait_q) begin
      cnt_wait_q <= cnt_read;
      if (s_axil_arvalid_i && s_axil_arready_o) begin
        ar_q    <= 1'b1;
        raddr_q <= s_axil_araddr_i;
      end
      if (s_axil_rready_i) r_q <= 1'b0;
      if (ar_q && !hold) begin
        ar_q    <= 1'b0;
        r_q     <= 1'b1;
        r_err_q <= !mapped(raddr_q);
        case (raddr_q)
          tetra_pkg::RegId:         rdata_q <= 32'(tetra_pkg::HwId);
          tetra_pkg::RegVersion:    rdata_q <= 32'(tetra_pkg::HwVersion);
          tetra_pkg::RegArray:      rdata_q <= {16'(N), 16'(N)};
          tetra_pkg::RegActWords:   rdata_q <= 32'(ActWords);
          tetra_pkg::RegWgtWords:   rdata_q <= 32'(WgtWords);
          tetra_pkg::RegResWords:   rdata_q <= 32'(ResWords);
          tetra_pkg::RegParEntries: rdata_q <= 32'(ParEntries);
          tetra_pkg::RegAccPixels:  rdata_q <= 32'(AccPixels);
          tetra_pkg::RegMaxLayers:  rdata_q <= 32'(MaxLayers);
          tetra_pkg::RegPoolWords:  rdata_q <= 32'(PoolWords);
          tetra_pkg::RegCtrl:       rdata_q <= {30'b0, reset_req_q || resetting_i || clearing_q, enable_q};
          tetra_pkg::RegStatus:     rdata_q <= {29'b0, resetting_i || clearing_q, stopped_i,
                                               busy_i || (starting_i && enable_q && !resetting_i)};
          tetra_pkg::RegRingBase:   rdata_q <= ring_base_q;
          tetra_pkg::RegRingSize:   rdata_q <= ring_size_q;
          tetra_pkg::RegHead:       rdata_q <= head_i;
          tetra_pkg::RegTail:       rdata_q <= tail_q;
          tetra_pkg::RegMemBase:    rdata_q <= mem_base_q;
          tetra_pkg::RegMemLimit:   rdata_q <= mem_limit_q;
          tetra_pkg::RegIrqStatus:  rdata_q <= {29'b0, irq_status};
          tetra_pkg::RegIrqMask:    rdata_q <= {29'b0, irq_mask_q};
          tetra_pkg::RegCompleted:  rdata_q <= completed_q;
          tetra_pkg::RegWatchdog:   rdata_q <= watchdog_q;
          tetra_pkg::RegErrCause:   rdata_q <= {28'b0, err_cause_q};
          tetra_pkg::RegErrIndex:   rdata_q <= err_index_q;
          tetra_pkg::RegErrAddr:    rdata_q <= err_addr_q;
          tetra_pkg::RegLogCount:   rdata_q <= {overflow_q, 31'(log_count)};
          tetra_pkg::RegLogLayer:   rdata_q <= log_empty ? '0 : 32'(log_data[64 +: tetra_pkg::LayerBits]);
          tetra_pkg::RegLogCycleLo: rdata_q <= log_empty ? '0 : log_data[31:0];
          tetra_pkg::RegLogCycleHi: rdata_q <= log_empty ? '0 : log_data[63:32];
          tetra_pkg::RegLayerSel:   rdata_q <= 32'(layer_sel_q);
          tetra_pkg::RegLayerBusy:  rdata_q <= val_busy;
          tetra_pkg::RegLayerRead:  rdata_q <= val_rd;
          tetra_pkg::RegLayerWrite: rdata_q <= val_wr;
          default:       rdata_q <= !mapped(raddr_q) ? '0 : raddr_q[2] ? cnt_value[63:32] : cnt_value[31:0];
        endcase
      end
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (sync_valid_i) begin
        begin : OneErrorRecord assert (!err_seen_o); end
      end
      // What ends during a reset is forgotten with its run; the next run begins with the counters cleared.
      if (clearing_q && !resetting_i) begin
        begin : NoEventIsLost assert (!lay_busy_valid_i && !lay_rd_valid_i && !lay_wr_valid_i); end
      end
    end
  end
endmodule
