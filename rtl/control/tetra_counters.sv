/// The 64-bit counters CNT_* (docs/registers.md).
///
/// In every cycle with busy_i one to CNT_CYCLES and one to the class in class_i, so the classes sum to the cycles with
/// nothing left over. The others count their events whenever they happen. Events are registered once: cycles_o and what
/// is read are the values before this cycle's events and the last one's. Both halves of a value are captured at once.
///
/// No sum is longer than a clock allows. A counter's low part has a bit more than its weight, so that it carries into
/// the high part when it likes: one counter after the other is looked at, and where that bit is set, it goes and the
/// high part takes it in the same cycle; so the two together are right in every cycle. CNT_CYCLES is exact, for the
/// log: each of its parts has a bit that says that the next count carries. Bytes are counted as beats.
module tetra_counters #(
  /// bytes in a beat
  parameter int N = 0
) (
  input  logic        clk_i,
  /// synchronous clear of all, active low
  input  logic        rst_ni,
  /// work is outstanding
  input  logic        busy_i,
  /// where this cycle went: CNT_BUSY..CNT_TAIL
  input  logic [3:0]  class_i,
  /// a beat for the load engine
  input  logic        load_beat_i,
  /// the load engine waits for a token
  input  logic        load_wait_i,
  /// a row is drained
  input  logic        drain_busy_i,
  /// the drain is held back
  input  logic        drain_stall_i,
  /// a beat for the command fetcher
  input  logic        fetch_beat_i,
  /// a beat written
  input  logic        write_beat_i,
  /// codes clamped in output 0, in this cycle
  input  logic [7:0]  sat0_i,
  /// and in output 1
  input  logic [7:0]  sat1_i,
  /// CNT_CYCLES before this cycle and the last
  output logic [63:0] cycles_o,
  /// capture a counter
  input  logic        re_i,
  /// CNT_*
  input  logic [4:0]  index_i,
  /// its value, from the second cycle after on
  output logic [63:0] value_o
);
  localparam int Num = tetra_pkg::CntNum;
  localparam int LowW = 16;
  localparam int HighW = 64 - LowW;
  localparam logic [4:0] LastCnt = 5'(Num - 1);

  // Private to one process, updated in place, as are all with names in _q. Their number is a power of two, so that an
  // index needs no bounds check.
  logic [LowW:0]    low_q [32];       // the top bit is a carry that high_q has not taken yet
  logic [HighW-1:0] high_q [32];

  // Events of the cycle before.
  logic       busy_q, load_beat_q, load_wait_q, drain_busy_q, drain_stall_q, fetch_beat_q, write_beat_q;
  logic [3:0] class_q;
  logic [7:0] sat0_q, sat1_q;

  // Cycles: 16, 16 and 32 bits, and whether the lower two are all ones.
  logic [15:0] cycles0_q, cycles1_q;
  logic [31:0] cycles2_q;
  logic        ones0_q, ones1_q;
  assign cycles_o = {cycles2_q, cycles1_q, cycles0_q};

  // Carries: the counter looked at, and what is done with it.
  typedef enum logic [1:0] {StLook, StAdd, StPut} step_e;
  step_e            step_q;
  logic [4:0]       at_q;
  logic [HighW-1:0] sum_q;

  // A counter on its way out: as it is stored, in bytes where that is its unit.
  logic [4:0]       from;
  logic [LowW:0]    out_low_q;
  logic [HighW-1:0] out_high_q;
  logic             out_bytes_q, out_valid_q, bytes;
  assign bytes = 32'(index_i) == tetra_pkg::CntReadBytes || 32'(index_i) == tetra_pkg::CntFetchBytes ||
                 32'(index_i) == tetra_pkg::CntWriteBytes;
  assign from  = 32'(index_i) == tetra_pkg::CntReadBytes ? 5'(tetra_pkg::CntLoadBusy) : index_i;

  function automatic logic [63:0] shown(input logic [HighW-1:0] high, input logic [LowW:0] low, input logic in_bytes);
    logic [63:0] value;
    value = {high + HighW'(low[LowW]), low[LowW-1:0]};
    shown = in_bytes ? value << $clog2(N) : value;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < 32; i++) low_q[i] = '0;
      for (int unsigned i = 0; i < 32; i++) high_q[i] = '0;
      busy_q        = 1'b0;
      load_beat_q   = 1'b0;
      load_wait_q   = 1'b0;
      drain_busy_q  = 1'b0;
      drain_stall_q = 1'b0;
      fetch_beat_q  = 1'b0;
      write_beat_q  = 1'b0;
      sat0_q        = '0;
      sat1_q        = '0;
      cycles0_q     <= '0;
      cycles1_q     <= '0;
      cycles2_q     <= '0;
      ones0_q       <= 1'b0;
      ones1_q       <= 1'b0;
      step_q        <= StLook;
      at_q          <= '0;
      out_valid_q   = 1'b0;
      value_o       <= '0;
    end else begin
      if (out_valid_q) value_o <= shown(out_high_q, out_low_q, out_bytes_q);
      out_valid_q = re_i;
      if (re_i) begin
        out_bytes_q = bytes;
        if (32'(index_i) == tetra_pkg::CntCycles) {out_high_q, out_low_q} = {cycles_o[63:LowW], 1'b0, cycles_o[LowW-1:0]};
        else {out_high_q, out_low_q} = {high_q[from], low_q[from]};
      end

      if (busy_q) begin
        cycles0_q <= cycles0_q + 1'b1;
        ones0_q   <= cycles0_q == 16'hfffe;
        if (ones0_q) begin
          cycles1_q <= cycles1_q + 1'b1;
          ones1_q   <= cycles1_q == 16'hfffe;
          if (ones1_q) cycles2_q <= cycles2_q + 1'b1;
        end
        low_q[{1'b0, class_q}] = low_q[{1'b0, class_q}] + 1'b1;
      end
      if (load_beat_q) low_q[tetra_pkg::CntLoadBusy] = low_q[tetra_pkg::CntLoadBusy] + 1'b1;
      if (load_wait_q) low_q[tetra_pkg::CntLoadWait] = low_q[tetra_pkg::CntLoadWait] + 1'b1;
      if (drain_busy_q) low_q[tetra_pkg::CntDrainBusy] = low_q[tetra_pkg::CntDrainBusy] + 1'b1;
      if (drain_stall_q) low_q[tetra_pkg::CntDrainStall] = low_q[tetra_pkg::CntDrainStall] + 1'b1;
      if (fetch_beat_q) low_q[tetra_pkg::CntFetchBytes] = low_q[tetra_pkg::CntFetchBytes] + 1'b1;
      if (write_beat_q) low_q[tetra_pkg::CntWriteBytes] = low_q[tetra_pkg::CntWriteBytes] + 1'b1;
      if (sat0_q != '0) low_q[tetra_pkg::CntSat0] = low_q[tetra_pkg::CntSat0] + (LowW + 1)'(sat0_q);
      if (sat1_q != '0) low_q[tetra_pkg::CntSat1] = low_q[tetra_pkg::CntSat1] + (LowW + 1)'(sat1_q);

      case (step_q)
        StLook: begin
          if (low_q[at_q][LowW]) step_q <= StAdd;
          else at_q <= at_q == LastCnt ? '0 : at_q + 1'b1;
        end
        StAdd: begin
          sum_q  <= high_q[at_q] + 1'b1;
          step_q <= StPut;
        end
        default: begin
          high_q[at_q]      = sum_q;
          low_q[at_q][LowW] = 1'b0;
          step_q            <= StLook;
        end
      endcase

      busy_q        = busy_i;
      class_q       = class_i;
      load_beat_q   = load_beat_i;
      load_wait_q   = load_wait_i;
      drain_busy_q  = drain_busy_i;
      drain_stall_q = drain_stall_i;
      fetch_beat_q  = fetch_beat_i;
      write_beat_q  = write_beat_i;
      sat0_q        = sat0_i;
      sat1_q        = sat1_i;
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (busy_i) begin
        begin : ClassIsExclusive
          assert (32'(class_i) >= tetra_pkg::CntBusy && 32'(class_i) <= tetra_pkg::CntTail);
        end
      end
      if (re_i) begin
        begin : IndexExists assert (32'(index_i) < Num); end
      end
    end
  end
endmodule
