/// Accumulators of one array column: two buffers (one accumulating, one draining) of two halves each.
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

  logic            in_valid, in_buf, valid, first, max, bufsel;
  logic [1:0]      half, fwd_q;
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

  logic same_entry;
  assign same_entry = valid && bufsel == in_buf && addr == in_addr;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctl_q       <= '0;
      fwd_q       <= '0;
      drain_buf_q <= 1'b0;
    end else begin
      if (en_i) begin
        ctl_q <= ctl_i;
        fwd_q <= half & {2{same_entry}};
      end
      if (drain_re_i) drain_buf_q <= drain_buf_i;
    end
  end

  // An accumulating read and a draining read never meet in one buffer: the tokens order them.
  logic            re0, re1;
  logic [AccW-1:0] ra0, ra1;
  assign re0 = (en_i && in_valid && !in_buf) || (drain_re_i && !drain_buf_i);
  assign re1 = (en_i && in_valid && in_buf) || (drain_re_i && drain_buf_i);
  assign ra0 = (drain_re_i && !drain_buf_i) ? drain_addr_i : in_addr;
  assign ra1 = (drain_re_i && drain_buf_i) ? drain_addr_i : in_addr;

  logic [127:0] rd;              // word buffer*2 + half
  logic [31:0]  sum0, sum1, last0_q, last1_q;

  function automatic logic [31:0] accumulate(input logic [31:0] old, input logic [31:0] y, input logic first_f,
                                             input logic max_f);
    accumulate = first_f ? y : max_f ? ($signed(y) > $signed(old) ? y : old) : old + y;
  endfunction

  assign sum0 = accumulate(fwd_q[0] ? last0_q : bufsel ? rd[95:64] : rd[31:0], y0_i, first, max);
  assign sum1 = accumulate(fwd_q[1] ? last1_q : bufsel ? rd[127:96] : rd[63:32], half[0] ? y1_i : y0_i, first, max);

  always_ff @(posedge clk_i) begin
    if (en_i && valid) begin
      last0_q <= sum0;
      last1_q <= sum1;
    end
  end

  for (genvar b = 0; b < 2; b++) begin : gen_buf
    for (genvar h = 0; h < 2; h++) begin : gen_half
      localparam int Lsb = 32 * (b * 2 + h);
      // Genvars stay out of port connections: Icarus 11 would make them implicit wires.
      logic            we, re;
      logic [AccW-1:0] ra;
      logic [31:0]     wdata, word;
      assign we    = en_i && valid && bufsel == (b == 1) && half[h];
      assign wdata = h == 1 ? sum1 : sum0;
      assign re    = b == 1 ? re1 : re0;
      assign ra    = b == 1 ? ra1 : ra0;
      tetra_sram #(.Width(32), .Depth(AccPixels)) u_sram (
        .clk_i, .we_i(we), .waddr_i(addr), .wdata_i(wdata), .re_i(re), .raddr_i(ra), .rdata_o(word)
      );
      assign rd[Lsb +: 32] = word;
    end
  end

  assign drain_o = drain_buf_q ? rd[127:64] : rd[63:0];
endmodule
