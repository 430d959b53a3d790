/// Weight-stationary N x N systolic array of four-mode PEs with a shadow set of weights.
///
/// Activations enter row r at the left and move right one column a cycle; partial sums move down one row a cycle.
/// Row r must receive a pixel r cycles after row 0 (the caller skews). A tag travels with the activation; where it
/// passes, the PE swaps its shadow weight in, in time for that very activation. A row's shadow may be written again
/// in the cycle in which the tag is consumed by the row's last column (N - 1 cycles after its first), or later.
///
/// Latency: an activation consumed by row 0 in cycle t leaves column c as a sum on y0_o/y1_o in cycle t + N + 1 + c.
/// en_i low freezes everything (nothing may be in flight that must move).
///
/// State is private to one process with blocking assignments, in loops over one-dimensional arrays: see
/// docs/architecture.md, "RTL that simulates fast".
module tetra_array #(
  /// rows = columns
  parameter int N = 4
) (
  /// clock
  input  logic                 clk_i,
  /// synchronous reset of the tags, active low
  input  logic                 rst_ni,
  /// advance by one cycle
  input  logic                 en_i,
  /// mode of everything in flight: activations are 8 bits wide
  input  logic                 act8_i,
  /// mode: weights are 8 bits wide
  input  logic                 wgt8_i,
  /// mode: activation codes are signed
  input  logic                 act_signed_i,
  /// write w_data_i to the shadow weights of row w_row_i
  input  logic                 w_load_i,
  /// row to write
  input  logic [$clog2(N)-1:0] w_row_i,
  /// one 16-bit weight word a column
  input  logic [N*16-1:0]      w_data_i,
  /// one activation byte a row, skewed
  input  logic [N*8-1:0]       a_i,
  /// swap tag, one bit a row, skewed
  input  logic [N-1:0]         tag_i,
  /// column sums of output half 0
  output logic [N*32-1:0]      y0_o,
  /// column sums of output half 1
  output logic [N*32-1:0]      y1_o
);
`include "tetra_pe.svh"

  localparam int NumPe = N * N;

  // PE (r, c) is element r*N + c. The _d arrays are wires of this process.
  logic        [15:0] w_q [NumPe], ws_q [NumPe];
  logic        [7:0]  a_q [NumPe], a_d [NumPe];
  logic               t_q [NumPe], t_d [NumPe];
  logic signed [31:0] p0_q [NumPe], p0_d [NumPe], p1_q [NumPe], p1_d [NumPe];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < NumPe; i++) t_q[i] = 1'b0;
    end else if (en_i) begin
      // Out: registered with <= from the old state, so no reader can race with the updates below.
      for (int unsigned c = 0; c < N; c++) y0_o[c*32 +: 32] <= p0_q[NumPe-N+c];
      for (int unsigned c = 0; c < N; c++) y1_o[c*32 +: 32] <= p1_q[NumPe-N+c];
      // Shift: partial sums one row down, activations and tags one column right.
      for (int unsigned i = 0; i < N; i++) p0_d[i] = 32'sd0;
      for (int unsigned i = 0; i < N; i++) p1_d[i] = 32'sd0;
      for (int unsigned i = N; i < NumPe; i++) p0_d[i] = p0_q[i-N];
      for (int unsigned i = N; i < NumPe; i++) p1_d[i] = p1_q[i-N];
      for (int unsigned i = 1; i < NumPe; i++) a_d[i] = a_q[i-1];
      for (int unsigned i = 1; i < NumPe; i++) t_d[i] = t_q[i-1];
      for (int unsigned r = 0; r < N; r++) a_d[r*N] = a_i[r*8 +: 8];
      for (int unsigned r = 0; r < N; r++) t_d[r*N] = tag_i[r];
      // Compute.
      for (int unsigned i = 0; i < NumPe; i++) w_q[i] = t_d[i] ? ws_q[i] : w_q[i];
      for (int unsigned i = 0; i < NumPe; i++)
        p0_q[i] = p0_d[i] + pe_lane0(a_d[i], w_q[i], act8_i, wgt8_i, act_signed_i);
      for (int unsigned i = 0; i < NumPe; i++)
        p1_q[i] = p1_d[i] + pe_lane1(a_d[i], w_q[i][7:4], w_q[i][15:12], act8_i, wgt8_i, act_signed_i);
      for (int unsigned i = 0; i < NumPe; i++) a_q[i] = a_d[i];
      for (int unsigned i = 0; i < NumPe; i++) t_q[i] = t_d[i];
      if (w_load_i) for (int unsigned c = 0; c < N; c++) ws_q[32'(w_row_i)*N+c] = w_data_i[c*16 +: 16];
    end
  end
endmodule
