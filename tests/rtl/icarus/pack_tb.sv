/// Stem packer in Icarus with real banks, most of whose words were never written: two pixels of a 2x3 window over three
/// channels, with a row above the image and elements left of it; every word is compared, and none has an X.
module pack_tb;
  localparam int N = 4;
  localparam int Kh = 2;
  localparam int Seg = 6;                // elements of a kernel row
  localparam int Pixels = 2;
  localparam int RowElems = 9;
  localparam int X0 = -3;
  localparam int XStep = 3;
  localparam int Pitch = 3;
  logic clk, rst_n, start, res_we;
  logic [511:0] cmd;
  logic [31:0] wr_data;
  logic [15:0] wr_addr;
  wire  done, re, we;
  wire  [15:0] even_addr, odd_addr, waddr;
  wire  [31:0] even, odd, wdata;

  tetra_buffers #(.N(N), .ActWords(16), .WgtWords(16), .ResWords(64), .ParEntries(2)) u_buffers (
    .clk_i(clk), .wr_data_i(wr_data), .wr_addr_i(wr_addr), .act_we_i(1'b0), .wgt_we_i(1'b0), .wgt_keep_low_i(1'b0),
    .res_we_i(res_we), .par_we_i(1'b0), .act_re_i(1'b0), .act_addr_i(4'd0), .act_data_o(), .wgt_re_i(1'b0),
    .wgt_addr_i(3'd0), .wgt_even_o(), .wgt_odd_o(), .pack_re_i(re), .pack_even_addr_i(even_addr),
    .pack_odd_addr_i(odd_addr), .res_even_o(even), .res_odd_o(odd), .res_re_i(1'b0), .res_addr_i(6'd0), .res_data_o(),
    .par_re_i(1'b0), .par_addr_i(1'b0), .par_data_o()
  );
  tetra_pack #(.N(N)) dut (
    .clk_i(clk), .rst_ni(rst_n), .start_i(start), .cmd_i(cmd), .done_o(done), .res_re_o(re), .res_even_addr_o(even_addr),
    .res_odd_addr_o(odd_addr), .res_even_data_i(even), .res_odd_data_i(odd), .we_o(we), .waddr_o(waddr), .wdata_o(wdata)
  );

  reg [7:0] image [0:RowElems-1];        // the image's only row, in slot 1
  reg [7:0] want [0:N*8-1];
  integer errors, words, dones, pixel, ky, e, n, i, x;

  task tick;
    begin
      #1;
      if (rst_n && ^{we, done, re} === 1'bx) errors = errors + 1;
      if (rst_n && done === 1'b1) dones = dones + 1;
      if (rst_n && we === 1'b1) begin
        // A pixel's words are 8 apart, pixels one.
        if (waddr !== 5 + words / 3 + 8 * (words % 3)) begin
          errors = errors + 1;
          $display("word %0d to %0d", words, waddr);
        end
        for (i = 0; i < N; i = i + 1) begin
          n     = 4 * (words % 3) + i;   // element of the window
          ky    = n / Seg;
          x     = X0 + XStep * (words / 3) + n % Seg;
          want[i] = n >= Kh * Seg ? 8'h00 : ky == 1 && x >= 0 && x < RowElems ? image[x] : 8'h7e;
          if (wdata[8*i +: 8] !== want[i]) begin
            errors = errors + 1;
            $display("word %0d byte %0d: %h instead of %h", words, i, wdata[8*i +: 8], want[i]);
          end
        end
        words = words + 1;
      end
      clk = 1'b1;
      #1 clk = 1'b0;
    end
  endtask

  initial begin
    {errors, words, dones} = {3{32'd0}};
    clk = 1'b0;
    rst_n = 1'b0;
    start = 1'b0;
    res_we = 1'b0;
    repeat (2) tick;
    rst_n = 1'b1;
    for (i = 0; i < RowElems; i = i + 1) image[i] = 8'h11 * i + 8'h05;
    for (e = 0; e < 3; e = e + 1) begin
      res_we  = 1'b1;
      wr_addr = 20 + Pitch + e;
      for (i = 0; i < 4; i = i + 1) wr_data[8*i +: 8] = 4 * e + i < RowElems ? image[4 * e + i] : 8'hxx;
      tick;
    end
    res_we = 1'b0;
    repeat (3) tick;
    cmd = {512{1'bx}};
    cmd[tetra_pkg::PackBits4Lsb]          = 1'b0;
    cmd[tetra_pkg::PackSrcLsb +: 16]      = 16'd20;
    cmd[tetra_pkg::PackPitchLsb +: 16]    = Pitch;
    cmd[tetra_pkg::PackDstAddrLsb +: 16]  = 16'd5;
    cmd[tetra_pkg::PackDstStrideLsb +: 16] = 16'd8;
    cmd[tetra_pkg::PackRingRowsLsb +: 8]  = 8'd2;
    cmd[tetra_pkg::PackSlotLsb +: 8]      = 8'd0;
    cmd[tetra_pkg::PackKhLsb +: 8]        = Kh;
    cmd[tetra_pkg::PackPadLsb +: 8]       = 8'h7e;
    cmd[tetra_pkg::PackSegLsb +: 16]      = Seg;
    cmd[tetra_pkg::PackXStepLsb +: 16]    = XStep;
    cmd[tetra_pkg::PackX0Lsb +: 16]       = X0;
    cmd[tetra_pkg::PackIy0Lsb +: 16]      = -1;
    cmd[tetra_pkg::PackRowElemsLsb +: 16] = RowElems;
    cmd[tetra_pkg::PackHLsb +: 16]        = 16'd1;
    cmd[tetra_pkg::PackOyLsb +: 16]       = 16'd1;
    cmd[tetra_pkg::PackOxLsb +: 16]       = Pixels;
    cmd[tetra_pkg::PackSyLsb +: 8]        = 8'd1;
    start = 1'b1;
    tick;
    start = 1'b0;
    repeat (60) tick;
    if (errors == 0 && words == 3 * Pixels && dones == 1) $display("PASS");
    else $display("%0d errors, %0d words, %0d ends", errors, words, dones);
    $finish;
  end
endmodule
