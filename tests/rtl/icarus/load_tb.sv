/// Load engine in Icarus, from a power-up in which everything is X: strided LOADs to three buffers over a memory whose data
/// are X between beats, weights made narrow into both halves of a byte among them, and a wait; every write is compared.
module load_tb;
  localparam int N = 4;
  logic clk, rst_n, cmd_valid;
  logic [511:0] cmd;
  logic [15:0] done_store;
  wire  cmd_ready, ar_valid, r_ready, act_we, wgt_we, res_we, par_we, keep_low, idle, outstanding, waits, err;
  wire  [15:0] done_load, wr_addr;
  wire  [31:0] ar_addr, wr_data;
  wire  [7:0] ar_len;
  logic r_valid, r_last;
  logic [31:0] r_data;

  tetra_load #(.N(N)) dut (
    .clk_i(clk), .rst_ni(rst_n), .stop_i(1'b0), .cmd_valid_i(cmd_valid), .cmd_ready_o(cmd_ready), .cmd_i(cmd),
    .cmd_index_i(32'd0), .done_compute_i(16'd0), .done_drain_i(16'd0), .done_store_i(done_store), .done_load_o(done_load),
    .mem_base_i(32'h1000), .mem_limit_i(32'h2fff), .ar_valid_o(ar_valid), .ar_ready_i(1'b1), .ar_addr_o(ar_addr),
    .ar_len_o(ar_len), .r_valid_i(r_valid), .r_ready_o(r_ready), .r_data_i(r_data), .r_last_i(r_last), .r_err_i(1'b0),
    .wr_data_o(wr_data), .wr_addr_o(wr_addr), .act_we_o(act_we), .wgt_we_o(wgt_we), .wgt_keep_low_o(keep_low),
    .res_we_o(res_we), .par_we_o(par_we), .res_re_o(), .res_even_addr_o(), .res_odd_addr_o(), .res_even_data_i(32'bx),
    .res_odd_data_i(32'bx), .idle_o(idle), .resting_o(), .outstanding_o(outstanding), .wait_token_o(waits),
    .wait_store_o(), .beat_o(), .lay_rd_valid_o(), .lay_rd_id_o(), .lay_rd_n_o(), .err_valid_o(err), .err_cause_o(),
    .err_index_o(), .err_addr_o()
  );

  // Bursts asked for, answered in order; a word holds what is made of its address.
  reg [31:0] burst_addr [0:63];
  reg [7:0]  burst_len [0:63];
  integer asked, answered, beat, errors, writes, i, row, col;
  function [31:0] word(input [31:0] addr);
    word = {addr[7:0] ^ 8'h5a, addr[15:8], addr[7:0] + 8'h33, addr[9:2]};
  endfunction
  // Rounded half up to 4 bits, 7 stays 7.
  function [3:0] narrow(input [7:0] x);
    narrow = x[7:4] == 4'd7 ? 4'd7 : x[7:4] + {3'd0, x[3]};
  endfunction

  // The writes that are to come: buffer, address, address in memory.
  reg [1:0]  want_dst [0:63], want_narrow [0:63];
  reg [15:0] want_addr [0:63];
  reg [31:0] want_from [0:63];
  integer wanted;
  reg [31:0] data;
  reg [3:0] we;

  task tick;
    begin
      // The memory: pauses every third cycle.
      r_valid = answered < asked && ($time / 2) % 3 != 0;
      r_data  = r_valid ? word(burst_addr[answered] + 4 * beat) : 32'bx;
      r_last  = r_valid ? beat == burst_len[answered] : 1'bx;
      #1;
      we = {par_we, res_we, wgt_we, act_we};
      if (rst_n && ^{we, ar_valid, r_ready, idle, outstanding, waits, err, cmd_ready, done_load} === 1'bx) begin
        errors = errors + 1;
        $display("X at %0t", $time);
      end
      if (rst_n && we !== 4'd0) begin
        data = word(want_from[writes]);
        if (want_narrow[writes] != tetra_pkg::NarrowNone)
          data = {4'd0, narrow(data[31:24]), 4'd0, narrow(data[23:16]), 4'd0, narrow(data[15:8]), 4'd0, narrow(data[7:0])};
        if (want_narrow[writes] == tetra_pkg::NarrowHigh) data = data << 4;
        if (writes >= wanted || we !== 4'd1 << want_dst[writes] || wr_addr !== want_addr[writes] || wr_data !== data ||
            keep_low !== (want_narrow[writes] == tetra_pkg::NarrowHigh)) begin
          errors = errors + 1;
          $display("write %0d: %b %h %h instead of %h %h", writes, we, wr_addr, wr_data, want_addr[writes], data);
        end
        writes = writes + 1;
      end
      if (ar_valid === 1'b1 && rst_n) begin
        burst_addr[asked] = ar_addr;
        burst_len[asked]  = ar_len;
        asked = asked + 1;
      end
      if (r_valid && r_ready === 1'b1) begin
        beat = r_last ? 0 : beat + 1;
        if (r_last) answered = answered + 1;
      end
      #1 clk = 1'b1;
      #1 clk = 1'b0;
    end
  endtask

  // A LOAD of rows x beats; fields that do not count are X.
  task load(input integer dst, input integer how, input integer addr, input integer stride, input integer beats, input integer rows,
            input integer at, input integer at_stride, input integer store);
    begin
      cmd = {512{1'bx}};
      cmd[tetra_pkg::OpLsb +: 4]              = tetra_pkg::OpLoad;
      cmd[tetra_pkg::WaitEnLsb +: 4]          = store > 0 ? 4'b1000 : 4'b0000;
      cmd[tetra_pkg::WaitLoadLsb +: 64]       = {store[15:0], 48'd0};
      cmd[tetra_pkg::LayerLsb +: tetra_pkg::LayerBits] = 1;
      cmd[tetra_pkg::LoadDstLsb +: 2]         = dst;
      cmd[tetra_pkg::LoadNarrowLsb +: 2]      = how;
      cmd[tetra_pkg::LoadAddrLsb +: 32]       = addr;
      cmd[tetra_pkg::LoadDstAddrLsb +: 16]    = at;
      cmd[tetra_pkg::LoadBeatsLsb +: 20]      = beats;
      cmd[tetra_pkg::LoadCountLsb +: 16]      = rows;
      cmd[tetra_pkg::LoadDstStrideLsb +: 16]  = at_stride;
      cmd[tetra_pkg::LoadAddrStrideLsb +: 32] = stride;
      for (row = 0; row < rows; row = row + 1)
        for (col = 0; col < beats; col = col + 1) begin
          want_dst[wanted]  = dst;
          want_narrow[wanted] = how;
          want_addr[wanted] = at + row * at_stride + col;
          want_from[wanted] = addr + row * stride + 4 * col;
          wanted = wanted + 1;
        end
      cmd_valid = 1'b1;
      #1;
      while (cmd_ready !== 1'b1) tick;
      tick;
      cmd_valid = 1'b0;
      cmd = {512{1'bx}};
    end
  endtask

  initial begin
    {errors, writes, asked, answered, beat, wanted} = {6{32'd0}};
    clk = 1'b0;
    rst_n = 1'b0;
    cmd_valid = 1'b0;
    cmd = {512{1'bx}};
    done_store = 16'd0;
    repeat (3) tick;
    rst_n = 1'b1;
    load(tetra_pkg::BufAct, tetra_pkg::NarrowNone, 32'h1ff4, 32'h20, 5, 3, 10, 7, 0);   // across a page
    load(tetra_pkg::BufWgt, tetra_pkg::NarrowHigh, 32'h2000, 32'h10, 2, 4, 65534, 3, 0);
    load(tetra_pkg::BufWgt, tetra_pkg::NarrowLow, 32'h2100, 32'h10, 3, 1, 9, 0, 0);
    load(tetra_pkg::BufPar, tetra_pkg::NarrowNone, 32'h2ff0, 32'h0, 4, 1, 4, 0, 2);
    repeat (200) tick;
    if (done_load !== 16'd3 || waits !== 1'b1 || writes != 26) begin
      errors = errors + 1;
      $display("%0d commands and %0d writes before the wait", done_load, writes);
    end
    done_store = 16'd2;
    repeat (40) tick;
    if (done_load !== 16'd4 || idle !== 1'b1 || outstanding !== 1'b0 || err !== 1'b0 || writes != 30) errors = errors + 1;
    if (errors == 0) $display("PASS");
    $finish;
  end
endmodule
