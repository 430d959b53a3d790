/// The load engine's read requests, for every number of cycles: they stay until they are taken, lie in the window and in
/// one page, have at most 64 beats; beats and bursts outstanding are counted and bounded. Its queues and the packer may do
/// anything here, and the splitter what proof `burst` shows of it; what the engine does with data is proof `load`'s.
module formal_load_ar #(
  parameter int N = 4
) (
  input logic           clk_i,
  input logic           stop_i, cmd_valid_i,
  input logic [tetra_pkg::CmdBits-1:0] cmd_i,
  input logic [31:0]    mem_base_i, mem_limit_i,
  input logic           ar_ready_i, r_valid_i, r_last_i,
  input logic [8*N-1:0] data_i
);
  logic run_q;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) run_q <= 1'b1;

  logic        ar_valid, r_ready, r_valid, outstanding;
  logic [31:0] ar_addr;
  logic [7:0]  ar_len;
  logic [9:0]  owed_q;
  logic [4:0]  bursts_q;
  assign r_valid = r_valid_i && owed_q != '0 && run_q;
  tetra_load #(.N(N)) u_dut (
    .clk_i, .rst_ni(run_q), .stop_i, .cmd_valid_i(cmd_valid_i && run_q), .cmd_ready_o(), .cmd_i, .cmd_index_i('0),
    .done_compute_i('0), .done_drain_i('0), .done_store_i('0), .done_load_o(), .mem_base_i, .mem_limit_i,
    .ar_valid_o(ar_valid), .ar_ready_i, .ar_addr_o(ar_addr), .ar_len_o(ar_len), .r_valid_i(r_valid), .r_ready_o(r_ready),
    .r_data_i(data_i), .r_last_i, .r_err_i(1'b0), .wr_data_o(), .wr_addr_o(), .act_we_o(), .wgt_we_o(),
    .wgt_keep_low_o(), .res_we_o(), .par_we_o(), .res_re_o(), .res_even_addr_o(), .res_odd_addr_o(),
    .res_even_data_i(data_i), .res_odd_data_i(data_i), .idle_o(), .resting_o(), .outstanding_o(outstanding),
    .wait_token_o(), .wait_store_o(), .beat_o(), .lay_rd_valid_o(), .lay_rd_id_o(), .lay_rd_n_o(), .err_valid_o(),
    .err_cause_o(), .err_index_o(), .err_addr_o()
  );
  // A stop takes back what was not taken: the port behind (tetra_top) is the bus'.
  axi_held #(.Width(40)) u_ar (
    .clk_i, .run_i(run_q && !stop_i), .valid_i(ar_valid), .ready_i(ar_ready_i), .payload_i({ar_len, ar_addr})
  );

  // What is inside: Yosys connects these names.
  (* hierconn *) logic       \u_dut.active_q , \u_dut.run_load , \u_dut.issue , \u_dut.run_end , \u_dut.in_range ;
  (* hierconn *) logic       \u_dut.d_push , \u_dut.is_pack , \u_dut.take , \u_dut.pack_we , \u_dut.pack_done , \u_dut.d_is_pack ;
  (* hierconn *) logic [6:0] \u_dut.burst ;
  (* hierconn *) logic [9:0] \u_dut.flight_q ;
  (* hierconn *) logic [4:0] \u_dut.bursts_q ;
  (* hierconn *) logic [tetra_pkg::CmdBits+tetra_pkg::CmdIndexBits-1:0] \u_dut.q_data ;

  // The splitter has a run; what it showed, and that it shows it still.
  logic        splits_q, same_q, stop_q;
  logic [31:0] base_q, limit_q;
  logic [40:0] shown, shown_q;
  logic        taken, comes;
  assign shown = {\u_dut.in_range , \u_dut.run_end , \u_dut.burst , ar_addr};
  assign taken = ar_valid && ar_ready_i;
  assign comes = r_valid && r_ready;
  always_ff @(posedge clk_i) begin
    base_q  <= mem_base_i;
    limit_q <= mem_limit_i;
    shown_q <= shown;
    if (!run_q) begin
      splits_q <= 1'b0;
      same_q   <= 1'b0;
      stop_q   <= 1'b0;
      owed_q   <= '0;
      bursts_q <= '0;
    end else begin
      splits_q <= \u_dut.run_load || (splits_q && !(\u_dut.issue && \u_dut.run_end ));
      same_q   <= !\u_dut.run_load && !\u_dut.issue ;
      stop_q   <= stop_i;
      owed_q   <= owed_q + (taken ? 10'(ar_len) + 10'd1 : 10'd0) - 10'(comes);
      bursts_q <= bursts_q + 5'(taken) - 5'(comes && r_last_i);
    end
  end

  logic [32:0] last_byte;
  assign last_byte = {1'b0, ar_addr} + (33'(ar_len) + 33'd1) * 33'(N) - 33'd1;
  always_comb if (run_q) begin
    assume (mem_base_i == base_q && mem_limit_i == limit_q && (stop_i || !stop_q));
    // The splitter: proof `burst`.
    if (same_q) assume (shown == shown_q);
    if (splits_q) begin
      assume (\u_dut.burst >= 7'd1 && \u_dut.burst <= 7'd64);
      assume (33'(ar_addr[11:0]) + 33'(\u_dut.burst ) * 33'(N) <= 33'(tetra_pkg::PageBytes));
      assume (!\u_dut.in_range || (ar_addr >= mem_base_i && last_byte <= {1'b0, mem_limit_i}));
    end
    // Queues and packer, of which the engine's own checks speak: proof `load`.
    assume (!\u_dut.d_push || \u_dut.is_pack || \u_dut.q_data [tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW] != '0);
    assume (!\u_dut.d_push || \u_dut.is_pack || \u_dut.q_data [tetra_pkg::LoadAddrLsb +: tetra_pkg::LoadAddrW] % 32'(N) == '0);
    assume (!\u_dut.take || !\u_dut.pack_we );
    assume (!\u_dut.pack_done || (!\u_dut.take && \u_dut.d_is_pack ));
    // The memory: a burst's last beat is told.
    if (r_valid) assume (!r_last_i || bursts_q != '0);
    if (r_valid) assume (owed_q - 10'd1 >= 10'(bursts_q) - 10'(r_last_i) && (owed_q == 10'd1) == (bursts_q == 5'(r_last_i)));
  end

  always_comb if (run_q) begin
    if (ar_valid) begin
      assert (ar_addr >= base_q && last_byte <= {1'b0, limit_q});
      assert (ar_addr[31:12] == last_byte[31:12] && !last_byte[32]);
      assert (ar_len < 8'd64);
    end
    assert (owed_q <= 10'd512 && bursts_q <= 5'd15 && owed_q >= 10'(bursts_q) && (owed_q == '0) == (bursts_q == '0));
    assert (owed_q == \u_dut.flight_q && bursts_q == \u_dut.bursts_q );
    assert (outstanding == (owed_q != '0));
    assert (!\u_dut.active_q || splits_q);
  end
endmodule
