/// Command fetcher: reads the ring ahead of its execution, checks each command and hands it to its engine's queue.
///
/// Up to 16 commands are prefetched, in bursts of up to FetchBurst that cross neither the ring's end nor a 4 KiB boundary,
/// with as many bursts outstanding as there is room for. A command passes one register for checking and is dispatched
/// from the next, in order, one a cycle at best; a full queue holds everything behind it back. SYNC is executed here,
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
  logic [31:0] fp_q;                            // ring index of the next command to request
  logic [4:0]  used_q;                          // slots requested or filled
  logic [4:0]  flight_q;                        // commands requested whose data are not in
  logic [31:0] contig;                          // commands to the tail or the ring's end
  logic [6:0]  to_boundary;                     // commands to the next 4 KiB boundary
  logic [2:0]  want;
  logic        ring_bad, more, request, slot_free, cmd_in;

  assign ring_bad    = enable_i && (tail_i >= ring_size_i || ring_size_i < 32'd2) && tail_i != fp_q;
  assign more        = tail_i != fp_q;
  assign contig      = tail_i > fp_q ? tail_i - fp_q : ring_size_i - fp_q;
  assign ar_addr_o   = ring_base_i + {fp_q[25:0], 6'b0};
  assign to_boundary = 7'd64 - {1'b0, ar_addr_o[11:6]};
  always_comb begin
    want = '0;
    if (more) begin
      want = 3'(tetra_pkg::FetchBurst);
      if (contig < 32'(want)) want = contig[2:0];
      if (to_boundary < 7'(want)) want = to_boundary[2:0];
    end
  end
  assign ar_valid_o = enable_i && !stop_i && more && !ring_bad && 5'(want) + used_q <= 5'(Depth);
  assign ar_len_o   = 8'(Beats) * 8'(want) - 8'd1;
  assign request    = ar_valid_o && ar_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fp_q     <= '0;
      used_q   <= '0;
      flight_q <= '0;
    end else begin
      if (request) fp_q <= fp_q + 32'(want) == ring_size_i ? '0 : fp_q + 32'(want);
      if (request || slot_free) used_q <= used_q + (request ? 5'(want) : 5'd0) - (slot_free ? 5'd1 : 5'd0);
      if (request || cmd_in) flight_q <= flight_q + (request ? 5'(want) : 5'd0) - (cmd_in ? 5'd1 : 5'd0);
    end
  end

  // ---- Prefetched commands: one bank a beat, so that a whole command is read at once ----
  logic [BeatW-1:0]         beat_q;
  logic [$clog2(Depth)-1:0] wptr_q, rptr_q;
  logic [4:0]               count_q, comps_q;   // commands in the SRAM; COMPUTEs in it and in the registers behind
  logic [Depth-1:0]         bad_q;              // commands with an error response
  logic                     is_comp_q, is_comp, read;
  logic [tetra_pkg::CmdBits-1:0] v_cmd;

  assign r_ready_o    = 1'b1;
  assign fetch_beat_o = r_valid_i;
  assign cmd_in       = r_valid_i && beat_q == BeatW'(Beats - 1);
  assign is_comp      = beat_q == '0 ? 32'(r_data_i[tetra_pkg::OpW-1:0]) == tetra_pkg::OpCompute : is_comp_q;

  for (genvar b = 0; b < Beats; b++) begin : gen_bank
    localparam int Lsb = 8 * N * b;
    tetra_sram #(.NibbleWrite(0), .Width(8*N), .Depth(Depth)) u_bank (
      .clk_i, .we_i(r_valid_i && beat_q == BeatW'(b)), .keep_low_i(1'b0), .waddr_i(wptr_q), .wdata_i(r_data_i),
      .re_i(read), .raddr_i(rptr_q), .rdata_o(v_cmd[Lsb +: 8*N])
    );
  end

  // ---- Check (v), dispatch (d) ----
  logic         v_valid_q, v_bad_q, v_go, d_valid_q, d_fire, d_comp;
  logic [tetra_pkg::CmdBits-1:0] d_cmd_q;
  logic [3:0]   v_cause, d_cause_q, d_op;
  logic [31:0]  head_q, index_q;

  tetra_check #(.N(N), .AccPixels(AccPixels)) u_check (
    .valid_i(v_valid_q), .cmd_i(v_cmd), .cause_o(v_cause)
  );

  assign read      = count_q != '0 && (!v_valid_q || v_go);
  assign v_go      = v_valid_q && (!d_valid_q || d_fire);
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

  assign err_valid_o = (d_valid_q && d_cause_q != '0) || (ring_bad && !busy_q_any);
  assign err_cause_o = d_valid_q ? d_cause_q : 4'(tetra_pkg::ErrIllegalField);
  assign err_index_o = index_q;
  assign err_addr_o  = ring_base_i + {head_q[25:0], 6'b0};

  // A bad tail is reported once everything before it is dispatched, so that its index is exact.
  logic busy_q_any;
  assign busy_q_any   = used_q != '0;
  assign busy_o       = more || busy_q_any;
  assign reading_o    = flight_q != '0;
  assign comp_ahead_o = more || flight_q != '0 || comps_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q    <= '0;
      wptr_q    <= '0;
      rptr_q    <= '0;
      count_q   <= '0;
      comps_q   <= '0;
      bad_q     <= '0;
      is_comp_q <= 1'b0;
      v_valid_q <= 1'b0;
      v_bad_q   <= 1'b0;
      d_valid_q <= 1'b0;
      d_cause_q <= '0;
      head_q    <= '0;
      index_q   <= '0;
    end else begin
      if (r_valid_i) begin
        beat_q        <= cmd_in ? '0 : beat_q + 1'b1;
        is_comp_q     <= is_comp;
        bad_q[wptr_q] <= r_err_i || (bad_q[wptr_q] && beat_q != '0);
        if (cmd_in) wptr_q <= wptr_q + 1'b1;
      end
      if (cmd_in != read) count_q <= cmd_in ? count_q + 1'b1 : count_q - 1'b1;
      if ((cmd_in && is_comp) != (d_fire && d_comp)) comps_q <= (d_fire && d_comp) ? comps_q - 1'b1 : comps_q + 1'b1;
      if (read) begin
        rptr_q    <= rptr_q + 1'b1;
        v_valid_q <= 1'b1;
        v_bad_q   <= bad_q[rptr_q];
      end else if (v_go) begin
        v_valid_q <= 1'b0;
      end
      if (v_go) begin
        d_valid_q <= 1'b1;
        d_cause_q <= v_bad_q ? 4'(tetra_pkg::ErrAxiFetch) : v_cause;
      end else if (d_fire) begin
        d_valid_q <= 1'b0;
      end
      if (d_fire) begin
        head_q  <= head_q + 1'b1 == ring_size_i ? '0 : head_q + 1'b1;
        index_q <= index_q + 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (v_go) d_cmd_q <= v_cmd;
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (r_valid_i) begin
        begin : DataWereRequested assert (flight_q != '0); end
      end
      if (request) begin
        begin : RequestInsideTheRing assert (fp_q + 32'(want) <= ring_size_i && want != '0); end
        begin : NoBurstCrossesAPage
          assert (32'(ar_addr_o[11:0]) + 32'(want) * 32'(tetra_pkg::CmdBytes) <= 32'(tetra_pkg::PageBytes));
        end
        begin : RequestsHaveSlots assert (count_q <= used_q && 5'(want) + used_q <= 5'(Depth)); end
      end
    end
  end
endmodule
