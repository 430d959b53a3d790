/// Memory of block RAM: an AXI4 slave with words of 4 bytes, and a port for the host.
///
/// Both directions at once, a beat each in every cycle, bursts behind each other without a gap: 16 reads and 16 writes may
/// be under way, answered in order. A read address taken in cycle t has its first beat in cycle t + 2, a last write beat its
/// response likewise. That is the memory of the cycle model with 8 bytes a cycle and a latency of 2, so the accelerator
/// takes exactly the cycles that tetra_timing_run predicts.
///
/// Bursts that are not all inside are answered with DECERR, others than INCR of 4 bytes a beat with SLVERR; they change
/// nothing, and what they read is not told.
///
/// The host's port takes what the bus leaves: host_valid_i stays until host_ready_o, in whose cycle a write is done; a read's
/// word shows in the next cycle only. Never ready while a read beat waits for rready.
module board_memory #(
  /// words of 4 bytes, a power of two
  parameter int Words = 0,
  /// first byte's address, a multiple of the size
  parameter int Base = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [1:0]  s_axi_arid_i,
  input  logic [31:0] s_axi_araddr_i,
  input  logic [7:0]  s_axi_arlen_i,
  input  logic [2:0]  s_axi_arsize_i,
  input  logic [1:0]  s_axi_arburst_i,
  input  logic        s_axi_arvalid_i,
  output logic        s_axi_arready_o,
  output logic [1:0]  s_axi_rid_o,
  output logic [31:0] s_axi_rdata_o,
  output logic [1:0]  s_axi_rresp_o,
  output logic        s_axi_rlast_o,
  output logic        s_axi_rvalid_o,
  input  logic        s_axi_rready_i,
  input  logic [1:0]  s_axi_awid_i,
  input  logic [31:0] s_axi_awaddr_i,
  input  logic [7:0]  s_axi_awlen_i,
  input  logic [2:0]  s_axi_awsize_i,
  input  logic [1:0]  s_axi_awburst_i,
  input  logic        s_axi_awvalid_i,
  output logic        s_axi_awready_o,
  input  logic [31:0] s_axi_wdata_i,
  input  logic [3:0]  s_axi_wstrb_i,
  input  logic        s_axi_wlast_i,
  input  logic        s_axi_wvalid_i,
  output logic        s_axi_wready_o,
  output logic [1:0]  s_axi_bid_o,
  output logic [1:0]  s_axi_bresp_o,
  output logic        s_axi_bvalid_o,
  input  logic        s_axi_bready_i,
  input  logic        host_valid_i,
  input  logic        host_we_i,
  /// word, from the memory's first
  input  logic [$clog2(Words)-1:0] host_word_i,
  input  logic [31:0] host_data_i,
  output logic        host_ready_o,
  output logic [31:0] host_data_o
);
  localparam int WordW = $clog2(Words);
  localparam int BurstW = 2 + 2 + 8 + WordW;   // response, id, beats - 1, first word
  localparam int Bursts = 16;
  localparam logic [1:0] Okay = 2'b00, SlvErr = 2'b10, DecErr = 2'b11;

  function automatic logic [1:0] response(input logic [31:0] addr, input logic [7:0] len, input logic [2:0] size,
                                          input logic [1:0] burst);
    logic [WordW:0] last;
    last = {1'b0, addr[2 +: WordW]} + (WordW + 1)'(len);
    if (addr[31:WordW+2] != Base[31:WordW+2] || last[WordW]) response = DecErr;
    else if (size != 3'd2 || burst != 2'b01 || addr[1:0] != '0) response = SlvErr;
    else response = Okay;
  endfunction

  // ---- Reads: the block RAM's register is the beat that shows ----
  logic              ar_take, rq_full, rq_empty, r_free, r_issue, r_last, host_read;
  logic [BurstW-1:0] rq;
  logic [WordW-1:0]  r_word;
  logic [7:0]        r_len, r_beat_q;
  logic [1:0]        r_resp, r_id;
  logic [4:0]        reads_q;    // under way: until their last beat is taken
  logic              rvalid_q, rlast_q;
  logic [1:0]        rid_q, rresp_q;

  assign s_axi_arready_o = reads_q != 5'(Bursts);
  assign ar_take         = s_axi_arvalid_i && s_axi_arready_o;

  tetra_fifo #(.Width(BurstW), .Depth(Bursts)) u_reads (
    .clk_i, .rst_ni, .clear_i(1'b0), .push_i(ar_take),
    .data_i({response(s_axi_araddr_i, s_axi_arlen_i, s_axi_arsize_i, s_axi_arburst_i), s_axi_arid_i, s_axi_arlen_i,
             s_axi_araddr_i[2 +: WordW]}),
    .full_o(rq_full), .pop_i(r_issue && r_last), .data_o(rq), .empty_o(rq_empty), .count_o()
  );
  assign {r_resp, r_id, r_len, r_word} = rq;

  assign r_free    = !rvalid_q || s_axi_rready_i;
  assign r_issue   = !rq_empty && r_free;
  assign r_last    = r_beat_q == r_len;
  assign host_read = host_valid_i && !host_we_i && rq_empty && r_free;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      r_beat_q <= '0;
      reads_q  <= '0;
      rvalid_q <= 1'b0;
      rlast_q  <= 1'b0;
      rid_q    <= '0;
      rresp_q  <= '0;
    end else begin
      if (r_free) rvalid_q <= r_issue;
      if (r_issue) begin
        r_beat_q <= r_last ? '0 : r_beat_q + 1'b1;
        rlast_q  <= r_last;
        rid_q    <= r_id;
        rresp_q  <= r_resp;
      end
      case ({ar_take, rvalid_q && rlast_q && s_axi_rready_i})
        2'b10:   reads_q <= reads_q + 1'b1;
        2'b01:   reads_q <= reads_q - 1'b1;
        default: reads_q <= reads_q;
      endcase
    end
  end

  assign s_axi_rvalid_o = rvalid_q;
  assign s_axi_rlast_o  = rlast_q;
  assign s_axi_rid_o    = rid_q;
  assign s_axi_rresp_o  = rresp_q;

  // ---- Writes ----
  logic              wq_full, wq_empty, w_take, w_last, bq_full, bq_empty, b_free, bvalid_q, host_write;
  logic [BurstW-1:0] wq;
  logic [WordW-1:0]  w_word;
  logic [7:0]        w_len, w_beat_q;
  logic [1:0]        w_resp, w_id, bid_q, bresp_q;
  logic [3:0]        bq;

  assign s_axi_awready_o = !wq_full;
  tetra_fifo #(.Width(BurstW), .Depth(Bursts)) u_writes (
    .clk_i, .rst_ni, .clear_i(1'b0), .push_i(s_axi_awvalid_i && s_axi_awready_o),
    .data_i({response(s_axi_awaddr_i, s_axi_awlen_i, s_axi_awsize_i, s_axi_awburst_i), s_axi_awid_i, s_axi_awlen_i,
             s_axi_awaddr_i[2 +: WordW]}),
    .full_o(wq_full), .pop_i(w_take && w_last), .data_o(wq), .empty_o(wq_empty), .count_o()
  );
  assign {w_resp, w_id, w_len, w_word} = wq;

  assign s_axi_wready_o = !wq_empty && !bq_full;
  assign w_take         = s_axi_wvalid_i && s_axi_wready_o;
  assign w_last         = w_beat_q == w_len;
  assign host_write     = host_valid_i && host_we_i && !w_take;

  tetra_fifo #(.Width(4), .Depth(4)) u_responses (
    .clk_i, .rst_ni, .clear_i(1'b0), .push_i(w_take && w_last), .data_i({w_resp, w_id}),
    .full_o(bq_full), .pop_i(!bq_empty && b_free), .data_o(bq), .empty_o(bq_empty), .count_o()
  );
  assign b_free = !bvalid_q || s_axi_bready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      w_beat_q <= '0;
      bvalid_q <= 1'b0;
      bid_q    <= '0;
      bresp_q  <= '0;
    end else begin
      if (w_take) w_beat_q <= w_last ? '0 : w_beat_q + 1'b1;
      if (b_free) begin
        bvalid_q <= !bq_empty;
        {bresp_q, bid_q} <= bq;
      end
    end
  end

  assign s_axi_bvalid_o = bvalid_q;
  assign s_axi_bid_o    = bid_q;
  assign s_axi_bresp_o  = bresp_q;

  // ---- The words, a memory a byte ----
  logic [WordW-1:0] waddr, raddr;
  logic [31:0]      wdata, rdata;
  logic [3:0]       we;
  assign waddr = w_take ? w_word + WordW'(w_beat_q) : host_word_i;
  assign wdata = w_take ? s_axi_wdata_i : host_data_i;
  assign we    = w_take ? s_axi_wstrb_i & {4{w_resp == Okay}} : {4{host_write}};
  assign raddr = r_issue ? r_word + WordW'(r_beat_q) : host_word_i;

  for (genvar i = 0; i < 4; i++) begin : gen_bytes
    tetra_sram #(.Width(8), .Depth(Words)) u_sram (
      .clk_i, .we_i(we[i]), .keep_low_i(1'b0), .waddr_i(waddr), .wdata_i(wdata[8*i +: 8]),
      .re_i(r_issue || host_read), .raddr_i(raddr), .rdata_o(rdata[8*i +: 8])
    );
  end
  assign s_axi_rdata_o = rdata;
  assign host_data_o   = rdata;
  assign host_ready_o  = host_read || host_write;

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (w_take) begin
        begin : LastIsTheBurstsLast assert (s_axi_wlast_i == w_last); end
      end
      if (ar_take) begin
        begin : RoomForTheRead assert (!rq_full); end
      end
    end
  end

  logic unused;
  assign unused = ^{rq_full, s_axi_wlast_i};
endmodule
