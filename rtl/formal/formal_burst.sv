/// Properties of tetra_burst: a burst has 1 to 64 beats and no more than the run, crosses no 4 KiB boundary, is as long
/// as these three let it be, and is told to be inside the window exactly if its first and last byte are.
module formal_burst #(
  parameter int N = 4
) (
  input logic [32:0] addr_i,
  input logic [19:0] beats_i,
  input logic [31:0] mem_base_i,
  input logic [31:0] mem_limit_i
);
  logic [6:0]  beats, zero;
  logic        in_range, no_range;
  logic [34:0] first, last;
  tetra_burst #(.N(N)) u_dut (
    .valid_i(1'b1), .addr_i, .beats_i, .beats_o(beats), .mem_base_i, .mem_limit_i, .in_range_o(in_range)
  );
  tetra_burst #(.N(N)) u_off (
    .valid_i(1'b0), .addr_i, .beats_i, .beats_o(zero), .mem_base_i, .mem_limit_i, .in_range_o(no_range)
  );
  assign first = {2'b0, addr_i};
  assign last  = first + 35'(beats) * 35'(N) - 35'd1;
  always_comb begin
    assume (beats_i != '0);
    assume (addr_i % 33'(N) == '0);
    assume (addr_i <= {1'b1, 32'b0});
    assert (beats >= 7'd1 && beats <= 7'd64 && 20'(beats) <= beats_i);
    assert (first[34:12] == last[34:12]);
    assert (beats == 7'd64 || 20'(beats) == beats_i || last[11:0] == '1);
    assert (in_range == (first >= {3'b0, mem_base_i} && last <= {3'b0, mem_limit_i}));
    assert (zero == '0 && !no_range);
  end
endmodule
