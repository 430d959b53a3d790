/// Properties of tetra_burst, of every burst of every run: it has 1 to 64 beats and no more than are left, crosses no
/// 4 KiB boundary, is as long as these three let it be, begins where the one before ended, is told to be the last where
/// it is, and to be inside the window exactly if its first and last byte are.
module formal_burst #(
  parameter int N = 4
) (
  input logic        clk_i,
  input logic        load_i, step_i,
  input logic [31:0] addr_i,
  input logic [19:0] beats_i,
  input logic [31:0] mem_base_i,
  input logic [31:0] mem_limit_i
);
  logic [31:0] addr;
  logic [6:0]  beats;
  logic        last, in_range;
  tetra_burst #(.N(N)) u_dut (
    .clk_i, .load_i, .addr_i, .beats_i, .step_i, .mem_base_i, .mem_limit_i, .addr_o(addr), .beats_o(beats), .last_o(last),
    .in_range_o(in_range)
  );

  // The run as it is: the next burst's address, beats left; the window at its begin.
  logic        run_q;
  logic [32:0] addr_q;
  logic [19:0] left_q;
  logic [31:0] base_q, limit_q;
  logic [34:0] last_byte;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) begin
    if (load_i) begin
      run_q   <= 1'b1;
      addr_q  <= {1'b0, addr_i};
      left_q  <= beats_i;
      base_q  <= mem_base_i;
      limit_q <= mem_limit_i;
    end else if (step_i) begin
      run_q  <= run_q && !last;
      addr_q <= addr_q + 33'(beats) * 33'(N);
      left_q <= left_q - 20'(beats);
    end
  end
  assign last_byte = {2'b0, addr_q} + 35'(beats) * 35'(N) - 35'd1;
  always_comb begin
    if (load_i) assume (beats_i != '0 && addr_i % 32'(N) == '0);
    if (run_q) begin
      // Who steps takes a burst that lies inside.
      if (step_i && !load_i) assume (in_range);
      assert (addr == addr_q[31:0]);
      assert (beats >= 7'd1 && beats <= 7'd64 && 20'(beats) <= left_q);
      assert ({2'b0, addr_q[32:12]} == last_byte[34:12]);
      assert (beats == 7'd64 || 20'(beats) == left_q || last_byte[11:0] == '1);
      assert (last == (20'(beats) == left_q));
      assert (in_range == ({2'b0, addr_q} >= {3'b0, base_q} && last_byte <= {3'b0, limit_q}));
    end
  end

  // What is inside, from burst to burst: Yosys connects these names.
  localparam int LogN = $clog2(N);
  localparam int OffW = $clog2(tetra_pkg::PageBytes / N);
  localparam logic [OffW:0] Page = (OffW + 1)'(tetra_pkg::PageBytes / N);
  (* hierconn *) logic [19:0]     \u_dut.page_q , \u_dut.left_q ;
  (* hierconn *) logic [OffW-1:0] \u_dut.off_q ;
  (* hierconn *) logic [OffW:0]   \u_dut.room_q , \u_dut.limit_q ;
  (* hierconn *) logic [20:0]     \u_dut.end_q , \u_dut.gap_q ;
  (* hierconn *) logic            \u_dut.most_q , \u_dut.last_q , \u_dut.leave_q , \u_dut.in_q , \u_dut.base_q , \u_dut.low_q ;
  logic [OffW-1:0] off;
  logic [OffW:0]   room;
  logic [20:0]     page, limit_page;
  logic            most, ends;
  assign off        = addr_q[LogN +: OffW];
  assign room       = Page - {1'b0, off};
  assign page       = addr_q[32:12];
  assign limit_page = {1'b0, limit_q[31:12]};
  assign most       = left_q >= 20'd64 && room >= (OffW + 1)'(64);
  assign ends       = most ? left_q == 20'd64 : left_q <= 20'(room);
  always_comb if (run_q) begin
    assert (left_q != '0 && addr_q <= 33'h100000000 && addr_q[LogN-1:0] == '0);
    assert (\u_dut.page_q == addr_q[31:12] && \u_dut.off_q == off && \u_dut.room_q == room && \u_dut.left_q == left_q);
    assert (\u_dut.end_q == 21'(left_q) + 21'(off));
    assert (\u_dut.most_q == most && \u_dut.last_q == ends && \u_dut.leave_q == (!most || room == (OffW + 1)'(64)));
    assert (\u_dut.base_q == (addr_q >= {1'b0, base_q}));
    assert (\u_dut.low_q == (page < limit_page) && \u_dut.gap_q == limit_page - page);
    assert (\u_dut.limit_q == {1'b0, limit_q[LogN +: OffW]} + (OffW + 1)'(limit_q[LogN-1:0] == '1));
  end
endmodule
