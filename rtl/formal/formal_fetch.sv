/// The command fetcher's read requests under every ring, tail, queue and memory: a request stays until it is taken, lies in
/// the ring and in one page, has at most FetchBurst commands; no more is outstanding than there is room for, and every
/// beat is taken at once.
module formal_fetch #(
  parameter int N = 32
) (
  input logic           clk_i,
  input logic           enable_i, stop_i,
  input logic [31:0]    ring_base_i, ring_size_i, tail_i,
  input logic           ar_ready_i, r_valid_i, r_err_i,
  input logic [8*N-1:0] r_data_i,
  input logic           load_ready_i, comp_ready_i, store_ready_i, idle_i
);
  logic run_q;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) run_q <= 1'b1;

  localparam int Beats = 64 / N;         // in a command
  logic        ar_valid, r_ready, load_valid, comp_valid, store_valid, sync_valid, err, busy, starting, reading, beat, ahead;
  logic [31:0] ar_addr, head, index, tag, err_index, err_addr;
  logic [7:0]  ar_len;
  logic [3:0]  err_cause;
  logic [tetra_pkg::CmdBits-1:0] cmd;
  logic [8:0]  owed_q;                   // beats that the memory owes
  logic        r_valid;
  assign r_valid = r_valid_i && owed_q != '0 && run_q;

  tetra_fetch #(.N(N), .AccPixels(64)) u_dut (
    .clk_i, .rst_ni(run_q), .enable_i, .stop_i, .ring_base_i, .ring_size_i, .tail_i, .head_o(head), .ar_valid_o(ar_valid),
    .ar_ready_i, .ar_addr_o(ar_addr), .ar_len_o(ar_len), .r_valid_i(r_valid), .r_ready_o(r_ready), .r_data_i, .r_err_i,
    .cmd_o(cmd), .cmd_index_o(index), .load_valid_o(load_valid), .load_ready_i, .comp_valid_o(comp_valid), .comp_ready_i,
    .store_valid_o(store_valid), .store_ready_i, .engines_idle_i(idle_i), .sync_valid_o(sync_valid), .sync_tag_o(tag),
    .err_valid_o(err), .err_cause_o(err_cause), .err_index_o(err_index), .err_addr_o(err_addr), .busy_o(busy),
    .starting_o(starting), .reading_o(reading), .fetch_beat_o(beat), .comp_ahead_o(ahead)
  );
  // A stop, and a pause, take back what was not taken: the port behind (tetra_top) is the bus'.
  axi_held #(.Width(40)) u_ar (
    .clk_i, .run_i(run_q && enable_i && !stop_i), .valid_i(ar_valid), .ready_i(ar_ready_i), .payload_i({ar_len, ar_addr})
  );

  // What is inside, for what its parts have to do with each other from cycle to cycle: Yosys connects these names.
  (* hierconn *) logic [31:0] \u_dut.fp_q , \u_dut.known_q , \u_dut.contig_q , \u_dut.addr_q ;
  (* hierconn *) logic [2:0]  \u_dut.want_q ;
  (* hierconn *) logic        \u_dut.to_end_q , \u_dut.more_q , \u_dut.ready_q ;
  (* hierconn *) logic        \u_dut.v_valid_q , \u_dut.c_valid_q , \u_dut.d_valid_q ;
  (* hierconn *) logic [4:0]  \u_dut.free_q , \u_dut.flight_q , \u_dut.count_q ;
  (* hierconn *) logic [Beats > 1 ? $clog2(Beats)-1 : 0:0] \u_dut.beat_q ;

  logic        stop_q;
  logic [31:0] base_q, size_q;
  logic [4:0]  slots_q;                  // commands asked for and not dispatched
  logic        dispatched;
  assign dispatched = (load_valid && load_ready_i) || (comp_valid && comp_ready_i) || (store_valid && store_ready_i) || sync_valid;
  always_ff @(posedge clk_i) begin
    base_q <= ring_base_i;
    size_q <= ring_size_i;
    if (!run_q) begin
      stop_q  <= 1'b0;
      owed_q  <= '0;
      slots_q <= '0;
    end else begin
      stop_q  <= stop_q || stop_i;
      owed_q  <= owed_q + (ar_valid && ar_ready_i ? 9'(ar_len) + 9'd1 : 9'd0) - 9'(r_valid && r_ready);
      slots_q <= slots_q + (ar_valid && ar_ready_i ? 5'((ar_len + 8'd1) / 8'(Beats)) : 5'd0) - 5'(dispatched);
    end
  end

  logic [33:0] first, last;              // bytes of a request, and of the ring
  assign first = 34'(ar_addr);
  assign last  = first + (34'(ar_len) + 34'd1) * 34'(N) - 34'd1;
  always_comb begin
    assume (ring_base_i[5:0] == '0);
    assume (34'(ring_base_i) + {ring_size_i[27:0], 6'b0} <= 34'h100000000 && ring_size_i < 32'h4000000);
    if (run_q) begin
      assume (ring_base_i == base_q && ring_size_i == size_q);
      if (stop_q) assume (stop_i);
      assert (r_ready);
      assert (beat == r_valid);
      assert (slots_q <= 5'd16 && owed_q <= 9'(16 * Beats));
      assert (reading == (owed_q != '0));
      if (ar_valid) begin
        assert ((ar_len + 8'd1) % 8'(Beats) == 8'd0 && ar_len < 8'(tetra_pkg::FetchBurst * Beats));
        assert (first[33:12] == last[33:12]);
        assert (first >= 34'(base_q) && last < 34'(base_q) + {size_q[27:0], 6'b0});
        assert (slots_q + 5'((ar_len + 8'd1) / 8'(Beats)) <= 5'd16);
      end
      assert ({1'b0, load_valid} + {1'b0, comp_valid} + {1'b0, store_valid} + {1'b0, sync_valid} <= 2'd1);
    end
  end

  // Slots: each is free, asked for, filled, or in one of the three registers. Requests: where the next one is, how far the
  // ring's end or the tail is, and that it goes neither beyond that nor beyond the page.
  always_comb if (run_q) begin
    assert (\u_dut.free_q + slots_q == 5'd16 && slots_q <= 5'd16);
    assert (6'(slots_q) == 6'(\u_dut.flight_q ) + 6'(\u_dut.count_q ) + 6'(\u_dut.v_valid_q ) + 6'(\u_dut.c_valid_q ) +
                           6'(\u_dut.d_valid_q ));
    assert (owed_q + 9'(\u_dut.beat_q ) == 9'(Beats) * 9'(\u_dut.flight_q ));
    assert (\u_dut.beat_q == '0 || \u_dut.flight_q != '0);
    assert (\u_dut.fp_q == '0 || \u_dut.fp_q < size_q);
    if (\u_dut.ready_q ) assert (\u_dut.more_q );
    if (\u_dut.more_q ) begin
      assert (\u_dut.fp_q < size_q && \u_dut.known_q < size_q && \u_dut.contig_q != '0 && \u_dut.contig_q <= size_q);
      assert (\u_dut.addr_q == base_q + {\u_dut.fp_q [25:0], 6'b0});
      assert (\u_dut.fp_q + \u_dut.contig_q == (\u_dut.to_end_q ? size_q : \u_dut.known_q ));
      if (\u_dut.to_end_q ) assert (\u_dut.known_q < \u_dut.fp_q );
      if (\u_dut.ready_q ) assert (\u_dut.want_q != '0 && \u_dut.want_q <= 3'(tetra_pkg::FetchBurst) &&
                                   32'(\u_dut.want_q ) <= \u_dut.contig_q &&
                                   7'(\u_dut.addr_q [11:6]) + 7'(\u_dut.want_q ) <= 7'd64);
    end
  end
endmodule
