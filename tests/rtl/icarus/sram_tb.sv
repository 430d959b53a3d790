/// The memory for FPGAs (tetra_sram_fpga, as icarus.sh calls it) beside the one of the RTL: the same words, bit for bit, those
/// that were never written included, which are X in both.
module sram_tb;
  logic clk;
  logic we, keep_low, re;
  logic [4:0] waddr, raddr;
  logic [31:0] data;
  wire [31:0] nibble, nibble_fpga;
  wire [10:0] word, word_fpga;
  integer i, errors, seed, held;

  tetra_sram #(.NibbleWrite(1), .Width(32), .Depth(32)) u_nibble (
    .clk_i(clk), .we_i(we), .keep_low_i(keep_low), .waddr_i(waddr), .wdata_i(data), .re_i(re), .raddr_i(raddr), .rdata_o(nibble)
  );
  tetra_sram_fpga #(.NibbleWrite(1), .Width(32), .Depth(32)) u_nibble_fpga (
    .clk_i(clk), .we_i(we), .keep_low_i(keep_low), .waddr_i(waddr), .wdata_i(data), .re_i(re), .raddr_i(raddr),
    .rdata_o(nibble_fpga)
  );
  tetra_sram #(.Width(11), .Depth(20)) u_word (
    .clk_i(clk), .we_i(we && waddr < 20), .keep_low_i(keep_low), .waddr_i(waddr), .wdata_i(data[10:0]), .re_i(re),
    .raddr_i(raddr < 20 ? raddr : 5'd0), .rdata_o(word)
  );
  tetra_sram_fpga #(.Width(11), .Depth(20)) u_word_fpga (
    .clk_i(clk), .we_i(we && waddr < 20), .keep_low_i(keep_low), .waddr_i(waddr), .wdata_i(data[10:0]), .re_i(re),
    .raddr_i(raddr < 20 ? raddr : 5'd0), .rdata_o(word_fpga)
  );

  initial begin
    errors = 0;
    seed = 4;
    held = 0;
    clk = 1'b0;
    for (i = 0; i < 4000; i = i + 1) begin
      we       = ($random(seed) & 3) != 0;
      re       = ($random(seed) & 3) != 0;
      keep_low = $random(seed);
      data     = $random(seed);
      waddr    = $random(seed);
      raddr    = ($random(seed) & 3) == 0 ? waddr : $random(seed); // the address that is being written, often
      #1 clk = 1'b1;
      #1;
      if (nibble !== nibble_fpga || word !== word_fpga) errors = errors + 1;
      if (!re && ^nibble !== 1'bx) held = held + 1;
      #1 clk = 1'b0;
      #1;
    end
    if (errors == 0 && held > 100) $display("PASS");
    else $display("%0d differences, %0d words held", errors, held);
    $finish;
  end
endmodule
