/// The read port of the whole accelerator, which fetcher and load engine share, under any requests of theirs that keep
/// to what proofs `fetch` and `load_ar` show of them, any resets, and a memory that answers what it was asked for, in any
/// order of ids and at any time: a request stays until it is taken and is what was asked for, in order, with the id of
/// who asked; data go to who asked, once, and to nobody else; what was asked for before a soft reset goes to nobody;
/// bursts and beats that are due are counted right, so that such a memory is never reported.
module formal_reads #(
  parameter int N = 4
) (
  input logic           clk_i,
  input logic           ar_ready_i, r_valid_i, r_last_i,
  input logic [1:0]     r_id_i, r_resp_i,
  input logic [8*N-1:0] r_data_i
);
  localparam int MostFetch = 16 * 64 / N;   // beats that the engines have under way: proofs fetch, load_ar
  localparam int MostLoad  = 512;
  logic run_q;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) run_q <= 1'b1;

  logic        ar_valid, r_ready;
  logic [1:0]  ar_id, ar_burst;
  logic [31:0] ar_addr;
  logic [7:0]  ar_len;
  logic [2:0]  ar_size;
  tetra_top #(.N(N)) u_dut (
    .clk_i, .rst_ni(run_q),
    .s_axil_awaddr_i('0), .s_axil_awvalid_i(1'b0), .s_axil_awready_o(), .s_axil_wdata_i('0), .s_axil_wstrb_i('0),
    .s_axil_wvalid_i(1'b0), .s_axil_wready_o(), .s_axil_bresp_o(), .s_axil_bvalid_o(), .s_axil_bready_i(1'b0),
    .s_axil_araddr_i('0), .s_axil_arvalid_i(1'b0), .s_axil_arready_o(), .s_axil_rdata_o(), .s_axil_rresp_o(),
    .s_axil_rvalid_o(), .s_axil_rready_i(1'b0),
    .m_axi_arid_o(ar_id), .m_axi_araddr_o(ar_addr), .m_axi_arlen_o(ar_len), .m_axi_arsize_o(ar_size),
    .m_axi_arburst_o(ar_burst), .m_axi_arvalid_o(ar_valid), .m_axi_arready_i(ar_ready_i), .m_axi_rid_i(r_id_i),
    .m_axi_rdata_i(r_data_i), .m_axi_rresp_i(r_resp_i), .m_axi_rlast_i(r_last_i), .m_axi_rvalid_i(r_valid_i),
    .m_axi_rready_o(r_ready),
    .m_axi_awid_o(), .m_axi_awaddr_o(), .m_axi_awlen_o(), .m_axi_awsize_o(), .m_axi_awburst_o(), .m_axi_awvalid_o(),
    .m_axi_awready_i(1'b0), .m_axi_wdata_o(), .m_axi_wstrb_o(), .m_axi_wlast_o(), .m_axi_wvalid_o(),
    .m_axi_wready_i(1'b0), .m_axi_bid_i('0), .m_axi_bresp_i('0), .m_axi_bvalid_i(1'b0), .m_axi_bready_o(), .irq_o()
  );
  axi_held #(.Width(47)) u_ar (
    .clk_i, .run_i(run_q), .valid_i(ar_valid), .ready_i(ar_ready_i), .payload_i({ar_id, ar_len, ar_addr, ar_size, ar_burst})
  );

  // Inside: Yosys connects these names.
  (* hierconn *) logic        \u_dut.fe_ar_valid , \u_dut.fe_ar_ready , \u_dut.fe_r_valid , \u_dut.fe_r_ready ;
  (* hierconn *) logic        \u_dut.ld_ar_valid , \u_dut.ld_ar_ready , \u_dut.ld_r_valid , \u_dut.ld_r_ready ;
  (* hierconn *) logic [31:0] \u_dut.fe_ar_addr , \u_dut.ld_ar_addr ;
  (* hierconn *) logic [7:0]  \u_dut.fe_ar_len , \u_dut.ld_ar_len ;
  (* hierconn *) logic        \u_dut.fetch_reading , \u_dut.load_outstanding , \u_dut.write_outstanding ;
  (* hierconn *) logic        \u_dut.load_idle , \u_dut.write_idle , \u_dut.engines_idle , \u_dut.sync_valid ;
  (* hierconn *) logic        \u_dut.core_rst_nq , \u_dut.stop , \u_dut.stale_q , \u_dut.uneven , \u_dut.r_bad ;
  (* hierconn *) logic [1:0]  \u_dut.reset_q ;
  (* hierconn *) logic [4:0]  \u_dut.rd_bursts_q ;

  // Beats and bursts due, to fetcher and load engine, and bursts to anyone; the request on the port.
  logic [10:0] fetch_q, load_q, left;
  logic [4:0]  fetch_bursts_q, load_bursts_q, bursts_q, bursts_left;
  logic        asked_q, fetch_asks, load_asks, comes, ends, old;
  logic [1:0]  asked_id_q;
  logic [7:0]  asked_len_q;
  logic [31:0] asked_addr_q;
  assign old        = \u_dut.stale_q ;
  assign fetch_asks = \u_dut.fe_ar_valid && \u_dut.fe_ar_ready ;
  assign load_asks  = \u_dut.ld_ar_valid && \u_dut.ld_ar_ready ;
  assign comes      = r_valid_i && r_ready;
  assign ends       = comes && r_last_i;
  assign left       = (r_id_i[0] ? fetch_q : load_q) - 11'd1;
  assign bursts_left = (r_id_i[0] ? fetch_bursts_q : load_bursts_q) - 5'(r_last_i);
  always_ff @(posedge clk_i)
    if (!run_q) begin
      bursts_q <= '0;
      asked_q  <= 1'b0;
    end else begin
      bursts_q <= bursts_q + 5'(fetch_asks) + 5'(load_asks) - 5'(ends);
      if (ar_ready_i) asked_q <= 1'b0;
      if (fetch_asks || load_asks) begin
        asked_q      <= 1'b1;
        asked_id_q   <= fetch_asks ? 2'd1 : 2'd0;
        asked_len_q  <= fetch_asks ? \u_dut.fe_ar_len : \u_dut.ld_ar_len ;
        asked_addr_q <= fetch_asks ? \u_dut.fe_ar_addr : \u_dut.ld_ar_addr ;
      end
    end
  // As the engines, reset with them.
  logic core_rst_n;
  assign core_rst_n = \u_dut.core_rst_nq ;
  always_ff @(posedge clk_i or negedge core_rst_n)
    if (!core_rst_n) begin
      fetch_q        <= '0;
      load_q         <= '0;
      fetch_bursts_q <= '0;
      load_bursts_q  <= '0;
    end else begin
      fetch_q        <= fetch_q + (fetch_asks ? 11'(\u_dut.fe_ar_len ) + 11'd1 : 11'd0) - 11'(comes && !old && r_id_i == 2'd1);
      load_q         <= load_q + (load_asks ? 11'(\u_dut.ld_ar_len ) + 11'd1 : 11'd0) - 11'(comes && !old && r_id_i == 2'd0);
      fetch_bursts_q <= fetch_bursts_q + 5'(fetch_asks) - 5'(ends && !old && r_id_i == 2'd1);
      load_bursts_q  <= load_bursts_q + 5'(load_asks) - 5'(ends && !old && r_id_i == 2'd0);
    end

  always_comb if (run_q) begin
    // The engines.
    assume (\u_dut.fetch_reading == (fetch_q != '0));
    assume (\u_dut.load_outstanding == (load_q != '0));
    assume (\u_dut.fe_r_ready );
    if (\u_dut.stop || !core_rst_n) assume (!\u_dut.fe_ar_valid && !\u_dut.ld_ar_valid );
    if (\u_dut.fe_ar_valid ) assume (fetch_q + 11'(\u_dut.fe_ar_len ) < 11'(MostFetch));
    if (\u_dut.ld_ar_valid ) assume (load_q + 11'(\u_dut.ld_ar_len ) < 11'(MostLoad));
    assume (!\u_dut.load_idle || !\u_dut.load_outstanding );
    assume (!\u_dut.write_idle || !\u_dut.write_outstanding );
    assume (!\u_dut.sync_valid || \u_dut.engines_idle );
    // The memory: an answer is to a burst that is due, and a burst's last beat is told.
    if (r_valid_i) begin
      assume (bursts_q != '0 && !r_id_i[1]);
      if (!old) begin
        assume ((r_id_i[0] ? fetch_q : load_q) != '0);
        assume (!r_last_i || (r_id_i[0] ? fetch_bursts_q : load_bursts_q) != '0);
        assume ((left == '0) == (bursts_left == '0) && left >= 11'(bursts_left));
      end
    end
  end

  always_comb if (run_q) begin
    // What is on the port is what was asked for.
    assert (!fetch_asks || !load_asks);
    assert (ar_valid == asked_q);
    if (ar_valid) assert (ar_id == asked_id_q && ar_len == asked_len_q && ar_addr == asked_addr_q);
    if (fetch_asks || load_asks) assert (!ar_valid || ar_ready_i);
    assert (ar_size == 3'($clog2(N)) && ar_burst == 2'b01);
    // An answer goes to who asked, and is taken when that one takes it; one that is too old is dropped.
    assert (\u_dut.fe_r_valid == (r_valid_i && r_id_i == 2'd1 && !old));
    assert (\u_dut.ld_r_valid == (r_valid_i && r_id_i == 2'd0 && !old));
    if (r_valid_i) assert (r_ready == (old || r_id_i == 2'd1 || \u_dut.ld_r_ready ));
    assert (!\u_dut.r_bad && !\u_dut.uneven );
    // What is due.
    assert (bursts_q == \u_dut.rd_bursts_q );
    assert ((fetch_q == '0) == (fetch_bursts_q == '0) && fetch_q >= 11'(fetch_bursts_q) && fetch_q <= 11'(MostFetch));
    assert ((load_q == '0) == (load_bursts_q == '0) && load_q >= 11'(load_bursts_q) && load_q <= 11'(MostLoad));
    if (!old && core_rst_n) assert (6'(bursts_q) == 6'(fetch_bursts_q) + 6'(load_bursts_q));
    if (old) assert (fetch_bursts_q == '0 && load_bursts_q == '0 && !fetch_asks && !load_asks);
    if (!core_rst_n) assert (old || bursts_q == '0);
  end
endmodule
