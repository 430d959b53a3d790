/// Weight-stationary N x N systolic array of four-mode PEs with a shadow set of weights.
///
/// Activations enter row r at the left and move right one column a cycle; partial sums move down one row a cycle.
/// Row r must receive a pixel r cycles after row 0 (the caller skews). A tag travels with the activation; where it
/// passes, the PE swaps its shadow weight in, in time for that very activation. A row's shadow may be written again
/// in the cycle in which the tag is consumed by the row's last column (N - 1 cycles after its first), or later.
///
/// Latency: an activation taken by row 0 in cycle t leaves column c as a sum on y0_o/y1_o in cycle t + N + 2 + c: a
/// product is registered before it is added. The mode is registered, too: it is that of the cycle before.
/// en_i low freezes everything. It may be low only while nothing is in flight and no weights come, so that with FreeRun
/// nobody sees the difference: enables save the simulator's work, but in hardware each costs a multiplexer a bit and a
/// tree to all PEs.
///
/// Sums are as wide as N products can make them. Products have an offset that makes them positive (tetra_pe.svh), so that
/// nothing is sign-extended in a PE; the first row's sums begin with minus the offsets of all N.
///
/// State is private to one process with blocking assignments, in loops over one-dimensional arrays: see
/// docs/architecture.md, "RTL that simulates fast".
module tetra_array #(
  /// rows = columns
  parameter int N = 0,
  /// move in every cycle, whatever en_i is
  parameter bit FreeRun = 0
) (
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
  /// column sums of output half 1; stands still with 8-bit weights
  output logic [N*32-1:0]      y1_o
);
`include "tetra_pe.svh"

  localparam int NumPe = N * N;
  // Bits of a product: 8x8 bits in lane 0, two of 4x4 or one of 8x4 in lane 1. Of a sum of N of them.
  localparam int X0W = 16;
  localparam int X1W = 12;
  localparam int P0W = X0W + $clog2(N);
  localparam int P1W = X1W + $clog2(N);

  // PE (r, c) is element (N-1-r)*N + c: with the rows upside down, sums move towards lower elements and are updated in
  // place by loops that count up. The _d arrays are wires of this process.
  logic        [15:0] w_q [NumPe], ws_q [NumPe];
  logic        [7:0]  a_q [NumPe+N], a_d [NumPe];   // a_q begins at N: element N-1 is read, and never matters
  logic               t_q [NumPe], t_d [NumPe];
  logic [X0W-1:0]     x0_q [NumPe];
  logic [X1W-1:0]     x1_q [NumPe];
  logic [P0W-1:0]     p0_q [NumPe];    // the last row's, elements 0 to N-1, are wires: y0_o, y1_o hold them
  logic [P1W-1:0]     p1_q [NumPe];
  logic [2*N-1:0]     swaps_q;         // a tag may be somewhere in the array
  logic               act8_q, wgt8_q, signed_q;

  // What sums begin with, lane 0's and 1's: minus the offsets of N products, by mode, {act8, wgt8, signed}; and for the mode
  // in act8_q, wgt8_q and signed_q.
  logic [P0W-1:0] begins0 [8];
  logic [P1W-1:0] begins1 [8];
  for (genvar m = 0; m < 8; m++) begin : gen_begins
    assign begins0[m] = -(P0W'(pe_offset0(1'(m >> 2), 1'(m >> 1), 1'(m))) << $clog2(N));
    assign begins1[m] = -(P1W'(pe_offset1(1'(m >> 2), 1'(m >> 1), 1'(m))) << $clog2(N));
  end
  logic [P0W-1:0] begin0_q, begin0;
  logic [P1W-1:0] begin1_q, begin1;
  // The offset of one, which products made of numbers need (tetra_pe.svh). Wires of the process below, as begin0 and begin1
  // are, so that the simulator knows that its loops do not change them.
  logic [X0W-1:0] offset0;
  logic [X1W-1:0] offset1;

  // tag ? shadow : weight, without a conditional load.
  function automatic logic [15:0] swap(input logic tag, input logic [15:0] weight, input logic [15:0] shadow);
    swap = (shadow & {16{tag}}) | (weight & ~{16{tag}});
  endfunction

  // The columns' whole sums side by side. In functions, whose loop variables and results are local.
  function automatic logic [N*32-1:0] bottom0();
    for (int unsigned c = 0; c < N; c++)
      bottom0[c*32 +: 32] = {{32-P0W{p0_q[c][P0W-1]}}, p0_q[c]};
  endfunction
  function automatic logic [N*32-1:0] bottom1();
    for (int unsigned c = 0; c < N; c++)
      bottom1[c*32 +: 32] = {{32-P1W{p1_q[c][P1W-1]}}, p1_q[c]};
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i || FreeRun) begin
      act8_q   <= act8_i;
      wgt8_q   <= wgt8_i;
      signed_q <= act_signed_i;
      begin0_q <= begins0[{act8_i, wgt8_i, act_signed_i}];
      begin1_q <= begins1[{act8_i, wgt8_i, act_signed_i}];
      begin0   = begin0_q;
      begin1   = begin1_q;
      offset0  = X0W'(-begin0 >> $clog2(N));
      offset1  = X1W'(-begin1 >> $clog2(N));
      // Activations and tags move one column right. The column that enters is written a byte at a time and read as vectors
      // by the simulator, which is why this comes first and is taken last.
      for (int unsigned i = 0; i < NumPe; i++) a_d[i] = a_q[i+N-1];
      for (int unsigned w = 0; w < N / 4; w++) begin
        a_d[(N-1-w*4)*N] = 8'(a_i[w*32 +: 32]);
        a_d[(N-2-w*4)*N] = 8'(a_i[w*32 +: 32] >> 8);
        a_d[(N-3-w*4)*N] = 8'(a_i[w*32 +: 32] >> 16);
        a_d[(N-4-w*4)*N] = 8'(a_i[w*32 +: 32] >> 24);
      end
      if (swaps_q != '0 || tag_i[0] || FreeRun) begin
        for (int unsigned i = 1; i < NumPe; i++) t_d[i] = t_q[i-1];
        for (int unsigned r = 0; r < N; r++) t_d[(N-1-r)*N] = tag_i[r];
      end
      // Add, and move partial sums one row down; what leaves is registered with <=, so no reader can race with it. Then
      // multiply what was here before the activations move.
      for (int unsigned i = 0; i < NumPe - N; i++) p0_q[i] = p0_q[i+N] + P0W'(x0_q[i]);
      for (int unsigned i = NumPe - N; i < NumPe; i++) p0_q[i] = begin0 + P0W'(x0_q[i]);
      y0_o <= bottom0();
      for (int unsigned i = 0; i < NumPe; i++)
        x0_q[i] = pe_lane0(a_q[i+N], w_q[i], act8_q, wgt8_q, signed_q, offset0);
      // 8-bit weights leave lane 1 idle: its products are 0.
      if (!wgt8_q || FreeRun) begin
        for (int unsigned i = 0; i < NumPe - N; i++) p1_q[i] = p1_q[i+N] + P1W'(x1_q[i]);
        for (int unsigned i = NumPe - N; i < NumPe; i++) p1_q[i] = begin1 + P1W'(x1_q[i]);
        y1_o <= bottom1();
        for (int unsigned i = 0; i < NumPe; i++)
          x1_q[i] = pe_lane1(a_q[i+N], w_q[i][7:4], w_q[i][15:12], act8_q, wgt8_q, signed_q, offset1);
      end
      for (int unsigned i = 0; i < NumPe; i++) a_q[i+N] = a_d[i];
      swaps_q <= {swaps_q[2*N-2:0], tag_i[0]};
      if (swaps_q != '0 || tag_i[0] || FreeRun) begin
        for (int unsigned i = 0; i < NumPe; i++) w_q[i] = swap(t_d[i], w_q[i], ws_q[i]);
        for (int unsigned i = 0; i < NumPe; i++) t_q[i] = t_d[i];
      end
      if (w_load_i) begin
        for (int unsigned w = 0; w < N / 2; w++) begin
          ws_q[(N-1-32'(w_row_i))*N+w*2]   = 16'(w_data_i[w*32 +: 32]);
          ws_q[(N-1-32'(w_row_i))*N+w*2+1] = 16'(w_data_i[w*32 +: 32] >> 16);
        end
      end
    end
    // Last, so that only the tags are held in reset.
    if (!rst_ni) begin
      for (int unsigned i = 0; i < NumPe; i++) t_q[i] = 1'b0;
      swaps_q <= '0;
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (w_load_i && en_i && rst_ni) begin
      begin : TagsAreSkewed assert (tag_i[N-1:1] == swaps_q[N-2:0]); end
      // Column c of row r consumes a tag r + c cycles after row 0's first did; those behind it need the shadow still.
      begin : ShadowIsFree assert ((N - 1)'({swaps_q, tag_i[0]} >> w_row_i) == '0); end
    end
  end
endmodule
