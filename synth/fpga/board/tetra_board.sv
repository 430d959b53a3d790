/// The accelerator at 4x4 with the buffers of configs/small4.ini, a memory of block RAM, and a UART through which a host
/// reaches registers and memory: synth/fpga/host/ has the program. No board's own: pins and clock are its wrapper's.
module tetra_board #(
  /// words of 4 bytes in the memory, a power of two
  parameter int MemWords = 32768,
  /// of clk_i, for the host
  parameter int ClockHz = 25_000_000,
  /// clock cycles a bit of the UART
  parameter int Divider = ClockHz / 115_200,
  /// bits' time without a byte that ends a frame: more than a USB adapter leaves between two bytes of one
  parameter int QuietBits = 4096
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic rx_i,
  output logic tx_o,
  output logic irq_o,
  /// a byte comes in
  output logic heard_o
);
  localparam int N = 4;
  localparam int MemBase = 32'h1000_0000;
  localparam int WordW = $clog2(MemWords);

  logic       rx_valid, rx_broken, tx_valid, tx_ready;
  logic [7:0] rx_data, tx_data;
  board_uart #(.Divider(Divider)) u_uart (
    .clk_i, .rst_ni, .rx_i, .tx_o, .rx_valid_o(rx_valid), .rx_broken_o(rx_broken), .rx_data_o(rx_data),
    .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_data_i(tx_data)
  );
  assign heard_o = rx_valid;

  logic        req, we, ack, err;
  logic [31:0] addr, wdata, rdata;
  board_bridge #(.Quiet(QuietBits * Divider)) u_bridge (
    .clk_i, .rst_ni, .rx_valid_i(rx_valid), .rx_broken_i(rx_broken), .rx_data_i(rx_data), .tx_valid_o(tx_valid),
    .tx_ready_i(tx_ready), .tx_data_o(tx_data), .req_o(req), .we_o(we), .addr_o(addr), .data_o(wdata), .ack_i(ack),
    .err_i(err), .data_i(rdata)
  );

  logic        lite_req, lite_ack, lite_err, mem_valid, mem_ready, irq, core_rst_n;
  logic [31:0] lite_rdata, mem_rdata;
  board_space #(.MemBase(MemBase), .MemWords(MemWords), .ClockHz(ClockHz)) u_space (
    .clk_i, .rst_ni, .req_i(req), .we_i(we), .addr_i(addr), .data_i(wdata), .ack_o(ack), .err_o(err), .data_o(rdata),
    .lite_req_o(lite_req), .lite_ack_i(lite_ack), .lite_err_i(lite_err), .lite_data_i(lite_rdata),
    .mem_valid_o(mem_valid), .mem_ready_i(mem_ready), .mem_data_i(mem_rdata), .irq_i(irq), .core_rst_no(core_rst_n)
  );
  assign irq_o = irq;

  logic [11:0] awaddr, araddr;
  logic [31:0] s_wdata, s_rdata;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  board_lite u_lite (
    .clk_i, .rst_ni(core_rst_n), .req_i(lite_req), .we_i(we), .addr_i(addr[11:0]), .data_i(wdata), .ack_o(lite_ack),
    .err_o(lite_err), .data_o(lite_rdata), .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid),
    .m_axil_awready_i(awready), .m_axil_wdata_o(s_wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid),
    .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready),
    .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid), .m_axil_arready_i(arready), .m_axil_rdata_i(s_rdata),
    .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready)
  );

  logic [1:0]     m_arid, m_arburst, m_rid, m_rresp, m_awid, m_awburst, m_bid, m_bresp;
  logic [31:0]    m_araddr, m_awaddr;
  logic [7:0]     m_arlen, m_awlen;
  logic [2:0]     m_arsize, m_awsize;
  logic [8*N-1:0] m_rdata, m_wdata;
  logic [N-1:0]   m_wstrb;
  logic           m_arvalid, m_arready, m_rlast, m_rvalid, m_rready, m_awvalid, m_awready, m_wlast, m_wvalid, m_wready;
  logic           m_bvalid, m_bready;

  tetra_top #(.N(N), .ActWords(8192), .WgtWords(4096), .AccPixels(128)) u_tetra (
    .clk_i, .rst_ni(core_rst_n),
    .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(s_wdata),
    .s_axil_wstrb_i(wstrb), .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready), .s_axil_bresp_o(bresp),
    .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready), .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid),
    .s_axil_arready_o(arready), .s_axil_rdata_o(s_rdata), .s_axil_rresp_o(rresp), .s_axil_rvalid_o(rvalid),
    .s_axil_rready_i(rready), .m_axi_arid_o(m_arid), .m_axi_araddr_o(m_araddr), .m_axi_arlen_o(m_arlen),
    .m_axi_arsize_o(m_arsize), .m_axi_arburst_o(m_arburst), .m_axi_arvalid_o(m_arvalid), .m_axi_arready_i(m_arready),
    .m_axi_rid_i(m_rid), .m_axi_rdata_i(m_rdata), .m_axi_rresp_i(m_rresp), .m_axi_rlast_i(m_rlast),
    .m_axi_rvalid_i(m_rvalid), .m_axi_rready_o(m_rready), .m_axi_awid_o(m_awid), .m_axi_awaddr_o(m_awaddr),
    .m_axi_awlen_o(m_awlen), .m_axi_awsize_o(m_awsize), .m_axi_awburst_o(m_awburst), .m_axi_awvalid_o(m_awvalid),
    .m_axi_awready_i(m_awready), .m_axi_wdata_o(m_wdata), .m_axi_wstrb_o(m_wstrb), .m_axi_wlast_o(m_wlast),
    .m_axi_wvalid_o(m_wvalid), .m_axi_wready_i(m_wready), .m_axi_bid_i(m_bid), .m_axi_bresp_i(m_bresp),
    .m_axi_bvalid_i(m_bvalid), .m_axi_bready_o(m_bready), .irq_o(irq)
  );

  board_memory #(.Words(MemWords), .Base(MemBase)) u_memory (
    .clk_i, .rst_ni(core_rst_n),
    .s_axi_arid_i(m_arid), .s_axi_araddr_i(m_araddr), .s_axi_arlen_i(m_arlen), .s_axi_arsize_i(m_arsize),
    .s_axi_arburst_i(m_arburst), .s_axi_arvalid_i(m_arvalid), .s_axi_arready_o(m_arready), .s_axi_rid_o(m_rid),
    .s_axi_rdata_o(m_rdata), .s_axi_rresp_o(m_rresp), .s_axi_rlast_o(m_rlast), .s_axi_rvalid_o(m_rvalid),
    .s_axi_rready_i(m_rready), .s_axi_awid_i(m_awid), .s_axi_awaddr_i(m_awaddr), .s_axi_awlen_i(m_awlen),
    .s_axi_awsize_i(m_awsize), .s_axi_awburst_i(m_awburst), .s_axi_awvalid_i(m_awvalid), .s_axi_awready_o(m_awready),
    .s_axi_wdata_i(m_wdata), .s_axi_wstrb_i(m_wstrb), .s_axi_wlast_i(m_wlast), .s_axi_wvalid_i(m_wvalid),
    .s_axi_wready_o(m_wready), .s_axi_bid_o(m_bid), .s_axi_bresp_o(m_bresp), .s_axi_bvalid_o(m_bvalid),
    .s_axi_bready_i(m_bready), .host_valid_i(mem_valid), .host_we_i(we), .host_word_i(addr[2 +: WordW]),
    .host_data_i(wdata), .host_ready_o(mem_ready), .host_data_o(mem_rdata)
  );
endmodule
