/// The 64-bit counters CNT_* (docs/registers.md).
///
/// In every cycle with busy_i one to CNT_CYCLES and one to the class in class_i, so the classes sum to the cycles with
/// nothing left over. The others count their events whenever they happen. A read shows the value before this cycle's
/// events; both halves are captured at once.
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
  /// CNT_CYCLES, this cycle not included
  output logic [63:0] cycles_o,
  /// capture a counter
  input  logic        re_i,
  /// CNT_*
  input  logic [4:0]  index_i,
  /// its value, from the next cycle on
  output logic [63:0] value_o
);
  localparam int Num = tetra_pkg::CntNum;
  // A power of two, so that an index needs no bounds check.
  logic [63:0] cnt_q [32];

  // Private to one process, updated in place.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < 32; i++) cnt_q[i] = '0;
      value_o  <= '0;
      cycles_o <= '0;
    end else begin
      if (re_i) value_o <= cnt_q[index_i];
      if (busy_i) begin
        cycles_o       <= cycles_o + 1'b1;
        cnt_q[tetra_pkg::CntCycles] = cycles_o + 1'b1;
        cnt_q[{1'b0, class_i}] = cnt_q[{1'b0, class_i}] + 1'b1;
      end
      if (load_beat_i) begin
        cnt_q[tetra_pkg::CntLoadBusy]  = cnt_q[tetra_pkg::CntLoadBusy] + 1'b1;
        cnt_q[tetra_pkg::CntReadBytes] = cnt_q[tetra_pkg::CntReadBytes] + 64'(N);
      end
      if (load_wait_i) cnt_q[tetra_pkg::CntLoadWait] = cnt_q[tetra_pkg::CntLoadWait] + 1'b1;
      if (drain_busy_i) cnt_q[tetra_pkg::CntDrainBusy] = cnt_q[tetra_pkg::CntDrainBusy] + 1'b1;
      if (drain_stall_i) cnt_q[tetra_pkg::CntDrainStall] = cnt_q[tetra_pkg::CntDrainStall] + 1'b1;
      if (fetch_beat_i) cnt_q[tetra_pkg::CntFetchBytes] = cnt_q[tetra_pkg::CntFetchBytes] + 64'(N);
      if (write_beat_i) cnt_q[tetra_pkg::CntWriteBytes] = cnt_q[tetra_pkg::CntWriteBytes] + 64'(N);
      if (sat0_i != '0) cnt_q[tetra_pkg::CntSat0] = cnt_q[tetra_pkg::CntSat0] + 64'(sat0_i);
      if (sat1_i != '0) cnt_q[tetra_pkg::CntSat1] = cnt_q[tetra_pkg::CntSat1] + 64'(sat1_i);
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
