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
  logic [12:0] to_boundary;     // bytes
  logic [12:0] room;            // beats
  logic [32:0] last_byte;

  always_comb begin
    to_boundary = '0;
    room        = '0;
    last_byte   = '0;
    beats_o     = '0;
    in_range_o  = 1'b0;
    if (valid_i) begin
      to_boundary = 13'(tetra_pkg::PageBytes) - {1'b0, addr_i[11:0]};
      room        = to_boundary >> $clog2(N);
      beats_o     = 7'(tetra_pkg::BurstBeats);
      if (beats_i < 20'(tetra_pkg::BurstBeats)) beats_o = beats_i[6:0];
      if (room < {6'd0, beats_o}) beats_o = room[6:0];
      last_byte   = addr_i + (33'(beats_o) << $clog2(N)) - 33'd1;
      in_range_o  = addr_i >= {1'b0, mem_base_i} && last_byte <= {1'b0, mem_limit_i};
      begin : RunIsOfWholeBeats assert (addr_i[$clog2(N)-1:0] == '0 && beats_i != '0); end
    end
  end
endmodule
