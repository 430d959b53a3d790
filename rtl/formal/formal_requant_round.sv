/// Rounding, clamp and residual of the requantizer's lane for one shift: what comes out of shift_sum, clamp and clamped,
/// and of the residual's shift, is what docs/numerics.md defines, for every sum, every mode and form, every residual.
/// Products are free numbers of the range that they have; the sums are written with a quotient and a remainder.
module formal_requant_shift #(
  parameter int Shift = 0
) (
  input logic signed [63:0] sum_i,         // acc*M and what is added to it
  input logic signed [63:0] res_i,         // res*Mr
  input logic signed [63:0] add_i,         // zero point and SEPARATE's residual
  input logic signed [31:0] acc_i,         // acc << La
  input logic [tetra_pkg::StoreOut0RndW-1:0]  rnd_i,
  input logic [tetra_pkg::StoreResFormW-1:0]  form_i,
  input logic signed [9:0]  lo_i, hi_i,
  input logic               lo_counts_i
);
`include "tetra_requant.svh"
  // R(x, s) by quotient and remainder; mode as encoded, TFLITE's first rounding apart.
  function automatic logic signed [65:0] once(input logic signed [65:0] x, input int s, input logic [RndW-1:0] rnd);
    logic signed [65:0] quotient, rest, half;
    quotient = x >>> s;
    rest     = x - (quotient <<< s);
    half     = s == 0 ? 66'sd0 : 66'sd1 <<< (s - 1);
    once     = quotient;
    if (s != 0 && rnd != RndW'(tetra_pkg::RoundFloor)) begin
      if (rest > half) once = quotient + 66'sd1;
      else if (rest == half) begin
        if (rnd == HalfUp || (rnd == HalfEven && quotient[0]) || (rnd == HalfAway && !x[65])) once = quotient + 66'sd1;
      end
    end
  endfunction
  function automatic logic signed [65:0] r(input logic signed [65:0] x, input logic [RndW-1:0] rnd);
    if (rnd != Tflite) r = once(x, Shift, rnd);
    else if (Shift <= 31) r = once(x, Shift, HalfUp);
    else r = once(once(x, 31, HalfUp), Shift - 31, HalfAway);
  endfunction

  localparam logic signed [63:0] MostSum = 64'sd1 <<< 62;
  localparam logic signed [63:0] MostRes = 64'sd255 * 64'sh7fffffff;
  localparam logic signed [63:0] MostAdd = MostRes + 64'sd256;
  localparam logic [ShiftW-1:0]  Amount = ShiftW'(Shift);

  // The sum, as stages 4 to 7 have it: half of a first rounding's unit was added.
  logic               twice;
  logic signed [63:0] half;
  logic        [11:0] short;
  logic signed [65:0] y, code;
  logic               out;
  always_comb begin
    assume (rnd_i <= RndW'(tetra_pkg::RoundLast));
    assume (sum_i >= -MostSum && sum_i <= MostSum);
    assume (add_i >= -MostAdd && add_i <= MostAdd);
    twice = rnd_i == Tflite && Amount[ShiftW-1];
    half  = {33'b0, twice, 30'b0};
    short = shift_sum(sum_i + half, amount(Amount, twice), add_i, round_mode(rnd_i));
    y     = r(66'(sum_i), rnd_i) + 66'(add_i);
    code  = y < 66'(lo_i) ? 66'(lo_i) : y > 66'(hi_i) ? 66'(hi_i) : y;
    out   = (y < 66'(lo_i) && lo_counts_i) || y > 66'(hi_i);
    assert (66'(clamp(short, lo_i, hi_i)) == code);
    assert (clamped(short, lo_i, hi_i, lo_counts_i) == out);
  end

  // The residual, as stages 2 to 5 have it, and what it is added to.
  logic               pre;
  logic signed [63:0] moved;
  logic signed [65:0] rounded;
  always_comb begin
    assume (res_i >= -MostRes && res_i <= MostRes);
    pre   = form_i == Pre;
    moved = shift_residual(res_i + res_half(Amount, form_i, rnd_i == Tflite), res_amount(Amount, form_i, rnd_i == Tflite),
                           pre, round_mode(pre ? HalfAway : rnd_i));
    if (form_i == Separate) begin
      rounded = r(66'(res_i), rnd_i) + 66'(add_i[9:0]);
      assert (66'(add_rounded(moved, 64'(add_i[9:0])) >>> 1) == rounded);
    end else if (pre && Shift < 32) begin
      rounded = once((66'(res_i) + 66'sd1024) >>> 11, Shift, HalfAway) + 66'(acc_i);
      assert (32'(add_rounded(moved, 64'(acc_i)) >>> 1) == rounded[31:0]);
    end else begin
      rounded = 66'(res_i);
      if (form_i != Pre) assert (66'(moved >>> 1) == rounded);
    end
  end
endmodule

/// Every shift there is.
module formal_requant_round #(
  parameter int First = 0,
  parameter int Last = 62
) (
  input logic signed [63:0] sum_i, res_i, add_i,
  input logic signed [31:0] acc_i,
  input logic [tetra_pkg::StoreOut0RndW-1:0]  rnd_i,
  input logic [tetra_pkg::StoreResFormW-1:0]  form_i,
  input logic signed [9:0]  lo_i, hi_i,
  input logic               lo_counts_i
);
  for (genvar s = First; s <= Last; s++) begin : gen_shift
    formal_requant_shift #(.Shift(s)) u_shift (.sum_i, .res_i, .add_i, .acc_i, .rnd_i, .form_i, .lo_i, .hi_i, .lo_counts_i);
  end
endmodule
