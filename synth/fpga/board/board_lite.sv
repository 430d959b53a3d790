/// Single words over AXI4-Lite: req_i with address and data stays until ack_o, which comes for one cycle with the answer.
/// One access at a time; the slave answers each, so no time limit is kept here.
module board_lite (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        req_i,
  input  logic        we_i,
  /// byte address
  input  logic [11:0] addr_i,
  input  logic [31:0] data_i,
  output logic        ack_o,
  output logic        err_o,
  output logic [31:0] data_o,
  output logic [11:0] m_axil_awaddr_o,
  output logic        m_axil_awvalid_o,
  input  logic        m_axil_awready_i,
  output logic [31:0] m_axil_wdata_o,
  output logic [3:0]  m_axil_wstrb_o,
  output logic        m_axil_wvalid_o,
  input  logic        m_axil_wready_i,
  input  logic [1:0]  m_axil_bresp_i,
  input  logic        m_axil_bvalid_i,
  output logic        m_axil_bready_o,
  output logic [11:0] m_axil_araddr_o,
  output logic        m_axil_arvalid_o,
  input  logic        m_axil_arready_i,
  input  logic [31:0] m_axil_rdata_i,
  input  logic [1:0]  m_axil_rresp_i,
  input  logic        m_axil_rvalid_i,
  output logic        m_axil_rready_o
);
  // What of this access has been taken.
  logic ar_q, aw_q, w_q;

  assign m_axil_araddr_o  = addr_i;
  assign m_axil_awaddr_o  = addr_i;
  assign m_axil_wdata_o   = data_i;
  assign m_axil_wstrb_o   = 4'b1111;
  assign m_axil_arvalid_o = req_i && !we_i && !ar_q;
  assign m_axil_awvalid_o = req_i && we_i && !aw_q;
  assign m_axil_wvalid_o  = req_i && we_i && !w_q;
  assign m_axil_rready_o  = ar_q;
  assign m_axil_bready_o  = aw_q && w_q;

  assign ack_o  = (m_axil_rvalid_i && m_axil_rready_o) || (m_axil_bvalid_i && m_axil_bready_o);
  assign err_o  = we_i ? m_axil_bresp_i[1] : m_axil_rresp_i[1];
  assign data_o = m_axil_rdata_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ar_q <= 1'b0;
      aw_q <= 1'b0;
      w_q  <= 1'b0;
    end else if (ack_o) begin
      ar_q <= 1'b0;
      aw_q <= 1'b0;
      w_q  <= 1'b0;
    end else begin
      if (m_axil_arvalid_o && m_axil_arready_i) ar_q <= 1'b1;
      if (m_axil_awvalid_o && m_axil_awready_i) aw_q <= 1'b1;
      if (m_axil_wvalid_o && m_axil_wready_i) w_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni && (ar_q || aw_q || w_q)) begin
      begin : RequestStaysUntilItsAnswer assert (req_i && we_i == !ar_q); end
    end
  end

  // Only bit 1 of a response tells an error.
  logic unused_resp;
  assign unused_resp = ^{m_axil_rresp_i[0], m_axil_bresp_i[0]};
endmodule
