/// Properties of one processing element: in each of its four modes both lanes are the sums of products that
/// docs/architecture.md defines, for every activation byte and weight word.
module formal_pe #(
  parameter bit Act8 = 0,
  parameter bit Wgt8 = 0
) (
  input logic        act_signed_i,
  input logic [7:0]  a_i,
  input logic [15:0] w_i
);
  logic signed [31:0] lane0, lane1, sum0, sum1;
  tetra_pe u_dut (
    .act8_i(Act8), .wgt8_i(Wgt8), .act_signed_i, .a_i, .w_i, .lane0_o(lane0), .lane1_o(lane1)
  );

  // Codes of 4 and 8 bits as the numbers that they are.
  function automatic logic signed [31:0] num4(input logic [3:0] code, input logic sgn);
    num4 = sgn ? {{28{code[3]}}, code} : {28'b0, code};
  endfunction
  function automatic logic signed [31:0] num8(input logic [7:0] code, input logic sgn);
    num8 = sgn ? {{24{code[7]}}, code} : {24'b0, code};
  endfunction

  // A weight of 8 bits has its low nibbles at j = 0; with activations of 8 bits it meets i = 0 and 1 alike.
  always_comb begin
    sum1 = '0;
    if (Act8 && Wgt8) begin
      assume (w_i[3:0] == w_i[11:8] && w_i[7:4] == w_i[15:12]);
      sum0 = num8(a_i, act_signed_i) * num8(w_i[7:0], 1'b1);
    end else if (Act8) begin
      assume (w_i[7:0] == w_i[15:8]);
      sum0 = num8(a_i, act_signed_i) * num4(w_i[3:0], 1'b1);
      sum1 = num8(a_i, act_signed_i) * num4(w_i[7:4], 1'b1);
    end else if (Wgt8) begin
      sum0 = num4(a_i[3:0], act_signed_i) * num8(w_i[7:0], 1'b1) + num4(a_i[7:4], act_signed_i) * num8(w_i[15:8], 1'b1);
    end else begin
      sum0 = num4(a_i[3:0], act_signed_i) * num4(w_i[3:0], 1'b1) + num4(a_i[7:4], act_signed_i) * num4(w_i[11:8], 1'b1);
      sum1 = num4(a_i[3:0], act_signed_i) * num4(w_i[7:4], 1'b1) + num4(a_i[7:4], act_signed_i) * num4(w_i[15:12], 1'b1);
    end
    assert (lane0 == sum0);
    assert (lane1 == sum1);
  end
endmodule
