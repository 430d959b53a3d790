/// Accumulators of all columns: delays the streamer's control word to meet the array's sums and passes it from column
/// to column, as the sums arrive.
///
/// A pixel issued in cycle s is written by column c at the end of cycle s + N + 3 + c.
module tetra_acc #(
  /// columns
  parameter int N = 4,
  /// entries in a buffer, a power of two
  parameter int AccPixels = 256
) (
  /// clock
  input  logic                         clk_i,
  /// asynchronous reset, active low
  input  logic                         rst_ni,
  /// advance (together with the array)
  input  logic                         en_i,
  /// a pixel is issued
  input  logic                         issue_i,
  /// its command's last pixel
  input  logic                         last_i,
  /// overwrite
  input  logic                         first_i,
  /// maximum instead of sum
  input  logic                         max_i,
  /// buffer
  input  logic                         buf_i,
  /// halves to write; 2'b10 takes lane 0's sum into half 1
  input  logic [1:0]                   half_i,
  /// entry
  input  logic [$clog2(AccPixels)-1:0] addr_i,
  /// lane 0 sums
  input  logic [32*N-1:0]              y0_i,
  /// lane 1 sums
  input  logic [32*N-1:0]              y1_i,
  /// a command's last sum is written in this cycle
  output logic                         done_o,
  /// read an entry for draining
  input  logic                         drain_re_i,
  /// buffer to drain
  input  logic                         drain_buf_i,
  /// entry to drain
  input  logic [$clog2(AccPixels)-1:0] drain_addr_i,
  /// column c: half 0 in bits 64*c +: 32, half 1 in the next 32; one cycle later
  output logic [64*N-1:0]              drain_o
);
  localparam int AccW = $clog2(AccPixels);
  localparam int CtlW = 7 + AccW;
  localparam int Delay = N + 1;

  // Delay line: N + 2 registers in front of column 0 (Delay here, and ctl_q).
  logic [31:0]     dl_q [Delay], dl_d [Delay];
  logic [CtlW-1:0] ctl_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < Delay; i++) dl_q[i] = 32'd0;
      ctl_q <= '0;
    end else if (en_i) begin
      ctl_q <= dl_q[Delay-1][CtlW-1:0];
      for (int unsigned i = 1; i < Delay; i++) dl_d[i] = dl_q[i-1];
      dl_d[0] = 32'({issue_i, last_i, first_i, max_i, buf_i, half_i, addr_i});
      for (int unsigned i = 0; i < Delay; i++) dl_q[i] = dl_d[i];
    end
  end

  logic [CtlW*(N+1)-1:0] ctl;
  assign ctl[CtlW-1:0] = ctl_q;

  for (genvar c = 0; c < N; c++) begin : gen_col
    tetra_acc_col #(.AccPixels(AccPixels)) u_col (
      .clk_i, .rst_ni, .en_i,
      .ctl_i  (ctl[CtlW*c +: CtlW]),
      .ctl_o  (ctl[CtlW*(c+1) +: CtlW]),
      .y0_i   (y0_i[32*c +: 32]),
      .y1_i   (y1_i[32*c +: 32]),
      .drain_re_i, .drain_buf_i, .drain_addr_i,
      .drain_o(drain_o[64*c +: 64])
    );
  end

  assign done_o = en_i && ctl[CtlW*(N+1)-1] && ctl[CtlW*(N+1)-2];
endmodule
