/// Tetra accelerator: AXI4-Lite slave for control, AXI4 master for commands and data, interrupt.
///
/// Fetch hands commands to the load engine, the compute core and (through it) the write engine; the engines meet
/// through completion counts (docs/architecture.md). An error stops everything: no new command or burst starts, bursts
/// under way are completed; a soft reset waits for them (at most 65,535 cycles) and then resets all but the registers'
/// interface and what the bus was promised.
module tetra_top #(
  /// array side = bytes in an AXI beat and in a buffer word: 4, 8, 16, 32 or 64
  parameter int N = 4,
  /// activation buffer, words (a power of two, <= 65536)
  parameter int ActWords = tetra_pkg::DefActWords,
  /// weight buffer, half-words (a power of two, <= 65536)
  parameter int WgtWords = tetra_pkg::DefWgtWords,
  /// residual buffer, words (a power of two): two tiles of residuals, or the image rows under a 7-row kernel
  parameter int ResWords = tetra_pkg::DefResBytes / N > tetra_pkg::DefResWords ? tetra_pkg::DefResBytes / N :
                                                                                 tetra_pkg::DefResWords,
  /// parameter entries (a power of two)
  parameter int ParEntries = tetra_pkg::DefParEntries,
  /// pixels in each of the two accumulator buffers (a power of two)
  parameter int AccPixels = tetra_pkg::DefAccPixels,
  /// line buffer of the fused max pool, words (a power of two)
  parameter int PoolWords = tetra_pkg::DefPoolBytes / N
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  // AXI4-Lite slave
  input  logic [11:0]    s_axil_awaddr_i,
  input  logic           s_axil_awvalid_i,
  output logic           s_axil_awready_o,
  input  logic [31:0]    s_axil_wdata_i,
  input  logic [3:0]     s_axil_wstrb_i,
  input  logic           s_axil_wvalid_i,
  output logic           s_axil_wready_o,
  output logic [1:0]     s_axil_bresp_o,
  output logic           s_axil_bvalid_o,
  input  logic           s_axil_bready_i,
  input  logic [11:0]    s_axil_araddr_i,
  input  logic           s_axil_arvalid_i,
  output logic           s_axil_arready_o,
  output logic [31:0]    s_axil_rdata_o,
  output logic [1:0]     s_axil_rresp_o,
  output logic           s_axil_rvalid_o,
  input  logic           s_axil_rready_i,
  // AXI4 master; reads with id 0 are the load engine's, with id 1 the command fetcher's
  output logic [1:0]     m_axi_arid_o,
  output logic [31:0]    m_axi_araddr_o,
  output logic [7:0]     m_axi_arlen_o,
  output logic [2:0]     m_axi_arsize_o,
  /// INCR
  output logic [1:0]     m_axi_arburst_o,
  output logic           m_axi_arvalid_o,
  input  logic           m_axi_arready_i,
  input  logic [1:0]     m_axi_rid_i,
  input  logic [8*N-1:0] m_axi_rdata_i,
  input  logic [1:0]     m_axi_rresp_i,
  input  logic           m_axi_rlast_i,
  input  logic           m_axi_rvalid_i,
  output logic           m_axi_rready_o,
  output logic [1:0]     m_axi_awid_o,
  output logic [31:0]    m_axi_awaddr_o,
  output logic [7:0]     m_axi_awlen_o,
  output logic [2:0]     m_axi_awsize_o,
  /// INCR
  output logic [1:0]     m_axi_awburst_o,
  output logic           m_axi_awvalid_o,
  input  logic           m_axi_awready_i,
  output logic [8*N-1:0] m_axi_wdata_o,
  output logic [N-1:0]   m_axi_wstrb_o,
  output logic           m_axi_wlast_o,
  output logic           m_axi_wvalid_o,
  input  logic           m_axi_wready_i,
  input  logic [1:0]     m_axi_bid_i,
  input  logic [1:0]     m_axi_bresp_i,
  input  logic           m_axi_bvalid_i,
  output logic           m_axi_bready_o,
  /// interrupt, level
  output logic           irq_o
);

  localparam int ActW = $clog2(ActWords);
  localparam int WgtW = $clog2(WgtWords);
  localparam int ResW = $clog2(ResWords);
  localparam int ParW = $clog2(ParEntries);
  localparam int MaxLayers = tetra_pkg::DefMaxLayers;
  localparam int QueueDepth = 8;
  localparam int QueueW = tetra_pkg::CmdBits + tetra_pkg::CmdIndexBits;

  // ---- Control ----
  typedef enum logic [1:0] {StRun, StQuiesce, StReset} reset_state_e;
  reset_state_e reset_q;
  logic        enable, soft_reset_req, resetting, stop, err_seen, stopped_q, core_rst_n, busy, engines_idle, resting;
  logic [31:0] ring_base, ring_size, tail, head, mem_base, mem_limit, watchdog;
  // Answers to bursts from before the last soft reset, which gave up on them, are still due. They are taken and
  // dropped, and nothing is begun before the last is in: so the counts always tell what is outstanding.
  logic        stale_q;
  logic        sync_valid;
  logic [31:0] sync_tag;
  logic        err_valid;
  logic [3:0]  err_cause;
  logic [31:0] err_index, err_addr;
  logic [3:0]  stall_class;

  // ---- Engine events ----
  logic        fe_err_valid, ld_err_valid, wr_err_valid, wd_err_valid;
  logic [3:0]  fe_err_cause, ld_err_cause, wr_err_cause;
  logic [31:0] fe_err_index, ld_err_index, wr_err_index, fe_err_addr, ld_err_addr, wr_err_addr;
  logic        fetch_busy, fetch_starting, fetch_reading, fetch_beat, comp_ahead;
  logic        load_idle, load_resting, load_wait, load_wait_store, load_beat, load_outstanding;
  logic        write_idle, write_beat, write_outstanding;
  logic        core_idle, core_busy, core_wait_mode, core_comp_active, drain_busy, drain_stall;
  logic [7:0]  sat0, sat1;
  logic        lay_busy_valid, lay_rd_valid, lay_wr_valid, layer_done_valid;
  logic [tetra_pkg::LayerBits-1:0] lay_busy_id, lay_rd_id, lay_wr_id, layer_done_id;
  logic [31:0] lay_busy_n, lay_rd_n, lay_wr_n;
  logic [15:0] done_load, done_compute, done_drain, done_store;

  tetra_regs #(
    .N(N), .ActWords(ActWords), .WgtWords(WgtWords), .ResWords(ResWords), .ParEntries(ParEntries),
    .AccPixels(AccPixels), .PoolWords(PoolWords), .MaxLayers(MaxLayers)
  ) u_regs (
    .clk_i, .rst_ni,
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i,
    .s_axil_wready_o, .s_axil_bresp_o, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i,
    .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o, .s_axil_rready_i,
    .enable_o(enable), .soft_reset_req_o(soft_reset_req), .ring_base_o(ring_base), .ring_size_o(ring_size),
    .tail_o(tail), .mem_base_o(mem_base), .mem_limit_o(mem_limit), .watchdog_o(watchdog), .irq_o,
    .resetting_i(resetting), .head_i(head), .busy_i(busy),
    .starting_i(fetch_starting && !stopped_q), .stopped_i(stopped_q),
    .sync_valid_i(sync_valid), .sync_tag_i(sync_tag),
    .err_valid_i(err_valid), .err_cause_i(err_cause), .err_index_i(err_index), .err_addr_i(err_addr),
    .err_seen_o(err_seen),
    .layer_done_valid_i(layer_done_valid), .layer_done_id_i(layer_done_id),
    .stall_class_i(stall_class), .load_beat_i(load_beat), .load_wait_i(load_wait), .drain_busy_i(drain_busy),
    .drain_stall_i(drain_stall), .fetch_beat_i(fetch_beat), .write_beat_i(write_beat && !stale_q),
    .sat0_i(sat0), .sat1_i(sat1),
    .lay_busy_valid_i(lay_busy_valid), .lay_busy_id_i(lay_busy_id), .lay_busy_n_i(lay_busy_n),
    .lay_rd_valid_i(lay_rd_valid), .lay_rd_id_i(lay_rd_id), .lay_rd_n_i(lay_rd_n),
    .lay_wr_valid_i(lay_wr_valid), .lay_wr_id_i(lay_wr_id), .lay_wr_n_i(lay_wr_n)
  );

  // ---- Command fetch and queues ----
  logic         fe_ar_valid, fe_ar_ready, fe_r_valid, fe_r_ready;
  logic [31:0]  fe_ar_addr;
  logic [7:0]   fe_ar_len;
  logic [tetra_pkg::CmdBits-1:0] cmd;
  logic [31:0]  cmd_index;
  logic         load_valid, load_ready, comp_valid, comp_ready, store_valid, store_ready;

  tetra_fetch #(.N(N), .AccPixels(AccPixels)) u_fetch (
    .clk_i, .rst_ni(core_rst_n), .enable_i(enable), .stop_i(stop),
    .ring_base_i(ring_base), .ring_size_i(ring_size), .tail_i(tail), .head_o(head),
    .ar_valid_o(fe_ar_valid), .ar_ready_i(fe_ar_ready), .ar_addr_o(fe_ar_addr), .ar_len_o(fe_ar_len),
    .r_valid_i(fe_r_valid), .r_ready_o(fe_r_ready), .r_data_i(m_axi_rdata_i), .r_err_i(m_axi_rresp_i[1]),
    .cmd_o(cmd), .cmd_index_o(cmd_index), .load_valid_o(load_valid), .load_ready_i(load_ready),
    .comp_valid_o(comp_valid), .comp_ready_i(comp_ready), .store_valid_o(store_valid), .store_ready_i(store_ready),
    .engines_idle_i(engines_idle), .sync_valid_o(sync_valid), .sync_tag_o(sync_tag),
    .err_valid_o(fe_err_valid), .err_cause_o(fe_err_cause), .err_index_o(fe_err_index), .err_addr_o(fe_err_addr),
    .busy_o(fetch_busy), .starting_o(fetch_starting), .reading_o(fetch_reading), .fetch_beat_o(fetch_beat), .comp_ahead_o(comp_ahead)
  );

  logic              cq_full, cq_empty, cq_pop, sq_full, sq_empty, sq_pop;
  logic [QueueW-1:0] cq_data, sq_data;
  logic [tetra_pkg::CmdBits-1:0]      comp_cmd, store_cmd;
  logic [tetra_pkg::CmdIndexBits-1:0] comp_index, store_index;
  logic [3:0]        comp_pending, store_pending;

  tetra_fifo #(.Width(QueueW), .Depth(QueueDepth)) u_comp_queue (
    .clk_i, .rst_ni(core_rst_n), .clear_i(1'b0), .push_i(comp_valid && comp_ready), .data_i({cmd_index, cmd}),
    .full_o(cq_full), .pop_i(cq_pop), .data_o(cq_data), .empty_o(cq_empty), .count_o()
  );
  tetra_fifo #(.Width(QueueW), .Depth(QueueDepth)) u_store_queue (
    .clk_i, .rst_ni(core_rst_n), .clear_i(1'b0), .push_i(store_valid && store_ready), .data_i({cmd_index, cmd}),
    .full_o(sq_full), .pop_i(sq_pop), .data_o(sq_data), .empty_o(sq_empty), .count_o()
  );
  assign {comp_index, comp_cmd}   = cq_data;
  assign {store_index, store_cmd} = sq_data;
  assign comp_ready  = !cq_full;
  assign store_ready = !sq_full;

  tetra_token u_comp_token (
    .en_i(cq_empty ? '0 : comp_cmd[tetra_pkg::WaitEnLsb +: tetra_pkg::WaitEnW]),
    .wait_i(comp_cmd[tetra_pkg::WaitLoadLsb +: tetra_pkg::WaitsW]),
    .done_i({done_store, done_drain, done_compute, done_load}), .pending_o(comp_pending)
  );
  tetra_token u_store_token (
    .en_i(sq_empty ? '0 : store_cmd[tetra_pkg::WaitEnLsb +: tetra_pkg::WaitEnW]),
    .wait_i(store_cmd[tetra_pkg::WaitLoadLsb +: tetra_pkg::WaitsW]),
    .done_i({done_store, done_drain, done_compute, done_load}), .pending_o(store_pending)
  );

  // ---- Load engine ----
  logic           ld_ar_valid, ld_ar_ready, ld_r_valid, ld_r_ready;
  logic [31:0]    ld_ar_addr;
  logic [7:0]     ld_ar_len;
  logic [8*N-1:0] wr_data;
  logic [15:0]    wr_addr;
  logic           act_we, wgt_we, wgt_keep_low, res_we, par_we, pack_re;
  logic [15:0]    pack_even_addr, pack_odd_addr;
  logic [8*N-1:0] res_even, res_odd;

  tetra_load #(.N(N)) u_load (
    .clk_i, .rst_ni(core_rst_n), .stop_i(stop),
    .cmd_valid_i(load_valid), .cmd_ready_o(load_ready), .cmd_i(cmd), .cmd_index_i(cmd_index),
    .done_compute_i(done_compute), .done_drain_i(done_drain), .done_store_i(done_store), .done_load_o(done_load),
    .mem_base_i(mem_base), .mem_limit_i(mem_limit),
    .ar_valid_o(ld_ar_valid), .ar_ready_i(ld_ar_ready), .ar_addr_o(ld_ar_addr), .ar_len_o(ld_ar_len),
    .r_valid_i(ld_r_valid), .r_ready_o(ld_r_ready), .r_data_i(m_axi_rdata_i), .r_last_i(m_axi_rlast_i),
    .r_err_i(m_axi_rresp_i[1]),
    .wr_data_o(wr_data), .wr_addr_o(wr_addr), .act_we_o(act_we), .wgt_we_o(wgt_we), .wgt_keep_low_o(wgt_keep_low),
    .res_we_o(res_we),
    .par_we_o(par_we), .res_re_o(pack_re), .res_even_addr_o(pack_even_addr), .res_odd_addr_o(pack_odd_addr),
    .res_even_data_i(res_even), .res_odd_data_i(res_odd),
    .idle_o(load_idle), .resting_o(load_resting), .outstanding_o(load_outstanding), .wait_token_o(load_wait),
    .wait_store_o(load_wait_store), .beat_o(load_beat), .lay_rd_valid_o(lay_rd_valid), .lay_rd_id_o(lay_rd_id),
    .lay_rd_n_o(lay_rd_n),
    .err_valid_o(ld_err_valid), .err_cause_o(ld_err_cause), .err_index_o(ld_err_index), .err_addr_o(ld_err_addr)
  );

  // ---- Buffers and compute core ----
  logic              act_re, wgt_re, res_re, par_re;
  logic [ActW-1:0]   act_addr;
  logic [WgtW-2:0]   wgt_addr;
  logic [ResW-1:0]   res_addr;
  logic [ParW-1:0]   par_addr;
  logic [8*N-1:0]    act_data, wgt_even, wgt_odd, res_data, wd_data;
  logic [128*N-1:0]  par_data;
  logic              desc_valid, desc_ready, desc_last, desc_layer_last, wd_valid;
  logic [31:0]       desc_addr, desc_index;
  logic [15:0]       desc_beats, wd_space;
  logic [tetra_pkg::LayerBits-1:0] desc_layer;

  tetra_buffers #(
    .N(N), .ActWords(ActWords), .WgtWords(WgtWords), .ResWords(ResWords), .ParEntries(ParEntries)
  ) u_buffers (
    .clk_i, .wr_data_i(wr_data), .wr_addr_i(wr_addr), .act_we_i(act_we), .wgt_we_i(wgt_we),
    .wgt_keep_low_i(wgt_keep_low), .res_we_i(res_we),
    .par_we_i(par_we), .act_re_i(act_re), .act_addr_i(act_addr), .act_data_o(act_data),
    .wgt_re_i(wgt_re), .wgt_addr_i(wgt_addr), .wgt_even_o(wgt_even), .wgt_odd_o(wgt_odd),
    .pack_re_i(pack_re), .pack_even_addr_i(pack_even_addr), .pack_odd_addr_i(pack_odd_addr),
    .res_even_o(res_even), .res_odd_o(res_odd), .res_re_i(res_re), .res_addr_i(res_addr), .res_data_o(res_data),
    .par_re_i(par_re), .par_addr_i(par_addr), .par_data_o(par_data)
  );

  tetra_core #(
    .N(N), .ActWords(ActWords), .WgtWords(WgtWords), .ResWords(ResWords), .ParEntries(ParEntries),
    .AccPixels(AccPixels), .PoolWords(PoolWords)
  ) u_core (
    .clk_i, .rst_ni(core_rst_n), .stop_i(stop),
    .comp_valid_i(!cq_empty), .comp_go_i(comp_pending == '0), .comp_cmd_i(comp_cmd), .comp_ready_o(cq_pop),
    .done_compute_o(done_compute),
    .store_valid_i(!sq_empty), .store_go_i(store_pending == '0), .store_cmd_i(store_cmd),
    .store_index_i(store_index), .store_ready_o(sq_pop), .done_drain_o(done_drain),
    .act_re_o(act_re), .act_addr_o(act_addr), .act_data_i(act_data),
    .wgt_re_o(wgt_re), .wgt_addr_o(wgt_addr), .wgt_even_i(wgt_even), .wgt_odd_i(wgt_odd),
    .res_re_o(res_re), .res_addr_o(res_addr), .res_data_i(res_data), .res_stall_i(pack_re),
    .par_re_o(par_re), .par_addr_o(par_addr), .par_data_i(par_data),
    .desc_valid_o(desc_valid), .desc_ready_i(desc_ready), .desc_addr_o(desc_addr), .desc_beats_o(desc_beats),
    .desc_last_o(desc_last), .desc_layer_o(desc_layer), .desc_layer_last_o(desc_layer_last),
    .desc_index_o(desc_index), .wd_valid_o(wd_valid), .wd_data_o(wd_data), .wd_space_i(wd_space),
    .idle_o(core_idle), .busy_o(core_busy), .wait_mode_o(core_wait_mode), .comp_active_o(core_comp_active),
    .drain_busy_o(drain_busy), .drain_stall_o(drain_stall), .sat0_o(sat0), .sat1_o(sat1),
    .lay_busy_valid_o(lay_busy_valid), .lay_busy_id_o(lay_busy_id), .lay_busy_n_o(lay_busy_n)
  );

  // ---- Write engine ----
  tetra_write #(.N(N)) u_write (
    .clk_i, .rst_ni(core_rst_n), .bus_rst_ni(rst_ni), .stop_i(stop), .stale_i(stale_q),
    .desc_valid_i(desc_valid), .desc_ready_o(desc_ready), .desc_addr_i(desc_addr), .desc_beats_i(desc_beats),
    .desc_last_i(desc_last), .desc_layer_i(desc_layer), .desc_layer_last_i(desc_layer_last),
    .desc_index_i(desc_index), .wd_valid_i(wd_valid), .wd_data_i(wd_data), .wd_space_o(wd_space),
    .mem_base_i(mem_base), .mem_limit_i(mem_limit),
    .aw_valid_o(m_axi_awvalid_o), .aw_ready_i(m_axi_awready_i), .aw_addr_o(m_axi_awaddr_o), .aw_len_o(m_axi_awlen_o),
    .w_valid_o(m_axi_wvalid_o), .w_ready_i(m_axi_wready_i), .w_data_o(m_axi_wdata_o), .w_strb_o(m_axi_wstrb_o),
    .w_last_o(m_axi_wlast_o), .b_valid_i(m_axi_bvalid_i), .b_ready_o(m_axi_bready_o), .b_err_i(m_axi_bresp_i[1]),
    .done_store_o(done_store), .layer_done_valid_o(layer_done_valid), .layer_done_id_o(layer_done_id),
    .lay_wr_valid_o(lay_wr_valid), .lay_wr_id_o(lay_wr_id), .lay_wr_n_o(lay_wr_n),
    .write_beat_o(write_beat), .idle_o(write_idle), .outstanding_o(write_outstanding),
    .err_valid_o(wr_err_valid), .err_cause_o(wr_err_cause), .err_index_o(wr_err_index), .err_addr_o(wr_err_addr)
  );
  assign m_axi_awid_o    = 2'd0;
  assign m_axi_awsize_o  = 3'($clog2(N));
  assign m_axi_awburst_o = 2'b01;

  // ---- Read address: one register, fetch before load; read data goes back by id ----
  logic        ar_valid_q, ar_free;
  logic [31:0] ar_addr_q;
  logic [7:0]  ar_len_q;
  logic [1:0]  ar_id_q;
  logic [4:0]  rd_bursts_q;    // bursts whose data are outstanding

  // Answers that AXI does not allow: to nothing that was asked for, or with RLAST in another beat than a burst's last.
  // The latter shows where bursts and data outstanding do not end together. All are taken and are an error; what they end,
  // they end, so that a reset need not wait for it.
  logic r_owed, r_bad, r_last, b_bad, uneven, bus_err_q;
  assign r_owed = m_axi_rid_i == 2'd1 ? fetch_reading : m_axi_rid_i == 2'd0 && load_outstanding;
  assign r_bad  = m_axi_rvalid_i && !stale_q && !r_owed;
  assign b_bad  = m_axi_bvalid_i && !stale_q && !(m_axi_bid_i == 2'd0 && write_outstanding);
  assign uneven = !stale_q && (rd_bursts_q != '0) != (fetch_reading || load_outstanding);
  always_ff @(posedge clk_i or negedge core_rst_n) begin
    if (!core_rst_n) bus_err_q <= 1'b0;
    else if (r_bad || b_bad || uneven) bus_err_q <= 1'b1;
  end

  assign ar_free     = (!ar_valid_q || m_axi_arready_i) && rd_bursts_q != 5'd31 && !stale_q && !uneven;
  assign fe_ar_ready = ar_free;
  assign ld_ar_ready = ar_free && !fe_ar_valid;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ar_valid_q  <= 1'b0;
      ar_addr_q   <= '0;
      ar_len_q    <= '0;
      ar_id_q     <= '0;
      rd_bursts_q <= '0;
    end else begin
      if (m_axi_arready_i) ar_valid_q <= 1'b0;
      if (ar_free && (fe_ar_valid || ld_ar_valid)) begin
        ar_valid_q <= 1'b1;
        ar_addr_q  <= fe_ar_valid ? fe_ar_addr : ld_ar_addr;
        ar_len_q   <= fe_ar_valid ? fe_ar_len : ld_ar_len;
        ar_id_q    <= {1'b0, fe_ar_valid};
      end
      case ({ar_free && (fe_ar_valid || ld_ar_valid), r_last && rd_bursts_q != '0})
        2'b10:   rd_bursts_q <= rd_bursts_q + 1'b1;
        2'b01:   rd_bursts_q <= rd_bursts_q - 1'b1;
        default: rd_bursts_q <= rd_bursts_q;
      endcase
      // All data are in: no RLAST is due any more.
      if (uneven && !fetch_reading && !load_outstanding) rd_bursts_q <= '0;
    end
  end

  logic bus_owes;
  assign bus_owes = rd_bursts_q != '0 || write_outstanding;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) stale_q <= 1'b0;
    else stale_q <= bus_owes && (stale_q || reset_q == StReset);
  end

  assign m_axi_arvalid_o = ar_valid_q;
  assign m_axi_araddr_o  = ar_addr_q;
  assign m_axi_arlen_o   = ar_len_q;
  assign m_axi_arid_o    = ar_id_q;
  assign m_axi_arsize_o  = 3'($clog2(N));
  assign m_axi_arburst_o = 2'b01;
  // The id counts only while there is an answer: a memory may leave it undefined otherwise.
  assign fe_r_valid      = m_axi_rvalid_i && m_axi_rid_i[0] && r_owed && !stale_q;
  assign ld_r_valid      = m_axi_rvalid_i && !m_axi_rid_i[0] && r_owed && !stale_q;
  assign m_axi_rready_o  = stale_q || ld_r_ready || (m_axi_rvalid_i && (m_axi_rid_i[0] ? fe_r_ready : r_bad));
  assign r_last          = m_axi_rvalid_i && m_axi_rready_o && m_axi_rlast_i;

  // ---- Idle, errors, watchdog, reset ----
  assign engines_idle = load_idle && cq_empty && sq_empty && core_idle && write_idle;
  // Without enable nothing is dispatched; what was comes to its end, or waits for a command that was not.
  assign resting      = !fetch_reading && load_resting && (cq_empty || comp_pending != '0) &&
                        (sq_empty || store_pending != '0) && core_idle && write_idle;
  assign busy         = (enable ? fetch_busy || !engines_idle : !resting) && !stopped_q;

  logic        progress;
  logic [31:0] idle_cycles_q;
  assign progress = (m_axi_rvalid_i && m_axi_rready_o) || write_beat || (m_axi_bvalid_i && m_axi_bready_o) ||
                    core_busy || drain_busy || act_we || (load_valid && load_ready) || sync_valid || resetting;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      idle_cycles_q <= '0;
    end else begin
      idle_cycles_q <= (progress || !busy) ? '0 : idle_cycles_q + 1'b1;
    end
  end
  assign wd_err_valid = watchdog != '0 && idle_cycles_q >= watchdog && !stopped_q;

  // The first error wins (in the registers); of simultaneous ones the engine closest to memory.
  assign err_valid = wr_err_valid || ld_err_valid || fe_err_valid || bus_err_q || wd_err_valid;
  logic [31:0] first_index;
  logic        comp_first, store_first;
  always_comb begin
    first_index = '0;
    comp_first  = 1'b0;
    store_first = 1'b0;
    err_cause = 4'(tetra_pkg::ErrTimeout);
    err_index = cmd_index;
    err_addr  = '0;
    if (!err_valid) begin
      err_cause = 4'(tetra_pkg::ErrNone);
    end else if (wr_err_valid) begin
      err_cause = wr_err_cause;
      err_index = wr_err_index;
      err_addr  = wr_err_addr;
    end else if (ld_err_valid) begin
      err_cause = ld_err_cause;
      err_index = ld_err_index;
      err_addr  = ld_err_addr;
    end else if (fe_err_valid) begin
      err_cause = fe_err_cause;
      err_index = fe_err_index;
      err_addr  = fe_err_addr;
    end else if (bus_err_q) begin
      err_cause = 4'(tetra_pkg::ErrAxiProtocol);
    end else begin
      // Of the commands that wait for a token the oldest is named; where none does, the next to dispatch. Who waits is known
      // last, so all pairs are compared.
      first_index = load_wait ? ld_err_index : cmd_index;
      comp_first  = comp_pending != '0 && (load_wait ? comp_index < ld_err_index : comp_index < cmd_index);
      store_first = store_pending != '0 && (load_wait ? store_index < ld_err_index : store_index < cmd_index) &&
                    (!comp_first || store_index < comp_index);
      err_index   = store_first ? store_index : comp_first ? comp_index : first_index;
    end
  end
  assign stopped_q = err_seen;
  assign stop      = err_seen || resetting;

  logic [15:0]  reset_cnt_q;
  logic         core_rst_nq;
  assign resetting  = reset_q != StRun;
  assign core_rst_n = core_rst_nq;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reset_q     <= StRun;
      reset_cnt_q <= '0;
      core_rst_nq <= 1'b0;
    end else if (resetting || soft_reset_req || !core_rst_nq) begin
      reset_cnt_q <= reset_cnt_q + 1'b1;
      unique case (reset_q)
        StQuiesce: begin
          // Let the bus finish what was promised; a dead slave is given up on, once.
          if (((!bus_owes || stale_q) && reset_cnt_q > 16'd4) || reset_cnt_q == 16'hffff) begin
            reset_q     <= StReset;
            reset_cnt_q <= '0;
          end
        end
        StReset: begin
          core_rst_nq <= 1'b0;
          if (reset_cnt_q == 16'd8) reset_q <= StRun;
        end
        default: begin
          core_rst_nq <= 1'b1;
          if (soft_reset_req) begin
            reset_q     <= StQuiesce;
            reset_cnt_q <= '0;
          end
        end
      endcase
    end
  end

  // ---- Where this cycle went, seen from the array; exactly one class a cycle ----
  always_comb begin
    if (core_busy) stall_class = 4'(tetra_pkg::CntBusy);
    else if (core_wait_mode) stall_class = 4'(tetra_pkg::CntMode);
    else if (core_comp_active || cq_pop) stall_class = 4'(tetra_pkg::CntFill);
    else if (comp_pending[2]) stall_class = 4'(tetra_pkg::CntWaitDrain);
    else if (comp_pending != '0)
      stall_class = load_wait_store ? 4'(tetra_pkg::CntWaitDep) : 4'(tetra_pkg::CntWaitLoad);
    else if (comp_ahead || !cq_empty) stall_class = 4'(tetra_pkg::CntWaitCmd);
    else stall_class = 4'(tetra_pkg::CntTail);
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (stale_q) begin
        begin : NothingBeginsBeforeLateAnswers assert (!ar_free); end
      end
      if (sync_valid) begin
        begin : SyncWhenAllIsDone assert (engines_idle && !load_outstanding && !write_outstanding); end
      end
    end
  end

  // Only bit 1 of a response tells an error.
  logic unused_axi;
  assign unused_axi = ^{m_axi_rresp_i[0], m_axi_bresp_i[0]};
endmodule
