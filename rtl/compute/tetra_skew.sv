/// Input skew: delays row r of the activation word by r + 1 cycles, and the swap tag likewise.
///
/// Latency: row 0 one cycle. The cells form a triangle, kept in a square so that the simulator's loops stay
/// one-dimensional; synthesis removes the other half.
module tetra_skew #(
  /// rows
  parameter int N = 0,
  /// move in every cycle, whatever en_i is (see tetra_array)
  parameter bit FreeRun = 0
) (
  input  logic           clk_i,
  /// synchronous reset of the tag, active low
  input  logic           rst_ni,
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

  // Element k*N + r: row r's byte that leaves k cycles from now. A row enters at k = r; all rows leave side by side, row 0
  // without being kept here.
  logic [7:0] sk_q [NumCells];

  // Bytes that leave, side by side. In a function, whose loop variable and result are local. Read before the shift: the
  // simulator's vector loads would wait for bytes just written.
  function automatic logic [8*N-1:0] leaving(input logic [7:0] row0);
    for (int unsigned w = 0; w < N / 4; w++)
      leaving[w*32 +: 32] = {sk_q[N+w*4+3], sk_q[N+w*4+2], sk_q[N+w*4+1], sk_q[N+w*4]};
    leaving[7:0] = row0;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tag_o <= '0;
    end else if (en_i || FreeRun) begin
      tag_o <= {tag_o[N-2:0], tag_i};
    end
    if (en_i || FreeRun) begin
      a_o <= leaving(a_i[7:0]);
      for (int unsigned i = 0; i < NumCells - N; i++) sk_q[i] = sk_q[i+N];
      for (int unsigned w = 0; w < N / 4; w++) begin
        sk_q[w*4*(N+1)]     = 8'(a_i[w*32 +: 32]);
        sk_q[(w*4+1)*(N+1)] = 8'(a_i[w*32 +: 32] >> 8);
        sk_q[(w*4+2)*(N+1)] = 8'(a_i[w*32 +: 32] >> 16);
        sk_q[(w*4+3)*(N+1)] = 8'(a_i[w*32 +: 32] >> 24);
      end
    end
  end
endmodule
