/// Input skew: delays row r of the activation word by r + 1 cycles, and the swap tag likewise.
///
/// Latency: row 0 one cycle. Rows use only the first r + 1 of their N stages; the rest is removed by synthesis and
/// keeps the simulator's loops one-dimensional.
module tetra_skew #(
  /// rows
  parameter int N = 4
) (
  /// clock
  input  logic           clk_i,
  /// synchronous reset of the tag, active low
  input  logic           rst_ni,
  /// advance
  input  logic           en_i,
  /// activation word, one byte a row
  input  logic [8*N-1:0] a_i,
  /// swap tag of that word
  input  logic           tag_i,
  /// skewed activations
  output logic [8*N-1:0] a_o,
  /// skewed tags
  output logic [N-1:0]   tag_o
);
  localparam int NumCells = N * N;

  // Row r, stage k is element r*N + k.
  logic [7:0] sk_q [NumCells], sk_d [NumCells];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tag_o <= '0;
    end else if (en_i) begin
      tag_o <= {tag_o[N-2:0], tag_i};
    end
    if (en_i) begin
      for (int unsigned i = 1; i < NumCells; i++) sk_d[i] = sk_q[i-1];
      for (int unsigned r = 0; r < N; r++) sk_d[r*N] = a_i[r*8 +: 8];
      for (int unsigned i = 0; i < NumCells; i++) sk_q[i] = sk_d[i];
      for (int unsigned r = 0; r < N; r++) a_o[r*8 +: 8] <= sk_d[r*N+r];
    end
  end
endmodule
