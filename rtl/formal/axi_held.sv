/// Property of one AXI channel, seen by its source: valid, once high, stays until ready, and its payload with it.
module axi_held #(
  parameter int Width = 1
) (
  input logic             clk_i,
  input logic             run_i,     // out of reset
  input logic             valid_i,
  input logic             ready_i,
  input logic [Width-1:0] payload_i
);
  logic             held_q;
  logic [Width-1:0] payload_q;
  initial held_q = 1'b0;
  always_ff @(posedge clk_i) begin
    held_q    <= run_i && valid_i && !ready_i;
    payload_q <= payload_i;
  end
  always_comb if (run_i && held_q) begin
    assert (valid_i);
    assert (payload_i == payload_q);
  end
endmodule
