/// Compute core with its buffers in Icarus: a 1x1 convolution of two channel blocks, 8-bit and 4-bit weights, both tile
/// halves, requantized with one rounding; every word of the STORE is compared, and of the same STORE with a max pool.
module core_tb;
  localparam int N = 4;
  localparam int Pixels = 9;
  localparam int Kb = 2;
  logic clk, rst_n;
  logic [8*N-1:0] wr_data;
  logic [15:0] wr_addr;
  logic act_we, wgt_we, par_we;
  logic comp_valid, comp_ready, store_valid, store_ready, wd_valid, idle;
  logic [511:0] comp_cmd, store_cmd;
  logic [8*N-1:0] wd_data;

  logic act_re, wgt_re, res_re, par_re;
  logic [5:0] act_addr;
  logic [5:0] wgt_addr;
  logic [5:0] res_addr;
  logic [1:0] par_addr;
  logic [8*N-1:0] act_data, wgt_even, wgt_odd, res_data;
  logic [128*N-1:0] par_data;

  tetra_buffers #(.N(N), .ActWords(64), .WgtWords(128), .ResWords(64), .ParEntries(4)) u_buffers (
    .clk_i(clk), .wr_data_i(wr_data), .wr_addr_i(wr_addr), .act_we_i(act_we), .wgt_we_i(wgt_we), .wgt_keep_low_i(1'b0), .res_we_i(1'b0),
    .par_we_i(par_we), .act_re_i(act_re), .act_addr_i(act_addr), .act_data_o(act_data), .wgt_re_i(wgt_re),
    .wgt_addr_i(wgt_addr), .wgt_even_o(wgt_even), .wgt_odd_o(wgt_odd), .pack_re_i(1'b0), .pack_even_addr_i(16'd0),
    .pack_odd_addr_i(16'd0), .res_even_o(), .res_odd_o(), .res_re_i(res_re), .res_addr_i(res_addr),
    .res_data_o(res_data), .par_re_i(par_re), .par_addr_i(par_addr), .par_data_o(par_data)
  );
  tetra_core #(
    .N(N), .ActWords(64), .WgtWords(128), .ResWords(64), .ParEntries(4), .AccPixels(16), .PoolWords(64)
  ) u_core (
    .clk_i(clk), .rst_ni(rst_n), .stop_i(1'b0), .comp_valid_i(comp_valid), .comp_go_i(1'b1), .comp_cmd_i(comp_cmd),
    .comp_ready_o(comp_ready), .done_compute_o(), .store_valid_i(store_valid), .store_go_i(1'b1),
    .store_cmd_i(store_cmd), .store_index_i(32'd0), .store_ready_o(store_ready), .done_drain_o(),
    .act_re_o(act_re), .act_addr_o(act_addr), .act_data_i(act_data), .wgt_re_o(wgt_re), .wgt_addr_o(wgt_addr),
    .wgt_even_i(wgt_even), .wgt_odd_i(wgt_odd), .res_re_o(res_re), .res_addr_o(res_addr), .res_data_i(res_data),
    .res_stall_i(1'b0), .par_re_o(par_re), .par_addr_o(par_addr), .par_data_i(par_data), .desc_valid_o(),
    .desc_ready_i(1'b1), .desc_addr_o(), .desc_beats_o(), .desc_last_o(), .desc_layer_o(), .desc_layer_last_o(),
    .desc_index_o(), .wd_valid_o(wd_valid), .wd_data_o(wd_data), .wd_space_i(16'd256), .idle_o(idle), .busy_o(),
    .wait_mode_o(), .comp_active_o(), .drain_busy_o(), .drain_stall_o(), .sat0_o(), .sat1_o(), .lay_busy_valid_o(),
    .lay_busy_id_o(), .lay_busy_n_o()
  );

  reg [8*N-1:0] act [0:Pixels*Kb-1], wgt [0:2*Kb*N-1];
  reg [8*N-1:0] words [0:2*Pixels-1];
  reg signed [31:0] bias [0:2*N-1], scale [0:2*N-1];
  reg [31:0] got, want;
  reg [8*N-1:0] plain [0:2*Pixels-1];
  integer errors, seed, i, j, r, c, h, p, w8, word_count, kb, sum, code, byte_v, x, most;
  reg signed [63:0] y;

  function integer s4(input [3:0] x);
    s4 = x[3] ? x - 16 : x;
  endfunction
  function integer s8(input [7:0] x);
    s8 = x[7] ? x - 256 : x;
  endfunction

  task tick;
    begin
      #1;
      if (wd_valid === 1'b1) begin
        words[word_count] = wd_data;
        word_count = word_count + 1;
      end
      clk = 1'b1;
      #1 clk = 1'b0;
    end
  endtask
  // Writes one word of a buffer: 0 activations, 1 weights, 3 parameters.
  task write_buffer(input integer which, input integer addr, input [8*N-1:0] data);
    begin
      wr_addr = addr;
      wr_data = data;
      act_we = which == 0;
      wgt_we = which == 1;
      par_we = which == 3;
      tick;
      {act_we, wgt_we, par_we} = 3'd0;
    end
  endtask
  task compute(input integer half, input integer base);
    begin
      comp_cmd = 512'd0;
      comp_cmd[tetra_pkg::CompFirstLsb] = 1'b1;
      comp_cmd[tetra_pkg::CompAct8Lsb] = 1'b1;
      comp_cmd[tetra_pkg::CompWgt8Lsb] = w8;
      comp_cmd[tetra_pkg::CompActSignedLsb] = 1'b1;
      comp_cmd[tetra_pkg::CompHalfLsb] = half;
      comp_cmd[tetra_pkg::CompWgtBaseLsb +: 16] = base;
      comp_cmd[tetra_pkg::CompKbLsb +: 16] = Kb;
      comp_cmd[tetra_pkg::CompKbStrideLsb +: 16] = Pixels;
      comp_cmd[tetra_pkg::CompKhLsb +: 8] = 8'd1;
      comp_cmd[tetra_pkg::CompKwLsb +: 8] = 8'd1;
      comp_cmd[tetra_pkg::CompOyLsb +: 16] = 16'd3;
      comp_cmd[tetra_pkg::CompOxLsb +: 16] = Pixels / 3;
      comp_cmd[tetra_pkg::CompOyStrideLsb +: 16] = Pixels / 3;
      comp_cmd[tetra_pkg::CompOxStrideLsb +: 16] = 16'd1;
      comp_cmd[tetra_pkg::CompDkyLsb +: 8] = 8'd1;
      comp_cmd[tetra_pkg::CompDkxLsb +: 8] = 8'd1;
      comp_cmd[tetra_pkg::CompSyLsb +: 8] = 8'd1;
      comp_cmd[tetra_pkg::CompSxLsb +: 8] = 8'd1;
      comp_cmd[tetra_pkg::CompHLsb +: 16] = 16'd3;
      comp_cmd[tetra_pkg::CompWLsb +: 16] = Pixels / 3;
      comp_valid = 1'b1;
      #1;
      while (comp_ready !== 1'b1) tick;
      tick;
      comp_valid = 1'b0;
    end
  endtask

  task store;
    begin
      word_count = 0;
      store_valid = 1'b1;
      #1;
      while (store_ready !== 1'b1) tick;
      tick;
      store_valid = 1'b0;
      repeat (80) tick;
    end
  endtask
  // The 3x3 pixels of both halves once more through a pool with padding before: 2x2 windows, each half's words in order.
  task pooled;
    begin
      for (p = 0; p < 2 * Pixels; p = p + 1) plain[p] = words[p];
      store_cmd[tetra_pkg::StoreSegBeatsLsb +: 16] = 16'd3;
      store_cmd[tetra_pkg::StorePoolRowsLsb +: 16] = 16'd3;
      store_cmd[tetra_pkg::StorePoolBeatsLsb +: 16] = 16'd4;
      store_cmd[tetra_pkg::StorePoolPadXLsb] = 1'b1;
      store_cmd[tetra_pkg::StorePoolOddYLsb] = 1'b1;
      store_cmd[tetra_pkg::StorePoolTopLsb] = 1'b1;
      store_cmd[tetra_pkg::StorePoolEndLsb] = 1'b1;
      store_cmd[tetra_pkg::StorePoolLineLsb +: 16] = 16'd61;
      store;
      if (word_count != 8) begin
        errors = errors + 1;
        $display("%0d pooled words instead of 8", word_count);
      end
      for (h = 0; h < 2; h = h + 1)
        for (p = 0; p < 4; p = p + 1)
          for (c = 0; c < N; c = c + 1) begin
            most = -128;
            for (r = 2 * (p / 2) - 1; r < 2 * (p / 2) + 2; r = r + 1)
              for (x = 2 * (p % 2) - 1; x < 2 * (p % 2) + 2; x = x + 1)
                if (r >= 0 && r < 3 && x >= 0 && x < 3) begin
                  code = s8(plain[h * Pixels + r * 3 + x] >> (8 * c));
                  most = code > most ? code : most;
                end
            got = (words[h * 4 + p] >> (8 * c)) & 255;
            if (got !== (most & 255)) begin
              errors = errors + 1;
              if (errors < 10) $display("half %0d window %0d column %0d: %h instead of %h", h, p, c, got, most & 255);
            end
          end
    end
  endtask

  initial begin
    errors = 0;
    seed = 9;
    clk = 1'b0;
    rst_n = 1'b0;
    {comp_valid, store_valid, act_we, wgt_we, par_we} = 5'd0;
    comp_cmd = 512'd0;
    store_cmd = 512'd0;
    repeat (3) tick;
    rst_n = 1'b1;
    for (i = 0; i < Pixels * Kb; i = i + 1) begin
      act[i] = $random(seed);
      write_buffer(0, i, act[i]);
    end
    for (i = 0; i < 2 * Kb * N; i = i + 1) begin
      wgt[i] = $random(seed);
      write_buffer(1, i, wgt[i]);
    end
    // Records: bias, M, Mr = 0, S = 30.
    for (i = 0; i < 2 * N; i = i + 1) begin
      bias[i]  = $random(seed) >>> 20;
      scale[i] = 32'd1 << 22 | ($random(seed) & 32'h3fffff);
      write_buffer(3, 4 * i, bias[i]);
      write_buffer(3, 4 * i + 1, scale[i]);
      write_buffer(3, 4 * i + 2, 0);
      write_buffer(3, 4 * i + 3, 30);
    end
    for (w8 = 0; w8 < 2; w8 = w8 + 1) begin
      // 4-bit weights fill both halves at once.
      compute(0, 0);
      if (w8 == 1) compute(1, Kb * N);
      while (idle !== 1'b1) tick;
      repeat (4) tick;
      store_cmd = 512'd0;
      store_cmd[tetra_pkg::StoreHalves2Lsb] = 1'b1;
      store_cmd[tetra_pkg::StorePixelsLsb +: 16] = Pixels;
      store_cmd[tetra_pkg::StoreSegBeatsLsb +: 16] = Pixels;
      store_cmd[tetra_pkg::StoreOut0LoLsb +: 8] = 8'h80;
      store_cmd[tetra_pkg::StoreOut0HiLsb +: 8] = 8'h7f;
      store_cmd[tetra_pkg::StoreOut0RndLsb +: 3] = 3'd1;
      store_cmd[tetra_pkg::StoreOut0SignedLsb] = 1'b1;
      store;
      if (word_count != 2 * Pixels) begin
        errors = errors + 1;
        $display("%0d words instead of %0d", word_count, 2 * Pixels);
      end
      for (h = 0; h < 2; h = h + 1)
        for (p = 0; p < Pixels; p = p + 1)
          for (c = 0; c < N; c = c + 1) begin
            sum = bias[h*N + c];
            for (kb = 0; kb < Kb; kb = kb + 1)
              for (r = 0; r < N; r = r + 1) begin
                byte_v = wgt[(w8 == 1 ? h * Kb * N : 0) + kb * N + r] >> (8 * c);
                code = s8(act[kb * Pixels + p] >> (8 * r));
                sum = sum + code * (w8 == 1 ? s8(byte_v[7:0]) : h == 1 ? s4(byte_v[7:4]) : s4(byte_v[3:0]));
              end
            y = sum;
            y = (y * scale[h*N + c] + (64'sd1 <<< 29)) >>> 30;
            want = y < -128 ? 32'h80 : y > 127 ? 32'h7f : y & 255;
            got = (words[h * Pixels + p] >> (8 * c)) & 255;
            if (got !== want) begin
              errors = errors + 1;
              if (errors < 10) $display("W%0d half %0d pixel %0d column %0d: %h instead of %h", w8 ? 8 : 4, h, p, c, got, want);
            end
          end
      pooled;
    end
    if (errors == 0) $display("PASS");
    $finish;
  end
endmodule
