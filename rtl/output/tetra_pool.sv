/// Fused 3x3 max pool of stride 2, on packed words between the requantizer and the write engine. Requantization never
/// decreases with the accumulator, so the maximum of codes is the code of the maximum.
///
/// Latency: none. A word's control (tetra_pool_seq) is given with the row that completes it and travels beside the
/// requantizer for Delay cycles, to where the word leaves it; words of STOREs without pool pass as they are. A line's
/// word is read one cycle before it is used and written one cycle after, so rows have at least two pixels.
module tetra_pool #(
  /// bytes in a word
  parameter int N = 0,
  /// words in the line buffer, a power of two
  parameter int PoolWords = 0,
  /// cycles from a row's issue to its word
  parameter int Delay = 0
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  /// a row that completes a word of a pooled STORE is issued
  input  logic                         ctl_valid_i,
  /// its codes have 4 bits
  input  logic                         bits4_i,
  /// its codes are signed
  input  logic                         signed_i,
  /// what to do with the word, as tetra_pool_seq says
  input  logic                         across_i,
  input  logic                         open_i,
  input  logic                         close_i,
  input  logic                         down_i,
  input  logic                         fresh_i,
  input  logic                         emit_i,
  /// line-buffer word
  input  logic [$clog2(PoolWords)-1:0] line_i,
  /// a word leaves the requantizer
  input  logic                         valid_i,
  input  logic [8*N-1:0]               data_i,
  output logic                         valid_o,
  output logic [8*N-1:0]               data_o
);
  localparam int LineW = $clog2(PoolWords);
  localparam int CtlW = LineW + 8;

  // ---- Control, in step with the requantizer ----
  logic [Delay-1:0]      pooled_q;
  logic [CtlW*Delay-1:0] ctl_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) pooled_q <= '0;
    else pooled_q <= {pooled_q[Delay-2:0], ctl_valid_i};
  end
  always_ff @(posedge clk_i) begin
    if (ctl_valid_i || pooled_q != '0) begin
      ctl_q <= {ctl_q[CtlW*(Delay-1)-1:0], bits4_i, signed_i, across_i, open_i, close_i, down_i, fresh_i, emit_i, line_i};
    end
  end

  logic             bits4, sgn, across, open, close, down, fresh, send, pooled, line_re;
  logic [LineW-1:0] line, line_ahead;
  assign {bits4, sgn, across, open, close, down, fresh, send, line} = ctl_q[CtlW*Delay-1 -: CtlW];
  assign pooled     = pooled_q[Delay-1];
  assign line_re    = pooled_q[Delay-2];
  assign line_ahead = ctl_q[CtlW*(Delay-2) +: LineW];

  // ---- Maxima ----
  function automatic logic [8*N-1:0] max_codes(input logic [8*N-1:0] a, input logic [8*N-1:0] b, input logic four,
                                               input logic is_signed);
    logic [7:0] flip, x, y, both;
    logic [3:0] low, high;
    flip = !is_signed ? 8'h00 : four ? 8'h88 : 8'h80;
    for (int unsigned i = 0; i < N; i++) begin
      x    = a[i*8 +: 8] ^ flip;
      y    = b[i*8 +: 8] ^ flip;
      low  = x[3:0] > y[3:0] ? x[3:0] : y[3:0];
      high = x[7:4] > y[7:4] ? x[7:4] : y[7:4];
      both = four ? {high, low} : x > y ? x : y;
      max_codes[i*8 +: 8] = both ^ flip;
    end
  endfunction

  logic [8*N-1:0] window_q, row_max, line_max, line_data;
  always_comb begin
    row_max  = data_i;
    line_max = data_i;
    if (pooled) begin
      if (across) row_max = max_codes(window_q, data_i, bits4, sgn);
      line_max = down ? max_codes(line_data, row_max, bits4, sgn) : row_max;
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i && pooled) window_q <= open ? data_i : row_max;
  end

  tetra_sram #(.NibbleWrite(0), .Width(8*N), .Depth(PoolWords)) u_line (
    .clk_i, .we_i(valid_i && pooled && close), .keep_low_i(1'b0), .waddr_i(line), .wdata_i(fresh ? row_max : line_max),
    .re_i(line_re), .raddr_i(line_ahead), .rdata_o(line_data)
  );

  assign valid_o = valid_i && (!pooled || send);
  assign data_o  = line_max;

  // Of the word that follows, whose line is read in this cycle.
  logic close_ahead, down_ahead;
  assign {close_ahead, down_ahead} = ctl_q[CtlW*(Delay-2)+LineW+2 +: 2];

  always_ff @(posedge clk_i) begin : Checks
    if (pooled) begin
      begin : ControlMeetsItsWord assert (valid_i); end
      // Else the SRAM would give what this cycle's word replaces.
      begin : LineIsWrittenBeforeItIsRead
        assert (!(close && line_re && close_ahead && down_ahead && line_ahead == line));
      end
    end
  end
endmodule
