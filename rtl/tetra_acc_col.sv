/// Accumulators of one array column: two buffers (one accumulating, one draining) of entries of two halves.
///
/// The control word of a sum arrives one cycle before the sum: it reads the old value, and in the next cycle (ctl_o,
/// which is also the next column's ctl_i) the sum is added and written. A value written in the cycle before is
/// forwarded, so the same entry may be hit in every cycle.
/// Drain: drain_o shows the entry addressed one cycle before.
module tetra_acc_col #(
  /// entries in a buffer, a power of two
  parameter int AccPixels = 256,
  /// bits of the control word: {valid, last, first, max, buf, half[1:0], addr}
  parameter int CtlW = 7 + $clog2(AccPixels)
) (
  /// clock
  input  logic                         clk_i,
  /// asynchronous reset, active low
  input  logic                         rst_ni,
  /// advance
  input  logic                         en_i,
  /// control of the sum that arrives in the next cycle
  input  logic [CtlW-1:0]              ctl_i,
  /// control of the sum that is here now
  output logic [CtlW-1:0]              ctl_o,
  /// sum of lane 0
  input  logic [31:0]                  y0_i,
  /// sum of lane 1
  input  logic [31:0]                  y1_i,
  /// read an entry for draining (of the buffer that does not accumulate)
  input  logic                         drain_re_i,
  /// buffer to drain
  input  logic                         drain_buf_i,
  /// entry to drain
  input  logic [$clog2(AccPixels)-1:0] drain_addr_i,
  /// {half 1, half 0}, one cycle later
  output logic [63:0]                  drain_o
);
  localparam int AccW = $clog2(AccPixels);

  logic            in_valid, in_buf, valid, first, max, bufsel, same_q;
  logic [1:0]      half;
  logic [AccW-1:0] in_addr, addr;
  logic [CtlW-1:0] ctl_q;
  logic            drain_buf_q;

  // The last flag (bit CtlW-2) only passes through, to count completed commands behind the last column.
  assign in_valid = ctl_i[CtlW-1];
  assign in_buf   = ctl_i[AccW+2];
  assign in_addr  = ctl_i[AccW-1:0];
  assign valid    = ctl_q[CtlW-1];
  assign first    = ctl_q[AccW+4];
  assign max      = ctl_q[AccW+3];
  assign bufsel   = ctl_q[AccW+2];
  assign half     = ctl_q[AccW +: 2];
  assign addr     = ctl_q[AccW-1:0];
  assign ctl_o    = ctl_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctl_q       <= '0;
      same_q      <= 1'b0;
      drain_buf_q <= 1'b0;
    end else begin
      if (en_i) begin
        ctl_q  <= ctl_i;
        same_q <= valid && bufsel == in_buf && addr == in_addr;
      end
      if (drain_re_i) drain_buf_q <= drain_buf_i;
    end
  end

  function automatic logic [31:0] accumulate(input logic [31:0] old, input logic [31:0] y, input logic write,
                                             input logic first_f, input logic max_f);
    accumulate = !write ? old : first_f ? y : max_f ? ($signed(y) > $signed(old) ? y : old) : old + y;
  endfunction

  // Both halves of an entry are one word; a half that is not selected is written back as it was.
  logic [63:0] rd0, rd1, old, sum, last_q;
  assign old = same_q ? last_q : bufsel ? rd1 : rd0;
  assign sum = {accumulate(old[63:32], half[0] ? y1_i : y0_i, half[1], first, max),
                accumulate(old[31:0], y0_i, half[0], first, max)};

  always_ff @(posedge clk_i) begin
    if (en_i && valid) last_q <= sum;
  end

  // An accumulating read and a draining read never meet in one buffer: the tokens order them.
  logic we, acc_re;
  assign we     = en_i && valid;
  assign acc_re = en_i && in_valid;
  tetra_sram #(.Width(64), .Depth(AccPixels)) u_buf0 (
    .clk_i, .we_i(we && !bufsel), .waddr_i(addr), .wdata_i(sum),
    .re_i((acc_re && !in_buf) || (drain_re_i && !drain_buf_i)),
    .raddr_i((drain_re_i && !drain_buf_i) ? drain_addr_i : in_addr), .rdata_o(rd0)
  );
  tetra_sram #(.Width(64), .Depth(AccPixels)) u_buf1 (
    .clk_i, .we_i(we && bufsel), .waddr_i(addr), .wdata_i(sum),
    .re_i((acc_re && in_buf) || (drain_re_i && drain_buf_i)),
    .raddr_i((drain_re_i && drain_buf_i) ? drain_addr_i : in_addr), .rdata_o(rd1)
  );

  assign drain_o = drain_buf_q ? rd1 : rd0;
endmodule
