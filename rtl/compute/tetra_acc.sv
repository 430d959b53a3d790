/// Accumulators: two buffers (one accumulating, one draining) of entries of N columns and two halves.
///
/// The array's sums of one pixel arrive column after column. They are delayed until the last column's is here, so that
/// an entry is one wide word, read, updated and written at once: a pixel issued in cycle s is added to in cycle
/// s + 2*N + 3, in which done_o says so, and written at the end of the next. The streamer's control word is delayed to
/// meet them; one cycle ahead of the sums it reads the old entry. What is on its way into the entry that is read is
/// forwarded, so the same entry may be hit in every cycle.
/// Drain: drain_o shows the half entry addressed one cycle before.
module tetra_acc #(
  /// columns
  parameter int N = 0,
  /// entries in a buffer, a power of two
  parameter int AccPixels = 0,
  /// move in every cycle, whatever en_i is (see tetra_array)
  parameter bit FreeRun = 0
) (
  input  logic                         clk_i,
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
  input  logic                         buf_i,
  /// halves to write; 2'b10 takes lane 0's sum into half 1
  input  logic [1:0]                   half_i,
  /// entry
  input  logic [$clog2(AccPixels)-1:0] addr_i,
  /// weights are 8 bits wide: lane 1 is idle
  input  logic                         wgt8_i,
  /// lane 0 sums, column c one cycle behind column c - 1
  input  logic [32*N-1:0]              y0_i,
  /// lane 1 sums
  input  logic [32*N-1:0]              y1_i,
  /// a command's last sum is made in this cycle; a drain may read it from the second cycle after on
  output logic                         done_o,
  input  logic                         drain_re_i,
  input  logic                         drain_buf_i,
  input  logic                         drain_half_i,
  /// entry
  input  logic [$clog2(AccPixels)-1:0] drain_addr_i,
  /// column c in bits 32*c +: 32, one cycle later
  output logic [32*N-1:0]              drain_o
);
  localparam int AccW = $clog2(AccPixels);
  localparam int Delay = 2 * N;
  localparam int NumCells = N * N;
  localparam int Width = 32 * N;
  // Bits of a sum from the array, lane 0 and 1 (see tetra_array); the rest is sign.
  localparam int Y0W = 16 + $clog2(N);
  localparam int Y1W = 12 + $clog2(N);

  typedef struct packed {
    logic            valid;
    logic            last;
    logic            first;
    logic            max;
    logic            buffer;
    logic [1:0]      half;
    logic [AccW-1:0] addr;
  } ctl_t;

  logic go;
  assign go = en_i || FreeRun;

  // Delay line: 2 N + 2 registers in front of the read (issue_q, Delay, in_q), one more in front of the sum, and of the
  // write, which does not wait for en_i.
  ctl_t        issue_q, in_q, ctl_q;
  logic [31:0] dl_q [Delay];
  logic            wr_valid_q, wr_buffer_q;
  logic [1:0]      wr_half_q;
  logic [AccW-1:0] wr_addr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < Delay; i++) dl_q[i] = 32'd0;
      issue_q <= '0;
      in_q    <= '0;
      ctl_q   <= '0;
    end else if (go) begin
      ctl_q   <= in_q;
      in_q    <= dl_q[0][7+AccW-1:0];
      for (int unsigned i = 0; i < Delay - 1; i++) dl_q[i] = dl_q[i+1];
      dl_q[Delay-1] = 32'(issue_q);
      issue_q <= {issue_i, last_i, first_i, max_i, buf_i, half_i, addr_i};
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) wr_valid_q <= 1'b0;
    else wr_valid_q <= go && ctl_q.valid;
    if (go && ctl_q.valid) {wr_buffer_q, wr_half_q, wr_addr_q} <= {ctl_q.buffer, ctl_q.half, ctl_q.addr};
  end
  assign done_o = go && ctl_q.valid && ctl_q.last;

  // Element k*N + c: column c's sum that is due in k cycles. A column enters at k = N-2-c and leaves at 0; the last
  // one is not delayed. The cells form a triangle in a square: synthesis removes the other half.
  logic [Y0W-1:0]    s0_q [NumCells];
  logic [Y1W-1:0]    s1_q [NumCells];
  logic [Width-33:0] due0_q, due1_q;

  // Sums that are due, side by side. In functions, whose loop variables and results are local.
  function automatic logic [Width-33:0] due0();
    for (int unsigned c = 0; c < N - 1; c++) due0[c*32 +: 32] = {{32-Y0W{s0_q[c][Y0W-1]}}, s0_q[c]};
  endfunction
  function automatic logic [Width-33:0] due1();
    for (int unsigned c = 0; c < N - 1; c++) due1[c*32 +: 32] = {{32-Y1W{s1_q[c][Y1W-1]}}, s1_q[c]};
  endfunction

  always_ff @(posedge clk_i) begin
    if (go) begin
      for (int unsigned i = 0; i < NumCells - N; i++) s0_q[i] = s0_q[i+N];
      for (int unsigned c = 0; c < N - 1; c++) s0_q[(N-2-c)*N+c] = Y0W'(y0_i[c*32 +: 32]);
      due0_q <= due0();
      if (!wgt8_i || FreeRun) begin
        for (int unsigned i = 0; i < NumCells - N; i++) s1_q[i] = s1_q[i+N];
        for (int unsigned c = 0; c < N - 1; c++) s1_q[(N-2-c)*N+c] = Y1W'(y1_i[c*32 +: 32]);
        due1_q <= due1();
      end
    end
  end

  function automatic logic [31:0] accumulate(input logic [31:0] old, input logic [31:0] y, input logic first_f,
                                             input logic max_f);
    accumulate = first_f ? y : max_f ? ($signed(y) > $signed(old) ? y : old) : old + y;
  endfunction
  function automatic logic [Width-1:0] accumulate_all(input logic [Width-1:0] old, input logic [Width-1:0] y,
                                                      input logic first_f, input logic max_f);
    for (int unsigned c = 0; c < N; c++)
      accumulate_all[c*32 +: 32] = accumulate(old[c*32 +: 32], y[c*32 +: 32], first_f, max_f);
  endfunction

  // ---- Two halves, each with memories of its own ----
  for (genvar h = 0; h < 2; h++) begin : gen_half
    logic [Width-1:0] y, old, sum_q, last_q, rd0, rd1;
    logic             write, read, meets_sum, meets_write, take_sum_q, take_last_q, drain, drain0, drain1;

    // Genvars stay out of port connections: Icarus 11 would make them implicit wires.
    assign write  = wr_valid_q && wr_half_q[h];
    assign read   = go && in_q.valid && in_q.half[h];
    assign drain  = drain_re_i && drain_half_i == 1'(h);
    assign drain0 = drain && !drain_buf_i;
    assign drain1 = drain && drain_buf_i;

    // What is read is not what the two pixels before will have written: the sum that is made in this cycle, or the one
    // that is written in it.
    assign meets_sum   = ctl_q.valid && ctl_q.half[h] && ctl_q.buffer == in_q.buffer && ctl_q.addr == in_q.addr;
    assign meets_write = write && wr_buffer_q == in_q.buffer && wr_addr_q == in_q.addr;
    always_ff @(posedge clk_i) begin
      if (read) begin
        take_sum_q  <= meets_sum;
        take_last_q <= meets_write;
        if (meets_write) last_q <= sum_q;
      end
    end

    // With 8-bit weights lane 0's sums go to either half. y and old are wires of this process, which has work only where
    // there is a sum to make.
    always_ff @(posedge clk_i) begin
      if (go && ctl_q.valid && ctl_q.half[h]) begin
        if (h == 1 && ctl_q.half[0]) y = {y1_i[Width-1 -: 32], due1_q};
        else y = {y0_i[Width-1 -: 32], due0_q};
        if (take_sum_q) old = sum_q;
        else if (take_last_q) old = last_q;
        else if (ctl_q.buffer) old = rd1;
        else old = rd0;
        sum_q <= accumulate_all(old, y, ctl_q.first, ctl_q.max);
      end
    end

    // An accumulating read and a draining read never meet in one buffer: the tokens order them.
    tetra_sram #(.NibbleWrite(0), .Width(Width), .Depth(AccPixels)) u_buf0 (
      .clk_i, .we_i(write && !wr_buffer_q), .keep_low_i(1'b0), .waddr_i(wr_addr_q), .wdata_i(sum_q),
      .re_i((read && !in_q.buffer) || drain0), .raddr_i(drain0 ? drain_addr_i : in_q.addr), .rdata_o(rd0)
    );
    tetra_sram #(.NibbleWrite(0), .Width(Width), .Depth(AccPixels)) u_buf1 (
      .clk_i, .we_i(write && wr_buffer_q), .keep_low_i(1'b0), .waddr_i(wr_addr_q), .wdata_i(sum_q),
      .re_i((read && in_q.buffer) || drain1), .raddr_i(drain1 ? drain_addr_i : in_q.addr), .rdata_o(rd1)
    );
  end

  logic drain_buf_q, drain_half_q;
  always_ff @(posedge clk_i) begin
    if (drain_re_i) begin
      drain_buf_q  <= drain_buf_i;
      drain_half_q <= drain_half_i;
    end
  end
  assign drain_o = drain_half_q ? (drain_buf_q ? gen_half[1].rd1 : gen_half[1].rd0)
                                : (drain_buf_q ? gen_half[0].rd1 : gen_half[0].rd0);

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (drain_re_i) begin
        // The tokens see to it.
        begin : AccumulateAndDrainApart
          assert (!(go && in_q.valid && in_q.buffer == drain_buf_i) &&
                  !(go && ctl_q.valid && ctl_q.buffer == drain_buf_i) &&
                  !(wr_valid_q && wr_buffer_q == drain_buf_i));
        end
      end
    end
  end
endmodule
