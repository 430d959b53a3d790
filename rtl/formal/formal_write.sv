/// The write engine under every memory and every order of segments, words, stop and reset: its three AXI channels keep
/// what they offer, every burst lies in the window and in one page, has as many beats as it announced with WLAST on the
/// last, and nothing of it is forgotten while the bus owes an answer.
module formal_write #(
  parameter int N = 4
) (
  input logic           clk_i,
  input logic           stop_i,
  input logic           desc_valid_i, desc_last_i, desc_layer_last_i,
  input logic [31:0]    desc_addr_i, desc_index_i,
  input logic [15:0]    desc_beats_i,
  input logic [tetra_pkg::LayerBits-1:0] desc_layer_i,
  input logic           wd_valid_i,
  input logic [8*N-1:0] wd_data_i,
  input logic [31:0]    mem_base_i, mem_limit_i,
  input logic           aw_ready_i, w_ready_i, b_valid_i, b_err_i,
  input logic           follow_i
);
  logic run_q;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) run_q <= 1'b1;

  logic           desc_ready, aw_valid, w_valid, w_last, b_ready, layer_done, lay_wr, beat, idle, outstanding, err;
  logic [15:0]    space, done_store;
  logic [31:0]    aw_addr, lay_wr_n, err_index, err_addr;
  logic [7:0]     aw_len;
  logic [8*N-1:0] w_data;
  logic [N-1:0]   w_strb;
  logic [3:0]     err_cause;
  logic [tetra_pkg::LayerBits-1:0] done_id, wr_id;

  // Responses that the memory owes.
  logic [7:0] owed_q;
  logic       b_valid, desc_valid, wd_valid;
  assign b_valid    = b_valid_i && owed_q != '0;
  assign desc_valid = desc_valid_i && desc_ready && run_q;
  assign wd_valid   = wd_valid_i && space != '0 && run_q;

  tetra_write #(.N(N)) u_dut (
    .clk_i, .rst_ni(run_q), .bus_rst_ni(run_q), .stop_i, .stale_i(1'b0), .desc_valid_i(desc_valid),
    .desc_ready_o(desc_ready), .desc_addr_i, .desc_beats_i, .desc_last_i, .desc_layer_i, .desc_layer_last_i,
    .desc_index_i, .wd_valid_i(wd_valid), .wd_data_i, .wd_space_o(space), .mem_base_i, .mem_limit_i,
    .aw_valid_o(aw_valid), .aw_ready_i, .aw_addr_o(aw_addr), .aw_len_o(aw_len), .w_valid_o(w_valid), .w_ready_i,
    .w_data_o(w_data), .w_strb_o(w_strb), .w_last_o(w_last), .b_valid_i(b_valid), .b_ready_o(b_ready), .b_err_i,
    .done_store_o(done_store), .layer_done_valid_o(layer_done), .layer_done_id_o(done_id), .lay_wr_valid_o(lay_wr),
    .lay_wr_id_o(wr_id), .lay_wr_n_o(lay_wr_n), .write_beat_o(beat), .idle_o(idle), .outstanding_o(outstanding),
    .err_valid_o(err), .err_cause_o(err_cause), .err_index_o(err_index), .err_addr_o(err_addr)
  );

  axi_held #(.Width(40)) u_aw (
    .clk_i, .run_i(run_q), .valid_i(aw_valid), .ready_i(aw_ready_i), .payload_i({aw_len, aw_addr})
  );
  axi_held #(.Width(9*N+1)) u_w (
    .clk_i, .run_i(run_q), .valid_i(w_valid), .ready_i(w_ready_i), .payload_i({w_last, w_strb, w_data})
  );

  // Bursts offered whose last beat is not taken, bursts whose address is; the burst followed and the beats before it.
  logic       aw_new_q, aw_new, follow_q, last_taken;
  logic [7:0] open_q, ahead_q, beat_q, len_q, addressed_q, ended_q;
  logic [31:0] base_q, limit_q;      // the window, which stays
  logic        window_q;
  initial begin
    owed_q      = '0;
    window_q    = 1'b0;
    aw_new_q    = 1'b1;
    open_q      = '0;
    follow_q    = 1'b0;
    addressed_q = '0;
    ended_q     = '0;
  end
  assign aw_new     = aw_valid && aw_new_q;
  assign last_taken = w_valid && w_ready_i && w_last;
  always_ff @(posedge clk_i) begin
    base_q   <= mem_base_i;
    limit_q  <= mem_limit_i;
    window_q <= 1'b1;
    if (run_q) begin
      aw_new_q    <= !aw_valid || aw_ready_i;
      open_q      <= open_q + 8'(aw_new) - 8'(last_taken);
      // A response is due for a burst whose address and last beat are taken, in whichever order.
      addressed_q <= addressed_q + 8'(aw_valid && aw_ready_i);
      ended_q     <= ended_q + 8'(last_taken);
      owed_q      <= owed_q - 8'(b_valid) +
                     8'((addressed_q != ended_q || (aw_valid && aw_ready_i)) && last_taken &&
                        8'(addressed_q - ended_q) < 8'd128) +
                     8'(aw_valid && aw_ready_i && 8'(ended_q - addressed_q) != '0 && 8'(ended_q - addressed_q) < 8'd128);
      if (follow_q) begin
        if (last_taken) ahead_q <= ahead_q - 8'd1;
        if (w_valid && w_ready_i) beat_q <= w_last ? '0 : beat_q + 8'd1;
        if (last_taken && ahead_q == '0) follow_q <= 1'b0;
      end else if (aw_new && follow_i) begin
        follow_q <= 1'b1;
        ahead_q  <= open_q - 8'(last_taken);
        len_q    <= aw_len;
        beat_q   <= '0;
      end
    end
  end
  logic [32:0] last_byte;
  assign last_byte = {1'b0, aw_addr} + (33'(aw_len) + 33'd1) * 33'(N) - 33'd1;
  always_comb begin
    if (desc_valid) assume (desc_beats_i != '0 && desc_addr_i % 32'(N) == '0);
    if (run_q) begin
      assume (!window_q || (mem_base_i == base_q && mem_limit_i == limit_q));
      assert (b_ready);
      if (aw_new) begin
        assert (aw_addr >= base_q && last_byte <= {1'b0, limit_q});
        assert (aw_addr[31:12] == last_byte[31:12] && !last_byte[32]);
        assert (aw_len < 8'd64);
      end
      assert (open_q <= 8'd17);
      if (w_valid) assert (open_q != '0);
      if (follow_q && w_valid && ahead_q == '0) assert (beat_q <= len_q && (w_last == (beat_q == len_q) || open_q > 8'd1));
      if (open_q != '0 || owed_q != '0) assert (outstanding);
      if (outstanding) assert (!idle);
    end
  end
endmodule
