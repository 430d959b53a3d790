/// Properties of tetra_token: a wait is pending exactly if it is enabled and its engine's count, modulo 2^16, is behind.
module formal_token (
  input logic [3:0]  en_i,
  input logic [63:0] wait_i,
  input logic [63:0] done_i
);
  logic [3:0] pending;
  tetra_token u_dut (.en_i, .wait_i, .done_i, .pending_o(pending));
  for (genvar i = 0; i < 4; i++) begin : gen_wait
    logic signed [15:0] lead;
    assign lead = done_i[16*i +: 16] - wait_i[16*i +: 16];
    always_comb assert (pending[i] == (en_i[i] && lead < 0));
  end
endmodule
