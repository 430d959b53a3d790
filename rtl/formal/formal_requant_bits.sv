/// The requantizer's shifts as simulators and as synthesis read them, bit by bit of the amount: codes, what counts as
/// clamped and the shifted residual are the same, for every amount.
`define TETRA_REQUANT_SHIFTS(NAME) \
module NAME ( \
  input  logic signed [63:0] sum_i, res_i, add_i, \
  input  logic [tetra_pkg::ParamShiftW-1:0]     s_i, \
  input  logic [tetra_pkg::StoreOut0RndW-1:0]   rnd_i, \
  input  logic [tetra_pkg::StoreResFormW-1:0]   form_i, \
  input  logic signed [9:0]  lo_i, hi_i, \
  input  logic               lo_counts_i, \
  output logic signed [31:0] code_o, \
  output logic               clamped_o, \
  output logic signed [63:0] res_o \
);

`undef SYNTHESIS
`TETRA_REQUANT_SHIFTS(requant_shifts_numbers)
`include "tetra_requant.svh"
`include "formal_requant_bits.svh"
endmodule

`define SYNTHESIS
`TETRA_REQUANT_SHIFTS(requant_shifts_bits)
`include "tetra_requant.svh"
`include "formal_requant_bits.svh"
endmodule
`undef SYNTHESIS

module formal_requant_bits (
  input logic signed [63:0] sum_i, res_i, add_i,
  input logic [tetra_pkg::ParamShiftW-1:0]    s_i,
  input logic [tetra_pkg::StoreOut0RndW-1:0]  rnd_i,
  input logic [tetra_pkg::StoreResFormW-1:0]  form_i,
  input logic signed [9:0]  lo_i, hi_i,
  input logic               lo_counts_i
);
  localparam logic signed [63:0] MostSum = (64'sd1 <<< 62) + (64'sd1 <<< 30);
  localparam logic signed [63:0] MostRes = 64'sd255 * 64'sh7fffffff;
  localparam logic signed [63:0] MostAdd = MostRes + 64'sd256;
  logic signed [31:0] code0, code1;
  logic signed [63:0] res0, res1;
  logic               clamped0, clamped1;
  requant_shifts_numbers u_numbers (
    .sum_i, .res_i, .add_i, .s_i, .rnd_i, .form_i, .lo_i, .hi_i, .lo_counts_i,
    .code_o(code0), .clamped_o(clamped0), .res_o(res0)
  );
  requant_shifts_bits u_bits (
    .sum_i, .res_i, .add_i, .s_i, .rnd_i, .form_i, .lo_i, .hi_i, .lo_counts_i,
    .code_o(code1), .clamped_o(clamped1), .res_o(res1)
  );
  always_comb begin
    assume (s_i != '1);
    assume (rnd_i <= 3'(tetra_pkg::RoundLast));
    // In RES_PRE r is 31 at most.
    assume (form_i != 2'(tetra_pkg::ResFormPre) || !s_i[tetra_pkg::ParamShiftW-1]);
    assume (sum_i >= -MostSum && sum_i <= MostSum);
    assume (res_i >= -MostRes && res_i <= MostRes);
    assume (add_i >= -MostAdd && add_i <= MostAdd);
    assert (code0 == code1);
    assert (clamped0 == clamped1);
    assert (res0 == res1);
  end
endmodule
