/// Splits a run of beats into AXI bursts: at most 64 beats, none across a 4 KiB boundary. Combinational.
module tetra_burst #(
  /// bytes in a beat
  parameter int N = 0
) (
  /// there is a run; without it nothing is computed, and beats_o and in_range_o are 0
  input  logic        valid_i,
  /// byte address of the next beat, a multiple of N; 2^32 where the run goes on past the last address
  input  logic [32:0] addr_i,
  /// beats left in the run, >= 1
  input  logic [19:0] beats_i,
  /// beats of the next burst, 1..64
  output logic [6:0]  beats_o,
  /// lowest byte address allowed
  input  logic [31:0] mem_base_i,
  /// highest one
  input  logic [31:0] mem_limit_i,
  /// the burst lies inside
  output logic        in_range_o
);
  // All in beats of this page, so that no addition is long and none waits for the burst but the last comparison: a burst
  // stays in its page, and so the limit matters in the limit's page only.
  localparam int LogN = $clog2(N);
  localparam int OffW = $clog2(tetra_pkg::PageBytes) - LogN;
  logic [OffW-1:0]      offset;
  logic [OffW:0]        room;            // beats to the page's end
  logic [20:0]          run_end;         // beats from the page's begin to the run's end
  logic signed [OffW+1:0] allowed;       // beats to the limit, in the limit's page
  logic                 long_run, long_room, low_page, limit_page;

  logic unused_run_end;                  // only whether the run goes past the page matters
  assign unused_run_end = ^run_end[OffW-1:0];

  always_comb begin
    offset     = '0;
    room       = '0;
    run_end    = '0;
    allowed    = '0;
    long_run   = 1'b0;
    long_room  = 1'b0;
    low_page   = 1'b0;
    limit_page = 1'b0;
    beats_o    = '0;
    in_range_o = 1'b0;
    if (valid_i) begin
      offset     = addr_i[LogN +: OffW];
      room       = (OffW + 1)'(tetra_pkg::PageBytes / N) - {1'b0, offset};
      run_end    = {1'b0, beats_i} + 21'(offset);
      long_run   = beats_i >= 20'(tetra_pkg::BurstBeats);
      long_room  = room >= (OffW + 1)'(tetra_pkg::BurstBeats);
      beats_o    = long_run && long_room ? 7'(tetra_pkg::BurstBeats) :
                   run_end[20:OffW] != '0 ? 7'(room) : beats_i[6:0];
      allowed    = $signed({2'b0, mem_limit_i[LogN +: OffW]}) - $signed({2'b0, offset}) +
                   $signed({{OffW+1{1'b0}}, mem_limit_i[LogN-1:0] == '1});
      low_page   = addr_i[31:12] < mem_limit_i[31:12];
      limit_page = addr_i[31:12] == mem_limit_i[31:12];
      in_range_o = addr_i >= {1'b0, mem_base_i} && !addr_i[32] &&
                   (low_page || (limit_page && allowed >= $signed((OffW + 2)'(beats_o))));
      begin : RunIsOfWholeBeats assert (addr_i[LogN-1:0] == '0 && beats_i != '0); end
    end
  end
endmodule
