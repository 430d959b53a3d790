/// Load engine: LOAD commands (DRAM to a buffer) and PACK commands (image rows to dense im2col words).
///
/// Two sides, decoupled by a queue: the address side waits for a command's tokens, checks ranges and issues bursts,
/// running ahead by up to eight commands, 15 bursts and 512 beats; the data side writes one word a cycle as data
/// arrive, in order, and counts completed commands. A PACK runs on the data side, after everything before it.
/// On stop_i nothing new is issued and arriving data are dropped, so that the bus drains.
module tetra_load #(
  /// bytes in a beat
  parameter int N = 0
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  /// issue nothing more, drop data
  input  logic           stop_i,
  input  logic           cmd_valid_i,
  output logic           cmd_ready_o,
  input  logic [tetra_pkg::CmdBits-1:0] cmd_i,
  /// commands dispatched before it since reset, modulo 2^32
  input  logic [31:0]    cmd_index_i,
  /// COMPUTEs completed, modulo 2^16
  input  logic [15:0]    done_compute_i,
  /// STOREs drained
  input  logic [15:0]    done_drain_i,
  /// STOREs completed
  input  logic [15:0]    done_store_i,
  /// LOADs and PACKs completed
  output logic [15:0]    done_load_o,
  /// lowest byte address allowed
  input  logic [31:0]    mem_base_i,
  /// highest one
  input  logic [31:0]    mem_limit_i,
  output logic           ar_valid_o,
  input  logic           ar_ready_i,
  output logic [31:0]    ar_addr_o,
  output logic [7:0]     ar_len_o,
  input  logic           r_valid_i,
  output logic           r_ready_o,
  input  logic [8*N-1:0] r_data_i,
  input  logic           r_last_i,
  input  logic           r_err_i,
  output logic [8*N-1:0] wr_data_o,
  /// word in the buffer; wraps modulo its size
  output logic [15:0]    wr_addr_o,
  output logic           act_we_o,
  output logic           wgt_we_o,
  /// of the weights' bytes, write the high halves only
  output logic           wgt_keep_low_o,
  /// of image rows, too
  output logic           res_we_o,
  output logic           par_we_o,
  /// PACK reads both residual banks
  output logic           res_re_o,
  /// word in the even bank
  output logic [15:0]    res_even_addr_o,
  /// and in the odd one
  output logic [15:0]    res_odd_addr_o,
  /// even word, one cycle later
  input  logic [8*N-1:0] res_even_data_i,
  /// odd word
  input  logic [8*N-1:0] res_odd_data_i,
  /// no command anywhere inside
  output logic           idle_o,
  /// nothing under way, and no command that could begin: none, or one that waits for a token
  output logic           resting_o,
  /// data of issued bursts are outstanding
  output logic           outstanding_o,
  /// the next command waits for a token
  output logic           wait_token_o,
  /// in particular for a STORE
  output logic           wait_store_o,
  /// a beat was taken
  output logic           beat_o,
  /// event: a command completed
  output logic           lay_rd_valid_o,
  output logic [tetra_pkg::LayerBits-1:0] lay_rd_id_o,
  /// its beats
  output logic [31:0]    lay_rd_n_o,
  /// error (level until reset)
  output logic           err_valid_o,
  /// ERR_*
  output logic [3:0]     err_cause_o,
  /// cmd_index_i of the command
  output logic [31:0]    err_index_o,
  /// byte address of the burst
  output logic [31:0]    err_addr_o
);
  localparam int QueueW = tetra_pkg::CmdBits + tetra_pkg::CmdIndexBits;
  localparam logic [9:0] MaxBeats = 10'd512;

  // ---- Command queue and the address side ----
  logic              q_full, q_empty, q_pop, is_pack;
  logic [QueueW-1:0] q_data;
  logic [tetra_pkg::CmdIndexBits-1:0] q_index;
  logic [3:0]        pending;

  tetra_fifo #(.Width(QueueW), .Depth(16)) u_queue (
    .clk_i, .rst_ni, .clear_i(1'b0), .push_i(cmd_valid_i && cmd_ready_o), .data_i({cmd_index_i, cmd_i}),
    .full_o(q_full), .pop_i(q_pop), .data_o(q_data), .empty_o(q_empty), .count_o()
  );
  assign q_index = q_data[tetra_pkg::CmdBits +: tetra_pkg::CmdIndexBits];
  assign cmd_ready_o = !q_full;
  assign is_pack     = q_data[tetra_pkg::OpLsb +: tetra_pkg::OpW] == 4'(tetra_pkg::OpPack);

  tetra_token u_token (
    .en_i(q_empty ? '0 : q_data[tetra_pkg::WaitEnLsb +: tetra_pkg::WaitEnW]),
    .wait_i(q_data[tetra_pkg::WaitLoadLsb +: tetra_pkg::WaitsW]),
    .done_i({done_store_i, done_drain_i, done_compute_i, done_load_o}), .pending_o(pending)
  );
  assign wait_token_o = !q_empty && !active_q && pending != '0;
  assign wait_store_o = !q_empty && !active_q && pending[3];

  // The command being issued is the queue's head, already copied to the data side's queue.
  logic        active_q, d_full, d_push, issue, run_load, run_end, cmd_end, in_range;
  logic [15:0] rows_q;           // left, this one included
  logic [31:0] next_q;           // address of the next row
  logic [31:0] row_addr;         // of the row that begins
  logic [6:0]  burst;
  logic [9:0]  flight_q;         // beats outstanding
  logic [4:0]  bursts_q;         // bursts outstanding
  logic        range_err_q, read_err_q;
  logic [31:0] err_addr_q, err_index_q;

  // A row's first burst is made ready where the command is taken, or where the row before ends.
  assign row_addr = active_q ? next_q : q_data[tetra_pkg::LoadAddrLsb +: tetra_pkg::LoadAddrW];
  assign run_load = (d_push && !is_pack) || (issue && run_end && !cmd_end);
  tetra_burst #(.N(N)) u_burst (
    .clk_i, .load_i(run_load), .addr_i(row_addr), .beats_i(q_data[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW]),
    .step_i(issue), .mem_base_i, .mem_limit_i, .addr_o(ar_addr_o), .beats_o(burst), .last_o(run_end), .in_range_o(in_range)
  );

  assign d_push  = !q_empty && !active_q && pending == '0 && !d_full && !stop_i && !range_err_q;
  assign ar_valid_o = active_q && !stop_i && !range_err_q && in_range && bursts_q < 5'd15 &&
                      flight_q + {3'b0, burst} <= MaxBeats;
  assign ar_len_o   = {1'b0, burst} - 8'd1;
  assign issue      = ar_valid_o && ar_ready_i;
  assign cmd_end    = run_end && rows_q == 16'd1;
  assign q_pop      = (issue && cmd_end) || (d_push && is_pack);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q    <= 1'b0;
      rows_q      <= '0;
      next_q      <= '0;
      flight_q    <= '0;
      bursts_q    <= '0;
      range_err_q <= 1'b0;
    end else if (active_q || run_load || (r_valid_i && r_ready_o)) begin
      if (active_q && !in_range && !stop_i) range_err_q <= 1'b1;
      if (run_load) begin
        active_q <= 1'b1;
        rows_q   <= active_q ? rows_q - 1'b1 : q_data[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW];
        next_q   <= row_addr + q_data[tetra_pkg::LoadAddrStrideLsb +: tetra_pkg::LoadAddrStrideW];
      end else if (issue && cmd_end) begin
        active_q <= 1'b0;
      end
      if (issue || (r_valid_i && r_ready_o)) begin
        flight_q <= flight_q + (issue ? {3'b0, burst} : 10'd0) - ((r_valid_i && r_ready_o) ? 10'd1 : 10'd0);
        bursts_q <= bursts_q + (issue ? 5'd1 : 5'd0) - ((r_valid_i && r_ready_o && r_last_i) ? 5'd1 : 5'd0);
      end
    end
  end

  // ---- Data side ----
  logic              d_empty, d_pop, d_is_pack, take, row_last, cmd_last;
  logic [QueueW-1:0] d_data;
  logic [tetra_pkg::CmdIndexBits-1:0] d_index;
  logic              fresh_q;      // head not begun
  logic [15:0]       waddr_q, wrow_q, waddr, wrow, drows_q, drows;
  logic [19:0]       dbeats_q, dbeats;
  logic [31:0]       count_q;

  tetra_fifo #(.Width(QueueW), .Depth(8)) u_data_queue (
    .clk_i, .rst_ni, .clear_i(1'b0), .push_i(d_push), .data_i(q_data),
    .full_o(d_full), .pop_i(d_pop), .data_o(d_data), .empty_o(d_empty), .count_o()
  );
  assign d_index = d_data[tetra_pkg::CmdBits +: tetra_pkg::CmdIndexBits];
  assign d_is_pack = d_data[tetra_pkg::OpLsb +: tetra_pkg::OpW] == 4'(tetra_pkg::OpPack);

  logic           pack_start, pack_done, pack_we, pack_busy_q;
  logic [15:0]    pack_addr;
  logic [8*N-1:0] pack_data;
  assign pack_start = !d_empty && d_is_pack && !pack_busy_q && !stop_i;

  tetra_pack #(.N(N)) u_pack (
    .clk_i, .rst_ni, .start_i(pack_start), .cmd_i(d_data[tetra_pkg::CmdBits-1:0]), .done_o(pack_done),
    .res_re_o, .res_even_addr_o, .res_odd_addr_o, .res_even_data_i, .res_odd_data_i,
    .we_o(pack_we), .waddr_o(pack_addr), .wdata_o(pack_data)
  );

  assign r_ready_o = stop_i || (!d_empty && !d_is_pack);
  assign take      = r_valid_i && !stop_i && !d_empty && !d_is_pack;
  assign waddr     = fresh_q ? d_data[tetra_pkg::LoadDstAddrLsb +: tetra_pkg::LoadDstAddrW] : waddr_q;
  assign wrow      = fresh_q ? d_data[tetra_pkg::LoadDstAddrLsb +: tetra_pkg::LoadDstAddrW] : wrow_q;
  assign dbeats    = fresh_q ? d_data[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW] : dbeats_q;
  assign drows     = fresh_q ? d_data[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW] : drows_q;
  assign row_last  = dbeats == 20'd1;
  assign cmd_last  = row_last && drows == 16'd1;
  assign d_pop     = (take && cmd_last) || pack_done;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fresh_q        <= 1'b1;
      waddr_q        <= '0;
      wrow_q         <= '0;
      dbeats_q       <= '0;
      drows_q        <= '0;
      count_q        <= '0;
      pack_busy_q    <= 1'b0;
      done_load_o    <= '0;
      lay_rd_valid_o <= 1'b0;
      lay_rd_id_o    <= '0;
      lay_rd_n_o     <= '0;
      read_err_q     <= 1'b0;
      err_addr_q     <= '0;
      err_index_q    <= '0;
    end else if (take || lay_rd_valid_o || pack_start || pack_done) begin
      lay_rd_valid_o <= 1'b0;
      if (pack_start) pack_busy_q <= 1'b1;
      if (pack_done) pack_busy_q <= 1'b0;
      if (take) begin
        fresh_q  <= cmd_last;
        waddr_q  <= row_last ? wrow + d_data[tetra_pkg::LoadDstStrideLsb +: tetra_pkg::LoadDstStrideW] : waddr + 1'b1;
        wrow_q   <= row_last ? wrow + d_data[tetra_pkg::LoadDstStrideLsb +: tetra_pkg::LoadDstStrideW] : wrow;
        dbeats_q <= row_last ? d_data[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW] : dbeats - 1'b1;
        drows_q  <= row_last ? drows - 1'b1 : drows;
        count_q  <= cmd_last ? '0 : count_q + 1'b1;
        if (cmd_last) begin
          lay_rd_valid_o <= 1'b1;
          lay_rd_id_o    <= d_data[tetra_pkg::LayerLsb +: tetra_pkg::LayerBits];
          lay_rd_n_o     <= count_q + 1'b1;
        end
      end
      if (d_pop) done_load_o <= done_load_o + 1'b1;
      if (take && r_err_i && !read_err_q) begin
        read_err_q  <= 1'b1;
        err_addr_q  <= d_data[tetra_pkg::LoadAddrLsb +: tetra_pkg::LoadAddrW];
        err_index_q <= d_index;
      end
    end
  end

  // 8-bit weights to 4-bit ones, rounded half up: bits 7 to 4 plus bit 3, but 7 stays 7. All bytes at once, since nothing
  // carries beyond a byte's bit 4.
  localparam logic [8*N-1:0] One = {N{8'h01}};
  localparam logic [8*N-1:0] Low = {N{8'h0f}};
  logic [tetra_pkg::LoadNarrowW-1:0] narrow;
  logic [8*N-1:0] narrowed;
  assign narrow   = d_data[tetra_pkg::LoadNarrowLsb +: tetra_pkg::LoadNarrowW];
  assign wgt_keep_low_o = 32'(narrow) == tetra_pkg::NarrowHigh;

  function automatic logic [8*N-1:0] nibbles(input logic [8*N-1:0] bytes);
    nibbles = (((bytes >> 4) & Low) +
               ((bytes >> 3) & ~(~(bytes >> 7) & (bytes >> 6) & (bytes >> 5) & (bytes >> 4)) & One)) & Low;
  endfunction
  always_comb begin
    narrowed = r_data_i;
    if (32'(narrow) != tetra_pkg::NarrowNone) narrowed = nibbles(r_data_i) << (wgt_keep_low_o ? 4 : 0);
  end

  assign wr_data_o = pack_we ? pack_data : narrowed;
  assign wr_addr_o = pack_we ? pack_addr : waddr;
  assign act_we_o  = pack_we || (take && d_data[tetra_pkg::LoadDstLsb +: tetra_pkg::LoadDstW] == 2'(tetra_pkg::BufAct));
  assign wgt_we_o  = take && d_data[tetra_pkg::LoadDstLsb +: tetra_pkg::LoadDstW] == 2'(tetra_pkg::BufWgt);
  assign res_we_o  = take && d_data[tetra_pkg::LoadDstLsb +: tetra_pkg::LoadDstW] == 2'(tetra_pkg::BufRes);
  assign par_we_o  = take && d_data[tetra_pkg::LoadDstLsb +: tetra_pkg::LoadDstW] == 2'(tetra_pkg::BufPar);
  assign beat_o    = take;

  assign idle_o        = q_empty && d_empty && !active_q;
  assign resting_o     = d_empty && !active_q && (q_empty || pending != '0);
  assign outstanding_o = flight_q != '0;

  // A range error names the burst's address, a read error the command's.
  assign err_valid_o = range_err_q || read_err_q;
  assign err_cause_o = read_err_q ? 4'(tetra_pkg::ErrAxiRead) : 4'(tetra_pkg::ErrRange);
  assign err_index_o = read_err_q ? err_index_q : q_index;
  assign err_addr_o  = read_err_q ? err_addr_q : ar_addr_o;

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (issue) begin
        begin : BurstIsNotEmpty assert (burst != '0); end
        begin : NoBurstCrossesAPage assert (32'(ar_addr_o[11:0]) + 32'(burst) * 32'(N) <= 32'(tetra_pkg::PageBytes)); end
      end
      if (take) begin
        begin : DataWereAskedFor assert (flight_q != '0); end
        begin : PackWritesAlone assert (!pack_we); end
      end
      if (d_push) begin
        begin : CountsAreNotZero
          assert (is_pack || q_data[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW] != '0);
        end
      end
      if (pack_done) begin
        begin : PackTakesNoData assert (!take && d_is_pack); end
      end
    end
  end
endmodule
