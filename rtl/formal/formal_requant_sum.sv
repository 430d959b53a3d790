/// What the requantizer's lane adds to its product, and its codes: fraction of the bias, residual (JOINT), half of a first
/// rounding's unit, each form's shift; codes of 4 and 8 bits as numbers. docs/numerics.md, for every record, form and mode.
module formal_requant_sum (
  input logic        [15:0] f_i,           // the bias' fraction, f_i[1:0] from the tops of Mr and M
  input logic signed [63:0] res_i,         // what shift_residual left, {floor, carry}
  input logic [tetra_pkg::ParamLrW-1:0]      shift_i,
  input logic [tetra_pkg::ParamShiftW-1:0]   s_i,
  input logic [tetra_pkg::StoreResFormW-1:0] form_i,
  input logic               tflite_i,
  input logic         [7:0] code_i,
  input logic               bits4_i, signed_i
);
`include "tetra_requant.svh"
  localparam logic [FormW-1:0] Joint = FormW'(tetra_pkg::ResFormJoint);
  logic signed [63:0] bias, added, want;
  logic               twice;
  logic signed [31:0] frac;
  always_comb begin
    twice = tflite_i && s_i >= ShiftW'(32);
    frac  = fraction(f_i[15:2], f_i[1], f_i[0]);
    added = 64'(addend_f(frac, form_i == Pre, tflite_i & s_i[ShiftW-1]));
    if (form_i != Separate) added = added + addend(frac, res_i, shift_i, form_i);
    // F = f * 2^15, shifted by La in RES_PRE.
    bias = 64'($signed(f_i));
    want = bias * 64'sd32768;
    if (form_i == Pre) want = want <<< shift_i;
    if (form_i == Joint) want = want + ((res_i >>> 1) <<< shift_i);
    if (twice) want = want + (64'sd1 <<< 30);
    assert (added == want);
    if (form_i == Separate) assert (addend(frac, res_i, shift_i, form_i) == res_i);
  end

  logic signed [31:0] value;
  always_comb begin
    value = bits4_i ? 32'(code_i[3:0]) : 32'(code_i);
    if (signed_i && bits4_i && value > 32'sd7) value = value - 32'sd16;
    if (signed_i && !bits4_i && value > 32'sd127) value = value - 32'sd256;
    assert (extend(code_i, bits4_i, signed_i) == value);
  end
endmodule
