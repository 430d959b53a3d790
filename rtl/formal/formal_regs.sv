/// AXI4-Lite rules of the register port, whatever the host and the engines do: answers stay until they are taken, there
/// is one for each request and none without, and a read or write that has been taken is answered within Bound cycles
/// of a host that takes answers and of engines whose events leave a gap.
module formal_regs #(
  parameter int Bound = 8
) (
  input logic        clk_i,
  input logic [11:0] awaddr_i,
  input logic        awvalid_i,
  input logic [31:0] wdata_i,
  input logic [3:0]  wstrb_i,
  input logic        wvalid_i,
  input logic        bready_i,
  input logic [11:0] araddr_i,
  input logic        arvalid_i,
  input logic        rready_i,
  input logic [31:0] head_i, sync_tag_i, err_index_i, err_addr_i, busy_n_i, rd_n_i, wr_n_i,
  input logic        busy_i, stopped_i, sync_valid_i, err_valid_i, layer_done_i, load_beat_i, load_wait_i,
                     drain_busy_i, drain_stall_i, fetch_beat_i, write_beat_i, lay_busy_i, lay_rd_i, lay_wr_i,
                     resetting_i,
  input logic [3:0]  err_cause_i, stall_class_i,
  input logic [tetra_pkg::LayerBits-1:0] layer_id_i, busy_id_i, rd_id_i, wr_id_i,
  input logic [7:0]  sat0_i, sat1_i
);
  logic run_q;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) run_q <= 1'b1;

  logic        awready, wready, bvalid, arready, rvalid, enable, reset_req, irq, err_seen;
  logic [1:0]  bresp, rresp;
  logic [31:0] rdata, ring_base, ring_size, tail, mem_base, mem_limit, watchdog;

  tetra_regs #(
    .N(4), .ActWords(16), .WgtWords(16), .ResWords(16), .ParEntries(2), .AccPixels(16), .PoolWords(16), .MaxLayers(2)
  ) u_dut (
    .clk_i, .rst_ni(run_q),
    .s_axil_awaddr_i(awaddr_i), .s_axil_awvalid_i(awvalid_i), .s_axil_awready_o(awready),
    .s_axil_wdata_i(wdata_i), .s_axil_wstrb_i(wstrb_i), .s_axil_wvalid_i(wvalid_i), .s_axil_wready_o(wready),
    .s_axil_bresp_o(bresp), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready_i),
    .s_axil_araddr_i(araddr_i), .s_axil_arvalid_i(arvalid_i), .s_axil_arready_o(arready),
    .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp), .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready_i),
    .enable_o(enable), .soft_reset_req_o(reset_req), .ring_base_o(ring_base), .ring_size_o(ring_size), .tail_o(tail),
    .mem_base_o(mem_base), .mem_limit_o(mem_limit), .watchdog_o(watchdog), .irq_o(irq), .resetting_i, .head_i, .busy_i,
    .starting_i(1'b0),
    .stopped_i, .sync_valid_i, .sync_tag_i, .err_valid_i, .err_cause_i, .err_index_i, .err_addr_i,
    .err_seen_o(err_seen), .layer_done_valid_i(layer_done_i), .layer_done_id_i(layer_id_i), .stall_class_i,
    .load_beat_i, .load_wait_i, .drain_busy_i, .drain_stall_i, .fetch_beat_i, .write_beat_i, .sat0_i, .sat1_i,
    .lay_busy_valid_i(lay_busy_i), .lay_busy_id_i(busy_id_i), .lay_busy_n_i(busy_n_i),
    .lay_rd_valid_i(lay_rd_i), .lay_rd_id_i(rd_id_i), .lay_rd_n_i(rd_n_i),
    .lay_wr_valid_i(lay_wr_i), .lay_wr_id_i(wr_id_i), .lay_wr_n_i(wr_n_i)
  );

  axi_held #(.Width(2)) u_b (.clk_i, .run_i(run_q), .valid_i(bvalid), .ready_i(bready_i), .payload_i(bresp));
  axi_held #(.Width(34)) u_r (
    .clk_i, .run_i(run_q), .valid_i(rvalid), .ready_i(rready_i), .payload_i({rresp, rdata})
  );

  // Requests taken and not answered yet.
  logic [1:0] aw_q, w_q, ar_q;
  logic [4:0] b_wait_q, r_wait_q, quiet_q;   // cycles that an answer has been due; cycles without events
  initial begin
    aw_q     = '0;
    w_q      = '0;
    ar_q     = '0;
    b_wait_q = '0;
    r_wait_q = '0;
    quiet_q  = '0;
  end
  always_ff @(posedge clk_i) if (run_q) begin
    aw_q     <= aw_q + 2'(awvalid_i && awready) - 2'(bvalid && bready_i);
    w_q      <= w_q + 2'(wvalid_i && wready) - 2'(bvalid && bready_i);
    ar_q     <= ar_q + 2'(arvalid_i && arready) - 2'(rvalid && rready_i);
    b_wait_q <= aw_q != '0 && w_q != '0 && !bvalid ? b_wait_q + 5'(b_wait_q != '1) : '0;
    r_wait_q <= ar_q != '0 && !rvalid && quiet_q != '0 ? r_wait_q + 5'(r_wait_q != '1) : '0;
    quiet_q  <= !lay_busy_i && !lay_rd_i && !lay_wr_i && !resetting_i && aw_q == '0 && w_q == '0 ? quiet_q + 5'(quiet_q != '1) : '0;
  end
  // What the rest of the accelerator owes the registers; in particular no events of layers while their sums are cleared,
  // two of them here, after a reset of either kind.
  logic [2:0] clear_q;
  initial clear_q = 3'd5;
  always_ff @(posedge clk_i) if (run_q) clear_q <= resetting_i ? 3'd5 : clear_q - 3'(clear_q != '0);
  always_comb begin
    if (clear_q != '0 && !resetting_i) assume (!lay_busy_i && !lay_rd_i && !lay_wr_i);
    if (busy_i) assume (32'(stall_class_i) >= tetra_pkg::CntBusy && 32'(stall_class_i) <= tetra_pkg::CntTail);
    if (err_seen) assume (!sync_valid_i);
  end
  always_comb if (run_q) begin
    assert (aw_q <= 2 && w_q <= 2 && ar_q <= 1);
    if (bvalid) assert (aw_q >= 1 && w_q >= 1);
    if (rvalid) assert (ar_q == 1);
    if (bvalid) assert (bresp[0] == 1'b0);     // OKAY or SLVERR
    if (rvalid) assert (rresp[0] == 1'b0);
    assert (b_wait_q <= 5'd2);
    assert (r_wait_q <= 5'(Bound));
  end
endmodule
