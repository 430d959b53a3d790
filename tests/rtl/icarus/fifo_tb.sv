/// FIFOs and burst splitter in Icarus, under random pushes, pops and runs.
module fifo_tb;
  logic clk, rst_n;
  logic push, pop, full, empty, s_push, s_pop, s_empty;
  logic [7:0] data, q, s_data, s_q;
  logic [2:0] count;
  logic [15:0] space;
  logic [31:0] addr, base, limit;
  logic [19:0] beats;
  logic [6:0] burst;
  logic in_range, load, step, last;
  logic [31:0] at;

  tetra_fifo #(.Width(8), .Depth(4)) u_fifo (
    .clk_i(clk), .rst_ni(rst_n), .clear_i(1'b0), .push_i(push), .data_i(data), .full_o(full), .pop_i(pop), .data_o(q),
    .empty_o(empty), .count_o(count)
  );
  tetra_sfifo #(.Width(8), .Depth(16)) u_sfifo (
    .clk_i(clk), .rst_ni(rst_n), .push_i(s_push), .data_i(s_data), .space_o(space), .pop_i(s_pop), .data_o(s_q),
    .empty_o(s_empty)
  );
  tetra_burst #(.N(4)) u_burst (
    .clk_i(clk), .load_i(load), .addr_i(addr), .beats_i(beats), .step_i(step), .mem_base_i(base), .mem_limit_i(limit),
    .addr_o(at), .beats_o(burst), .last_o(last), .in_range_o(in_range)
  );

  // What went in, in order; the checks compare the heads.
  reg [7:0] log [0:65535], s_log [0:65535];
  integer   wr, rd, s_wr, s_rd, i, errors, seed, n;

  initial begin
    errors = 0;
    seed = 3;
    {wr, rd, s_wr, s_rd} = 0;
    {push, pop, s_push, s_pop} = 4'd0;
    {load, step} = 2'd0;
    rst_n = 1'b0;
    clk = 1'b0;
    #1 clk = 1'b1;
    #1 clk = 1'b0;
    rst_n = 1'b1;
    for (i = 0; i < 5000; i = i + 1) begin
      data   = $random(seed);
      s_data = $random(seed);
      pop    = wr != rd && (i[8] ? $random(seed) & 1 : ($random(seed) & 7) == 0);
      push   = (wr - rd < 4 || pop) && ($random(seed) & 3) != 0;
      s_pop  = s_empty === 1'b0 && (i[8] ? ($random(seed) & 3) != 0 : ($random(seed) & 7) == 0);
      s_push = space != 0 && ($random(seed) & 1);
      #1;
      if (empty !== (wr == rd) || full !== (wr - rd == 4) || count !== wr - rd) errors = errors + 1;
      if (wr != rd && q !== log[rd]) errors = errors + 1;
      if (s_empty === 1'b0 && (s_rd == s_wr || s_q !== s_log[s_rd])) errors = errors + 1;
      if (pop) rd = rd + 1;
      if (s_pop) s_rd = s_rd + 1;
      if (push) begin
        log[wr] = data;
        wr = wr + 1;
      end
      if (s_push) begin
        s_log[s_wr] = s_data;
        s_wr = s_wr + 1;
      end
      clk = 1'b1;
      #1 clk = 1'b0;
      #1;
    end
    if (rd < 500 || s_rd < 500) errors = errors + 1;
    {push, pop, s_push, s_pop} = 4'd0;

    for (i = 0; i < 3000; i = i + 1) begin
      addr  = {$random(seed), 2'b00};
      if (i[0]) addr[11:9] = 3'b111;
      beats = i[1] ? ($random(seed) & 127) + 1 : ($random(seed) & 20'hfffff) | 1;
      n = 0;
      while (n < 64 && n < beats && ({1'b0, addr[11:0]} + 4 * n) < 4096) n = n + 1;
      base  = addr - (i % 3) + 1;
      limit = addr + 4 * n - 1 - (i % 2);
      load  = 1'b1;
      #1 clk = 1'b1;
      #1 clk = 1'b0;
      load  = 1'b0;
      #1;
      if (burst !== n || at !== addr || last !== (n == beats)) errors = errors + 1;
      if (addr > 32'h10000 && addr < 32'hfffe0000 && in_range !== (i % 3 != 0 && i % 2 == 0)) errors = errors + 1;
      // The run's next burst begins where this one ended.
      if (n != beats) begin
        step  = 1'b1;
        #1 clk = 1'b1;
        #1 clk = 1'b0;
        step  = 1'b0;
        addr  = addr + 4 * n;
        beats = beats - n;
        n = 0;
        while (n < 64 && n < beats && ({1'b0, addr[11:0]} + 4 * n) < 4096) n = n + 1;
        #1;
        if (burst !== n || at !== addr || last !== (n == beats)) errors = errors + 1;
      end
    end
    if (errors == 0) $display("PASS");
    else $display("%0d errors", errors);
    $finish;
  end
endmodule
