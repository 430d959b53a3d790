// The accelerator at 4x4 for an FPGA with few pins: its ports hang on two shift registers, so that nothing of it is removed
// and every path between its registers counts. Buffers are
// those of configs/small4.ini. For utilization and clock; board/ has a top for a board.
module ecp5_top (
  input  logic clk_i,
  input  logic rst_ni,
  /// next bit of the inputs
  input  logic scan_i,
  /// take the outputs instead of shifting them out
  input  logic take_i,
  output logic scan_o
);
  localparam int N = 4;
  localparam int Ins = 12 + 1 + 32 + 4 + 1 + 1 + 12 + 1 + 1 + 1 + 2 + 8*N + 2 + 1 + 1 + 1 + 1 + 2 + 2 + 1;
  localparam int Outs = 1 + 1 + 2 + 1 + 1 + 32 + 2 + 1 + 2 + 32 + 8 + 3 + 2 + 1 + 1 + 2 + 32 + 8 + 3 + 2 + 1 + 8*N + N + 1 + 1 + 1 + 1;

  logic [Ins-1:0]  in_q;
  logic [Outs-1:0] out, out_q;
  always_ff @(posedge clk_i) begin
    in_q  <= {in_q[Ins-2:0], scan_i};
    out_q <= take_i ? out : {out_q[Outs-2:0], 1'b0};
  end
  assign scan_o = out_q[Outs-1];

  logic [11:0]    awaddr, araddr;
  logic [31:0]    wdata, rdata, m_araddr, m_awaddr;
  logic [3:0]     wstrb;
  logic           awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready, irq;
  logic [1:0]     bresp, rresp, m_arid, m_arburst, m_rid, m_rresp, m_awid, m_awburst, m_bid, m_bresp;
  logic [7:0]     m_arlen, m_awlen;
  logic [2:0]     m_arsize, m_awsize;
  logic [8*N-1:0] m_rdata, m_wdata;
  logic [N-1:0]   m_wstrb;
  logic           m_arvalid, m_arready, m_rlast, m_rvalid, m_rready, m_awvalid, m_awready, m_wlast, m_wvalid, m_wready, m_bvalid, m_bready;

  assign {awaddr, awvalid, wdata, wstrb, wvalid, bready, araddr, arvalid, rready, m_arready, m_rid, m_rdata, m_rresp, m_rlast,
          m_rvalid, m_awready, m_wready, m_bid, m_bresp, m_bvalid} = in_q;
  assign out = {awready, wready, bresp, bvalid, arready, rdata, rresp, rvalid, m_arid, m_araddr, m_arlen, m_arsize, m_arburst,
                m_arvalid, m_rready, m_awid, m_awaddr, m_awlen, m_awsize, m_awburst, m_awvalid, m_wdata, m_wstrb, m_wlast,
                m_wvalid, m_bready, irq};

  tetra_top #(.N(N), .ActWords(8192), .WgtWords(4096), .AccPixels(128)) u_tetra (
    .clk_i, .rst_ni,
    .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(wdata),
    .s_axil_wstrb_i(wstrb), .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready), .s_axil_bresp_o(bresp),
    .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready), .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid),
    .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp), .s_axil_rvalid_o(rvalid),
    .s_axil_rready_i(rready), .m_axi_arid_o(m_arid), .m_axi_araddr_o(m_araddr), .m_axi_arlen_o(m_arlen),
    .m_axi_arsize_o(m_arsize), .m_axi_arburst_o(m_arburst), .m_axi_arvalid_o(m_arvalid), .m_axi_arready_i(m_arready),
    .m_axi_rid_i(m_rid), .m_axi_rdata_i(m_rdata), .m_axi_rresp_i(m_rresp), .m_axi_rlast_i(m_rlast), .m_axi_rvalid_i(m_rvalid),
    .m_axi_rready_o(m_rready), .m_axi_awid_o(m_awid), .m_axi_awaddr_o(m_awaddr), .m_axi_awlen_o(m_awlen),
    .m_axi_awsize_o(m_awsize), .m_axi_awburst_o(m_awburst), .m_axi_awvalid_o(m_awvalid), .m_axi_awready_i(m_awready),
    .m_axi_wdata_o(m_wdata), .m_axi_wstrb_o(m_wstrb), .m_axi_wlast_o(m_wlast), .m_axi_wvalid_o(m_wvalid),
    .m_axi_wready_i(m_wready), .m_axi_bid_i(m_bid), .m_axi_bresp_i(m_bresp), .m_axi_bvalid_i(m_bvalid),
    .m_axi_bready_o(m_bready), .irq_o(irq)
  );
endmodule
