// Random operands through one mapped PE, a window of `CYCLES in each of its modes: for power, not for checking. A new weight
// every 64 cycles.
`timescale 1ns/1ps
module pe_tb;
  reg clk = 1'b0;
  always #5 clk = ~clk;
  reg act8, wgt8, load = 1'b0, tag = 1'b0;
  reg [15:0] w = '0;
  reg [7:0] a = '0;
  reg [19:0] p0 = '0, p1 = '0;
  integer mode, i, from, seed;
  `PE u_pe (.clk_i(clk), .act_signed_i(1'b0), .load_i(load), .tag_i(tag),
`ifdef FOUR
            .act8_i(act8), .wgt8_i(wgt8),
`endif
`ifndef INT8
            .p1_i(p1), .p1_o(),
`endif
`ifdef INT8
            .w_i(w[7:0]),
`else
            .w_i(w),
`endif
            .a_i(a), .p0_i(p0), .a_o(), .tag_o(), .p0_o());
  initial begin
    seed = 1;
    $dumpfile("pe.vcd");
    $dumpvars(1, pe_tb.u_pe);
    for (mode = `ONLY; mode < `ONLY + `MODES; mode = mode + 1) begin
      act8 = mode < 2;
      wgt8 = mode % 2 == 0;
      repeat (8) @(negedge clk);
      from = $time;
      for (i = 0; i < `CYCLES; i = i + 1) begin
        @(negedge clk);
        a    = $random(seed);
        w    = $random(seed);
        load = i % 64 == 62;
        tag  = i % 64 == 63;
        p0   = $random(seed);
        if (!wgt8) p1 = $random(seed);
      end
      $display("phase %0d %0d %0d", mode, from * 1000, $time * 1000);
    end
    $finish;
  end
endmodule
