/// Command fetcher: reads the ring ahead of its execution, checks each command and hands it to its engine's queue.
///
/// Up to 16 commands are prefetched, in bursts of up to FetchBurst that cross neither the ring's end nor a 4 KiB boundary,
/// with as many bursts outstanding as there is room for. A command passes two registers for checking and is dispatched
/// from the third, in order, one a cycle at best; a full queue holds everything behind it back. SYNC is executed here,
/// once every engine is idle. An illegal command, an error response or a tail outside the ring stops dispatch in place,
/// so that the index reported is exact.
module tetra_fetch #(
  /// bytes in a beat
  parameter int N = 0,
  /// pixels in an accumulator buffer, for checking
  parameter int AccPixels = 0
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  /// fetch and dispatch
  input  logic           enable_i,
  /// begin nothing more; data under way are still taken
  input  logic           stop_i,
  /// ring's byte address, a multiple of 64
  input  logic [31:0]    ring_base_i,
  /// commands in the ring, >= 2
  input  logic [31:0]    ring_size_i,
  /// index after the last valid command
  input  logic [31:0]    tail_i,
  /// index of the next command to dispatch
  output logic [31:0]    head_o,
  output logic           ar_valid_o,
  input  logic           ar_ready_i,
  output logic [31:0]    ar_addr_o,
  output logic [7:0]     ar_len_o,
  input  logic           r_valid_i,
  /// always high: room was reserved
  output logic           r_ready_o,
  input  logic [8*N-1:0] r_data_i,
  input  logic           r_err_i,
  /// command to dispatch, to the engine whose valid is high
  output logic [tetra_pkg::CmdBits-1:0] cmd_o,
  /// commands dispatched before it since reset, modulo 2^32
  output logic [31:0]    cmd_index_o,
  output logic           load_valid_o,
  input  logic           load_ready_i,
  output logic           comp_valid_o,
  input  logic           comp_ready_i,
  output logic           store_valid_o,
  input  logic           store_ready_i,
  /// every engine and queue behind is idle
  input  logic           engines_idle_i,
  /// a SYNC completes in this cycle
  output logic           sync_valid_o,
  /// its tag
  output logic [31:0]    sync_tag_o,
  /// error (level until reset)
  output logic           err_valid_o,
  /// ERR_*
  output logic [3:0]     err_cause_o,
  /// cmd_index_o of the command
  output logic [31:0]    err_index_o,
  /// byte address of the command
  output logic [31:0]    err_addr_o,
  /// commands are outstanding or waiting here
  output logic           busy_o,
  /// the tail is new: they are, but the first request takes two cycles to make ready
  output logic           starting_o,
  /// data of commands are on their way from memory
  output logic           reading_o,
  /// a beat was taken
  output logic           fetch_beat_o,
  /// a COMPUTE waits here or may still arrive
  output logic           comp_ahead_o
);
  localparam int Depth    = 16;                 // commands
  localparam int Beats    = 64 / N;             // in a command
  localparam int BeatW    = Beats > 1 ? $clog2(Beats) : 1;

  // ---- Requests ----
  // The next request is worked out one ahead: a tail that is new is looked at where the one before is reached, how many
  // commands lie ahead of it in one cycle, how many of them a burst takes in the next, or where the burst before is taken.
  localparam int WantW = $clog2(tetra_pkg::FetchBurst) + 1;
  logic [31:0]      fp_q;                       // ring index of the next command to request
  logic [31:0]      known_q;                    // the tail that the requests go to
  logic [31:0]      contig_q;                   // commands to it, or to the ring's end
  logic [31:0]      addr_q;                     // of the next command
  logic [WantW-1:0] want_q;                     // commands of the next request
  logic             to_end_q, more_q, ready_q;  // contig_q is to the ring's end; there are commands; want_q is theirs
  logic             bad_q;                      // the tail is outside the ring
  logic [4:0]       free_q;                     // slots neither requested nor filled
  logic [4:0]       flight_q;                   // commands requested whose data are not in
  logic             more, moves, request, run_end, slot_free, cmd_in;

  // Commands in a burst that begins at addr, with no more than left.
  function automatic logic [WantW-1:0] burst(input logic [11:6] addr, input logic many, input logic [WantW-1:0] left);
    logic [6:0] room;
    room  = 7'd64 - {1'b0, addr};
    burst = WantW'(tetra_pkg::FetchBurst);
    if (!many && left < burst) burst = left;
    if (room < 7'(burst)) burst = room[WantW-1:0];
  endfunction

  assign more       = tail_i != fp_q;
  assign ar_valid_o = enable_i && !stop_i && ready_q && 5'(want_q) <= free_q;
  assign ar_addr_o  = addr_q;
  assign ar_len_o   = 8'(Beats) * 8'(want_q) - 8'd1;
  assign request    = ar_valid_o && ar_ready_i;
  assign run_end    = contig_q == 32'(want_q);
  // The next request is being worked out, or a bad tail forgotten.
  assign moves      = more_q ? !ready_q : bad_q || (more && enable_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fp_q     <= '0;
      known_q  <= '0;
      contig_q <= '0;
      addr_q   <= '0;
      want_q   <= '0;
      to_end_q <= 1'b0;
      more_q   <= 1'b0;
      ready_q  <= 1'b0;
      bad_q    <= 1'b0;
      free_q   <= 5'(Depth);
      flight_q <= '0;
    end else if (moves || request || slot_free || cmd_in) begin
      if (!more_q) bad_q <= 1'b0;
      if (!more_q && more && enable_i) begin
        bad_q    <= tail_i >= ring_size_i || ring_size_i < 32'd2;
        more_q   <= tail_i < ring_size_i && ring_size_i >= 32'd2;
        known_q  <= tail_i;
        to_end_q <= tail_i < fp_q;
        contig_q <= tail_i < fp_q ? ring_size_i - fp_q : tail_i - fp_q;
        addr_q   <= ring_base_i + {fp_q[25:0], 6'b0};
      end
      if (more_q && !ready_q) begin
        ready_q <= 1'b1;
        want_q  <= burst(addr_q[11:6], contig_q[31:WantW] != '0, contig_q[WantW-1:0]);
      end
      if (request) begin
        fp_q     <= fp_q + 32'(want_q);
        addr_q   <= addr_q + {{26-WantW{1'b0}}, want_q, 6'b0};
        contig_q <= contig_q - 32'(want_q);
        want_q   <= burst(addr_q[11:6] + 6'(want_q), contig_q[31:WantW] != '0, contig_q[WantW-1:0] - want_q);
        if (run_end) begin
          ready_q <= to_end_q && known_q != '0;
          more_q  <= to_end_q && known_q != '0;
          if (to_end_q) begin
            fp_q     <= '0;
            addr_q   <= ring_base_i;
            contig_q <= known_q;
            want_q   <= burst(ring_base_i[11:6], known_q[31:WantW] != '0, known_q[WantW-1:0]);
            to_end_q <= 1'b0;
          end
        end
      end
      if (request || slot_free) free_q <= free_q - (request ? 5'(want_q) : 5'd0) + (slot_free ? 5'd1 : 5'd0);
      if (request || cmd_in) flight_q <= flight_q + (request ? 5'(want_q) : 5'd0) - (cmd_in ? 5'd1 : 5'd0);
    end
  end

  // ---- Prefetched commands: one bank a beat, so that a whole command is read at once ----
  logic [BeatW-1:0]         beat_q;
  logic [$clog2(Depth)-1:0] wptr_q, rptr_q;
  logic [4:0]               count_q, comps_q;   // commands in the SRAM; COMPUTEs in it and in the registers behind
  logic [Depth-1:0]         fault_q;            // commands with an error response
  logic                     is_comp_q, is_comp, read;
  logic [tetra_pkg::CmdBits-1:0] v_sram;

  assign r_ready_o    = 1'b1;
  assign fetch_beat_o = r_valid_i;
  assign cmd_in       = r_valid_i && beat_q == BeatW'(Beats - 1);
  assign is_comp      = beat_q == '0 ? 32'(r_data_i[tetra_pkg::OpW-1:0]) == tetra_pkg::OpCompute : is_comp_q;

  for (genvar b = 0; b < Beats; b++) begin : gen_bank
    localparam int Lsb = 8 * N * b;
    tetra_sram #(.NibbleWrite(0), .Width(8*N), .Depth(Depth)) u_bank (
      .clk_i, .we_i(r_valid_i && beat_q == BeatW'(b)), .keep_low_i(1'b0), .waddr_i(wptr_q), .wdata_i(r_data_i),
      .re_i(read), .raddr_i(rptr_q), .rdata_o(v_sram[Lsb +: 8*N])
    );
  end

  // ---- Read (v), check (c), dispatch (d) ----
  // A command is read in the cycle of its last beat, if the SRAM holds none before it; that beat goes around the SRAM.
  logic         v_valid_q, v_bad_q, v_go, v_new_q, c_valid_q, c_bad_q, c_go, d_valid_q, d_fire, d_comp, bad;
  logic [tetra_pkg::CmdBits-1:0] c_cmd_q, d_cmd_q;
  logic [8*N-1:0] v_last_q;
  logic [3:0]   c_cause, d_cause_q, d_op;
  logic [31:0]  head_q, index_q, ring_size_q, ring_last_q;

  // The check's products are made of a command on its way to the check, which has the time to compare them then.
`include "tetra_products.svh"
  function automatic logic [tetra_pkg::CmdBits-1:0] v_cmd();
    v_cmd = v_sram;
    if (v_new_q) v_cmd[tetra_pkg::CmdBits-1 -: 8*N] = v_last_q;
  endfunction
  logic [AllProductsW-1:0]       c_products_q;
  tetra_check #(.N(N), .AccPixels(AccPixels)) u_check (
    .valid_i(c_valid_q), .cmd_i(c_cmd_q), .products_i(c_products_q), .cause_o(c_cause)
  );

  assign bad       = r_err_i || (fault_q[wptr_q] && beat_q != '0);
  assign read      = (count_q != '0 || cmd_in) && (!v_valid_q || v_go);
  assign v_go      = v_valid_q && (!c_valid_q || c_go);
  assign c_go      = c_valid_q && (!d_valid_q || d_fire);
  assign slot_free = d_fire;

  assign d_op          = d_cmd_q[tetra_pkg::OpLsb +: tetra_pkg::OpW];
  assign d_comp        = 32'(d_op) == tetra_pkg::OpCompute;
  assign cmd_o         = d_cmd_q;
  assign cmd_index_o   = index_q;
  assign head_o        = head_q;
  assign sync_tag_o    = d_cmd_q[tetra_pkg::SyncTagLsb +: tetra_pkg::SyncTagW];

  logic d_ok;
  assign d_ok          = d_valid_q && d_cause_q == '0 && enable_i && !stop_i;
  assign load_valid_o  = d_ok && (32'(d_op) == tetra_pkg::OpLoad || 32'(d_op) == tetra_pkg::OpPack);
  assign comp_valid_o  = d_ok && d_comp;
  assign store_valid_o = d_ok && 32'(d_op) == tetra_pkg::OpStore;
  assign sync_valid_o  = d_ok && 32'(d_op) == tetra_pkg::OpSync && engines_idle_i;
  assign d_fire        = (load_valid_o && load_ready_i) || (comp_valid_o && comp_ready_i) ||
                         (store_valid_o && store_ready_i) || sync_valid_o;

  assign err_valid_o = (d_valid_q && d_cause_q != '0) || (bad_q && !busy_q_any);
  assign err_cause_o = d_valid_q ? d_cause_q : 4'(tetra_pkg::ErrIllegalField);
  assign err_index_o = index_q;
  assign err_addr_o  = ring_base_i + {head_q[25:0], 6'b0};

  // A bad tail is reported once everything before it is dispatched, so that its index is exact.
  logic busy_q_any;
  assign busy_q_any   = free_q != 5'(Depth);
  assign busy_o       = ready_q || busy_q_any;
  assign starting_o   = more && !ready_q;
  assign reading_o    = flight_q != '0;
  assign comp_ahead_o = ready_q || flight_q != '0 || comps_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q    <= '0;
      wptr_q    <= '0;
      rptr_q    <= '0;
      count_q   <= '0;
      comps_q   <= '0;
      fault_q   <= '0;
      is_comp_q <= 1'b0;
      v_valid_q <= 1'b0;
      v_bad_q   <= 1'b0;
      v_new_q   <= 1'b0;
      c_valid_q <= 1'b0;
      c_bad_q   <= 1'b0;
      d_valid_q <= 1'b0;
      d_cause_q <= '0;
      head_q    <= '0;
      index_q   <= '0;
      ring_size_q <= '0;
      ring_last_q <= '0;
    end else begin
      // Two cycles behind the register: no command can be read as soon.
      ring_size_q <= ring_size_i;
      ring_last_q <= ring_size_q - 1'b1;
      if (r_valid_i || read || v_go || c_go || d_fire) begin
        if (r_valid_i) begin
          beat_q        <= cmd_in ? '0 : beat_q + 1'b1;
          is_comp_q     <= is_comp;
          fault_q[wptr_q] <= bad;
          if (cmd_in) wptr_q <= wptr_q + 1'b1;
        end
        if (cmd_in != read) count_q <= cmd_in ? count_q + 1'b1 : count_q - 1'b1;
        if ((cmd_in && is_comp) != (d_fire && d_comp)) comps_q <= (d_fire && d_comp) ? comps_q - 1'b1 : comps_q + 1'b1;
        if (read) begin
          rptr_q    <= rptr_q + 1'b1;
          v_valid_q <= 1'b1;
          v_new_q   <= count_q == '0;
          v_bad_q   <= count_q == '0 ? bad : fault_q[rptr_q];
        end else if (v_go) begin
          v_valid_q <= 1'b0;
        end
        if (v_go) begin
          c_valid_q <= 1'b1;
          c_bad_q   <= v_bad_q;
        end else if (c_go) begin
          c_valid_q <= 1'b0;
        end
        if (c_go) begin
          d_valid_q <= 1'b1;
          d_cause_q <= c_bad_q ? 4'(tetra_pkg::ErrAxiFetch) : c_cause;
        end else if (d_fire) begin
          d_valid_q <= 1'b0;
        end
        if (d_fire) begin
          head_q  <= head_q == ring_last_q ? '0 : head_q + 1'b1;
          index_q <= index_q + 1'b1;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (read) v_last_q <= r_data_i;
    if (v_go) begin
      c_cmd_q      <= v_cmd();
      c_products_q <= products(v_cmd());
    end
    if (c_go) d_cmd_q <= c_cmd_q;
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (r_valid_i) begin
        begin : DataWereRequested assert (flight_q != '0); end
      end
      if (request) begin
        begin : RequestInsideTheRing assert (fp_q + 32'(want_q) <= ring_size_i && want_q != '0); end
        begin : RequestIsWhereItShould
          assert (addr_q == ring_base_i + {fp_q[25:0], 6'b0} && 32'(want_q) <= contig_q &&
                  fp_q + contig_q == (to_end_q ? ring_size_i : known_q));
        end
        begin : NoBurstCrossesAPage
          assert (32'(ar_addr_o[11:0]) + 32'(want_q) * 32'(tetra_pkg::CmdBytes) <= 32'(tetra_pkg::PageBytes));
        end
        begin : RequestsHaveSlots assert (count_q + free_q <= 5'(Depth) && 5'(want_q) <= free_q); end
      end
    end
  end
endmodule
