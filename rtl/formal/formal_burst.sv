/// Properties of tetra_burst, of every burst of every run: it has 1 to 64 beats and no more than are left, crosses no
/// 4 KiB boundary, is as long as these three let it be, begins where the one before ended, is told to be the last where
/// it is, and to be inside the window exactly if its first and last byte are.
module formal_burst #(
  parameter int N = 4
) (
  input logic        clk_i,
  input logic        load_i, step_i,
  input logic [31:0] addr_i,
  input logic [19:0] beats_i,
  input logic [31:0] mem_base_i,
  input logic [31:0] mem_limit_i
);
  logic [31:0] addr;
  logic [6:0]  beats;
  logic        last, in_range;
  tetra_burst #(.N(N)) u_dut (
    .clk_i, .load_i, .addr_i, .beats_i, .step_i, .mem_base_i, .mem_limit_i, .addr_o(addr), .beats_o(beats), .last_o(last),
    .in_range_o(in_range)
  );

  // The run as it is: the next burst's address, beats left; the window at its begin.
  logic        run_q;
  logic [32:0] addr_q;
  logic [19:0] left_q;
  logic [31:0] base_q, limit_q;
  logic [34:0] last_byte;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) begin
    if (load_i) begin
      run_q   <= 1'b1;
      addr_q  <= {1'b0, addr_i};
      left_q  <= beats_i;
      base_q  <= mem_base_i;
      limit_q <= mem_limit_i;
    end else if (step_i) begin
      run_q  <= run_q && !last;
      addr_q <= addr_q + 33'(beats) * 33'(N);
      left_q <= left_q - 20'(beats);
    end
  end
  assign last_byte = {2'b0, addr_q} + 35'(beats) * 35'(N) - 35'd1;
  always_comb begin
    if (load_i) assume (beats_i != '0 && addr_i % 32'(N) == '0);
    if (run_q) begin
      // Who steps takes a burst that lies inside.
      if (step_i && !load_i) assume (in_range);
      assert (addr == addr_q[31:0]);
      assert (beats >= 7'd1 && beats <= 7'd64 && 20'(beats) <= left_q);
      assert ({2'b0, addr_q[32:12]} == last_byte[34:12]);
      assert (beats == 7'd64 || 20'(beats) == left_q || last_byte[11:0] == '1);
      assert (last == (20'(beats) == left_q));
      assert (in_range == ({2'b0, addr_q} >= {3'b0, base_q} && last_byte <= {3'b0, limit_q}));
    end
  end
endmodule
