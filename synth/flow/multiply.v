// Multiplications as rows of radix-4 Booth digits, for Yosys' techmap. Its own way is a row for each bit of the shorter
// operand, every row's sign extended over the whole product; here a row is a digit (-2..2) of it, two bits each, and no sign
// is extended: a row of W bits with sign s is its lower bits, not s above them, and -2^(W-1), and all such numbers are one
// constant. Only products with an operand of 16 bits and one of 8 or more are made so: smaller ones have too few rows.
(* techmap_celltype = "$mul" *)
module tetra_booth (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input  [A_WIDTH-1:0] A;
  input  [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  localparam LONG   = A_WIDTH > B_WIDTH ? A_WIDTH : B_WIDTH;
  localparam SHORT  = A_WIDTH > B_WIDTH ? B_WIDTH : A_WIDTH;
  localparam DIGITS = (SHORT + !A_SIGNED + 1) / 2;
  localparam ROW    = LONG + 1 + !A_SIGNED;       // bits of a digit times the longer operand
  wire _TECHMAP_FAIL_ = LONG < 16 || SHORT < 8;

  wire [LONG-1:0]  long = A_WIDTH > B_WIDTH ? A : B;
  wire [SHORT-1:0] short = A_WIDTH > B_WIDTH ? B : A;
  wire signed [ROW-1:0]    x = A_SIGNED ? {long[LONG-1], long} : {2'b00, long};
  wire [2*DIGITS:0]        d = {{3{A_SIGNED ? short[SHORT-1] : 1'b0}}, short, 1'b0};

  // -2^(ROW-1) of every row.
  function [Y_WIDTH-1:0] ends(input integer rows);
    integer i;
    begin
      ends = 0;
      for (i = 0; i < rows; i = i + 1) if (2 * i + ROW - 1 < Y_WIDTH) ends = ends - ({{Y_WIDTH-1{1'b0}}, 1'b1} << (2 * i + ROW - 1));
    end
  endfunction

  localparam [Y_WIDTH-1:0] ENDS = ends(DIGITS);

  wire [(DIGITS+1)*Y_WIDTH-1:0] sum;              // of the rows below each
  assign sum[0 +: Y_WIDTH] = ENDS;
  assign Y = sum[DIGITS*Y_WIDTH +: Y_WIDTH];
  genvar i;
  generate
    for (i = 0; i < DIGITS; i = i + 1) begin : row
      wire one = d[2*i] ^ d[2*i+1];
      wire two = d[2*i+2] ? ~d[2*i+1] & ~d[2*i] : d[2*i+1] & d[2*i];
      wire neg = d[2*i+2];
      wire [ROW-1:0] bits = ((x & {ROW{one}}) | ((x << 1) & {ROW{two}})) ^ {ROW{neg}};
      wire [Y_WIDTH-1:0] line = {~bits[ROW-1], bits[ROW-2:0]};
      wire [Y_WIDTH-1:0] carry = neg;
      assign sum[(i+1)*Y_WIDTH +: Y_WIDTH] = sum[i*Y_WIDTH +: Y_WIDTH] + (line << (2 * i)) + (carry << (2 * i));
    end
  endgenerate
endmodule
