/// The residual's product is cut to the bits that it needs: nothing is lost, for every residual, multiplier and half unit.
module formal_requant_mul (
  input logic signed  [8:0] res_i,
  input logic        [30:0] mr_i,
  input logic signed [63:0] half_i
);
`include "tetra_requant.svh"
  logic signed [63:0] res;
  always_comb begin
    // A residual's code less its zero point is in -255 to 255, half a unit at most 2^30.
    assume (res_i != -9'sd256);
    assume (half_i >= 64'sd0 && half_i <= 64'sd1 <<< 30);
    res = 64'(res_i) * 64'($signed({1'b0, mr_i})) + half_i;
    assert (scale_residual(res_i, {1'b0, mr_i}, half_i) == res);
  end
endmodule
