/// Write engine: turns segments of finished words into AXI write bursts and counts completed STOREs.
///
/// Addresses run ahead of data by up to 16 bursts; data flow at one beat a cycle across bursts and segments. A STORE
/// is complete when the response of its last burst is in. On stop_i no burst is begun; the data of bursts already
/// promised are sent with all byte enables off. What the bus was promised survives a soft reset that gave up waiting for
/// it: with stale_i it is finished the same way, its responses are dropped, and no burst is begun before.
module tetra_write #(
  /// bytes in a beat
  parameter int N = 0
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  /// asynchronous reset of what the bus was promised, active low: not with a soft reset
  input  logic           bus_rst_ni,
  /// begin nothing more
  input  logic           stop_i,
  /// bursts begun before the last soft reset are not over
  input  logic           stale_i,
  input  logic           desc_valid_i,
  output logic           desc_ready_o,
  /// byte address
  input  logic [31:0]    desc_addr_i,
  /// beats, >= 1
  input  logic [15:0]    desc_beats_i,
  /// last segment of its STORE
  input  logic           desc_last_i,
  input  logic [tetra_pkg::LayerBits-1:0] desc_layer_i,
  /// the STORE is its layer's last
  input  logic           desc_layer_last_i,
  /// its STORE's index, for error reports
  input  logic [31:0]    desc_index_i,
  input  logic           wd_valid_i,
  input  logic [8*N-1:0] wd_data_i,
  /// free words in the data FIFO
  output logic [15:0]    wd_space_o,
  /// lowest byte address allowed
  input  logic [31:0]    mem_base_i,
  /// highest one
  input  logic [31:0]    mem_limit_i,
  output logic           aw_valid_o,
  input  logic           aw_ready_i,
  output logic [31:0]    aw_addr_o,
  output logic [7:0]     aw_len_o,
  output logic           w_valid_o,
  input  logic           w_ready_i,
  output logic [8*N-1:0] w_data_o,
  output logic [N-1:0]   w_strb_o,
  output logic           w_last_o,
  input  logic           b_valid_i,
  output logic           b_ready_o,
  input  logic           b_err_i,
  /// STOREs completed, modulo 2^16
  output logic [15:0]    done_store_o,
  /// event: a layer's last response is in
  output logic           layer_done_valid_o,
  output logic [tetra_pkg::LayerBits-1:0] layer_done_id_o,
  /// event: a STORE completed
  output logic           lay_wr_valid_o,
  output logic [tetra_pkg::LayerBits-1:0] lay_wr_id_o,
  /// its beats
  output logic [31:0]    lay_wr_n_o,
  /// a beat was taken by the bus
  output logic           write_beat_o,
  /// nothing queued, nothing outstanding
  output logic           idle_o,
  /// a response is outstanding
  output logic           outstanding_o,
  /// error (level until reset)
  output logic           err_valid_o,
  /// ERR_*
  output logic [3:0]     err_cause_o,
  /// desc_index_i of the segment
  output logic [31:0]    err_index_o,
  /// byte address of the burst
  output logic [31:0]    err_addr_o
);
  localparam int DescW = 32 + 16 + 1 + tetra_pkg::LayerBits + 1 + 32;
  localparam int RespW = 1 + 1 + tetra_pkg::LayerBits + 7 + 32 + 32;

  // ---- Segments to bursts ----
  logic             ds_empty, ds_pop, ds_last, ds_layer_last;
  logic [DescW-1:0] ds_data;
  logic [31:0]      ds_addr, ds_index;
  logic [15:0]      ds_beats;
  logic [tetra_pkg::LayerBits-1:0] ds_layer;

  tetra_fifo #(.Width(DescW), .Depth(8)) u_desc (
    .clk_i, .rst_ni, .clear_i(1'b0), .push_i(desc_valid_i),
    .data_i({desc_index_i, desc_layer_last_i, desc_layer_i, desc_last_i, desc_beats_i, desc_addr_i}),
    .full_o(), .pop_i(ds_pop), .data_o(ds_data), .empty_o(ds_empty), .count_o()
  );
  assign {ds_index, ds_layer_last, ds_layer, ds_last, ds_beats, ds_addr} = ds_data;

  // The oldest segment is taken out of the queue while its bursts are made; it counts as queued until the last is on its way.
  logic        drop, run_q, run_load, run_end, in_range, aw_go, resp_full, len_full, range_err_q, resp_err_q;
  logic        run_last_q, run_layer_last_q;
  logic [3:0]  queued_q;         // segments
  logic [31:0] err_addr_q, err_index_q, run_index_q, addr;
  logic [tetra_pkg::LayerBits-1:0] run_layer_q;
  logic [6:0]  burst;

  assign desc_ready_o = queued_q != 4'd8;
  assign run_load     = !ds_empty && (!run_q || (aw_go && run_end));
  assign ds_pop       = run_load;
  tetra_burst #(.N(N)) u_burst (
    .clk_i, .load_i(run_load), .addr_i(ds_addr), .beats_i({4'd0, ds_beats}), .step_i(aw_go), .mem_base_i, .mem_limit_i,
    .addr_o(addr), .beats_o(burst), .last_o(run_end), .in_range_o(in_range)
  );

  // One address register, so that a burst once offered stays until it is taken.
  logic        aw_valid_q;
  logic [31:0] aw_addr_q;
  logic [6:0]  aw_beats_q;
  assign drop       = stop_i || stale_i;
  assign aw_go      = run_q && !drop && !range_err_q && in_range && !resp_full && !len_full && (!aw_valid_q || aw_ready_i);
  assign aw_valid_o = aw_valid_q;
  assign aw_addr_o  = aw_addr_q;
  assign aw_len_o   = {1'b0, aw_beats_q} - 8'd1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q            <= 1'b0;
      run_last_q       <= 1'b0;
      run_layer_last_q <= 1'b0;
      run_layer_q      <= '0;
      run_index_q      <= '0;
      queued_q         <= '0;
      range_err_q      <= 1'b0;
    end else if (desc_valid_i || run_load || run_q) begin
      if (run_load) begin
        run_q            <= 1'b1;
        run_last_q       <= ds_last;
        run_layer_last_q <= ds_layer_last;
        run_layer_q      <= ds_layer;
        run_index_q      <= ds_index;
      end else if (aw_go && run_end) begin
        run_q <= 1'b0;
      end
      if (desc_valid_i != (aw_go && run_end)) queued_q <= desc_valid_i ? queued_q + 1'b1 : queued_q - 1'b1;
      if (run_q && !in_range && !stop_i) range_err_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge bus_rst_ni) begin
    if (!bus_rst_ni) begin
      aw_valid_q <= 1'b0;
      aw_addr_q  <= '0;
      aw_beats_q <= '0;
    end else if (aw_valid_q || aw_go) begin
      if (aw_ready_i) aw_valid_q <= 1'b0;
      if (aw_go) begin
        aw_valid_q <= 1'b1;
        aw_addr_q  <= addr;
        aw_beats_q <= burst;
      end
    end
  end

  // ---- Data ----
  logic           len_empty, len_pop, wd_empty, wd_pop;
  logic [6:0]     len_data, beat_q;

  tetra_fifo #(.Width(7), .Depth(16)) u_len (
    .clk_i, .rst_ni(bus_rst_ni), .clear_i(1'b0), .push_i(aw_go), .data_i(burst), .full_o(len_full), .pop_i(len_pop),
    .data_o(len_data), .empty_o(len_empty), .count_o()
  );
  logic [8*N-1:0] wd_data;
  tetra_sfifo #(.Width(8*N), .Depth(256)) u_words (
    .clk_i, .rst_ni, .push_i(wd_valid_i), .data_i(wd_data_i), .space_o(wd_space_o), .pop_i(wd_pop),
    .data_o(wd_data), .empty_o(wd_empty)
  );

  // Data registers: a beat once offered stays.
  logic           w_valid_q, w_last_q, w_strb_q, w_go;
  logic [8*N-1:0] w_data_q;
  assign w_go    = !len_empty && (!wd_empty || drop) && (!w_valid_q || w_ready_i);
  assign wd_pop  = w_go && !wd_empty && !stale_i;
  assign len_pop = w_go && beat_q + 7'd1 == len_data;
  assign w_valid_o = w_valid_q;
  assign w_data_o  = w_data_q;
  assign w_strb_o  = {N{w_strb_q}};
  assign w_last_o  = w_last_q;
  assign write_beat_o = w_valid_q && w_ready_i;

  always_ff @(posedge clk_i or negedge bus_rst_ni) begin
    if (!bus_rst_ni) begin
      w_valid_q <= 1'b0;
      w_last_q  <= 1'b0;
      w_strb_q  <= 1'b0;
      w_data_q  <= '0;
      beat_q    <= '0;
    end else if (w_valid_q || w_go) begin
      if (w_ready_i) w_valid_q <= 1'b0;
      if (w_go) begin
        w_valid_q <= 1'b1;
        w_last_q  <= len_pop;
        w_strb_q  <= !drop;
        w_data_q  <= wd_data;
        beat_q    <= len_pop ? '0 : beat_q + 1'b1;
      end
    end
  end

  // ---- Responses ----
  logic             resp_empty, resp_take, resp_cmd_last, resp_layer_last;
  logic [RespW-1:0] resp_data;
  logic [tetra_pkg::LayerBits-1:0] resp_layer;
  logic [6:0]       resp_beats;
  logic [31:0]      resp_index, resp_addr, sum_q;

  tetra_fifo #(.Width(RespW), .Depth(16)) u_resp (
    .clk_i, .rst_ni(bus_rst_ni), .clear_i(1'b0), .push_i(aw_go),
    .data_i({run_end && run_last_q, run_layer_last_q, run_layer_q, burst, run_index_q, addr}),
    .full_o(resp_full), .pop_i(resp_take), .data_o(resp_data), .empty_o(resp_empty), .count_o()
  );
  assign {resp_cmd_last, resp_layer_last, resp_layer, resp_beats, resp_index, resp_addr} = resp_data;
  assign b_ready_o = 1'b1;
  assign resp_take = b_valid_i && !resp_empty;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      done_store_o       <= '0;
      layer_done_valid_o <= 1'b0;
      layer_done_id_o    <= '0;
      lay_wr_valid_o     <= 1'b0;
      lay_wr_id_o        <= '0;
      lay_wr_n_o         <= '0;
      sum_q              <= '0;
      resp_err_q         <= 1'b0;
      err_addr_q         <= '0;
      err_index_q        <= '0;
    end else if (resp_take || layer_done_valid_o || lay_wr_valid_o) begin
      layer_done_valid_o <= 1'b0;
      lay_wr_valid_o     <= 1'b0;
      if (resp_take && !stale_i) begin
        sum_q <= resp_cmd_last ? '0 : sum_q + 32'(resp_beats);
        // A STORE with a failed or suppressed burst never counts as done, nor does its layer.
        if (resp_cmd_last && !b_err_i && !resp_err_q && !stop_i) begin
          done_store_o       <= done_store_o + 1'b1;
          lay_wr_valid_o     <= 1'b1;
          lay_wr_id_o        <= resp_layer;
          lay_wr_n_o         <= sum_q + 32'(resp_beats);
          layer_done_valid_o <= resp_layer_last;
          layer_done_id_o    <= resp_layer;
        end
        if (b_err_i && !resp_err_q) begin
          resp_err_q  <= 1'b1;
          err_addr_q  <= resp_addr;
          err_index_q <= resp_index;
        end
      end
    end
  end

  assign idle_o        = queued_q == '0 && (stale_i || !outstanding_o) && wd_empty && wd_space_o == 16'd256;
  assign outstanding_o = !resp_empty || aw_valid_q || w_valid_q;

  assign err_valid_o = range_err_q || resp_err_q;
  assign err_cause_o = resp_err_q ? 4'(tetra_pkg::ErrAxiWrite) : 4'(tetra_pkg::ErrRange);
  assign err_index_o = resp_err_q ? err_index_q : run_index_q;
  assign err_addr_o  = resp_err_q ? err_addr_q : addr;

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (aw_go) begin
        begin : BurstIsNotEmpty assert (burst != '0 && run_q); end
        begin : NoBurstCrossesAPage assert (32'(addr[11:0]) + 32'(burst) * 32'(N) <= 32'(tetra_pkg::PageBytes)); end
        begin : NothingBeginsWhileStopped assert (!stop_i && !stale_i); end
      end
      if (desc_valid_i) begin
        begin : SegmentIsNotEmpty assert (desc_beats_i != '0); end
        begin : SegmentHasRoom assert (desc_ready_o); end
      end
    end
  end
endmodule
