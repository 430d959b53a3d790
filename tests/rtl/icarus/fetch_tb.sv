/// Command fetcher in Icarus, from a power-up in which everything is X: a ring of five that wraps, commands for every engine
/// whose other fields are X, an engine that holds one back, a SYNC that waits; order, contents, index and head are compared.
module fetch_tb;
  localparam int N = 4;
  localparam int Ring = 5;
  logic clk, rst_n, enable, r_valid, comp_ready, engines_idle;
  logic [31:0] tail, r_data;
  wire  ar_valid, r_ready, load_valid, comp_valid, store_valid, sync_valid, err, busy, starting, reading, ahead;
  wire  [31:0] ar_addr, index, head, tag;
  wire  [7:0] ar_len;
  wire  [511:0] cmd;

  tetra_fetch #(.N(N), .AccPixels(64)) dut (
    .clk_i(clk), .rst_ni(rst_n), .enable_i(enable), .stop_i(1'b0), .ring_base_i(32'h1f00), .ring_size_i(Ring),
    .tail_i(tail), .head_o(head), .ar_valid_o(ar_valid), .ar_ready_i(1'b1), .ar_addr_o(ar_addr), .ar_len_o(ar_len),
    .r_valid_i(r_valid), .r_ready_o(r_ready), .r_data_i(r_data), .r_err_i(1'b0), .cmd_o(cmd), .cmd_index_o(index),
    .load_valid_o(load_valid), .load_ready_i(1'b1), .comp_valid_o(comp_valid), .comp_ready_i(comp_ready),
    .store_valid_o(store_valid), .store_ready_i(1'b1), .engines_idle_i(engines_idle), .sync_valid_o(sync_valid),
    .sync_tag_o(tag), .err_valid_o(err), .err_cause_o(), .err_index_o(), .err_addr_o(), .busy_o(busy),
    .starting_o(starting), .reading_o(reading), .fetch_beat_o(), .comp_ahead_o(ahead)
  );

  reg [511:0] ring [0:Ring-1];
  reg [511:0] command [0:7];             // in the order of their dispatch
  reg [31:0]  beat_addr [0:255];
  integer errors, dispatched, asked, answered, i;

  task tick;
    begin
      r_valid = rst_n && answered < asked && ($time / 2) % 4 != 0;
      r_data  = r_valid ? ring[(beat_addr[answered] - 32'h1f00) / 64][8 * ((beat_addr[answered] - 32'h1f00) % 64) +: 32] : 32'bx;
      #1;
      if (rst_n && ^{ar_valid, r_ready, load_valid, comp_valid, store_valid, sync_valid, err, busy, starting, reading, ahead, head,
                     index} === 1'bx) begin
        errors = errors + 1;
        $display("X at %0t", $time);
      end
      if (rst_n && (load_valid === 1'b1 || (comp_valid === 1'b1 && comp_ready) || store_valid === 1'b1 || sync_valid === 1'b1)) begin
        if (cmd !== command[dispatched] || index !== dispatched || head !== dispatched % Ring || err !== 1'b0 ||
            {load_valid, comp_valid, store_valid, sync_valid} !==
            (dispatched % 4 == 3 ? 4'b0001 : 4'b1000 >> dispatched % 4)) begin
          errors = errors + 1;
          $display("command %0d: %b, index %0d, head %0d", dispatched, {load_valid, comp_valid, store_valid, sync_valid}, index, head);
        end
        dispatched = dispatched + 1;
      end
      if (r_valid && r_ready === 1'b1) answered = answered + 1;
      if (rst_n && ar_valid === 1'b1)
        for (i = 0; i <= ar_len; i = i + 1) begin
          beat_addr[asked] = ar_addr + 4 * i;
          asked = asked + 1;
        end
      #1 clk = 1'b1;
      #1 clk = 1'b0;
    end
  endtask
  // LOAD, COMPUTE, STORE, SYNC by turns, number n in memory's order of dispatch.
  task make(input integer n);
    begin
      command[n] = {512{1'bx}};
      command[n][tetra_pkg::OpLsb +: 4] = n % 4 == 0 ? tetra_pkg::OpPack : n % 4 == 1 ? tetra_pkg::OpCompute :
                                          n % 4 == 2 ? tetra_pkg::OpStore : tetra_pkg::OpSync;
      if (n % 4 == 0) begin
        command[n][tetra_pkg::PackRingRowsLsb +: 8]  = 8'd3;
        command[n][tetra_pkg::PackSlotLsb +: 8]      = 8'd2;
        command[n][tetra_pkg::PackSyLsb +: 8]        = 8'd1;
        command[n][tetra_pkg::PackKhLsb +: 8]        = 8'd3;
        command[n][tetra_pkg::PackSegLsb +: 16]      = 16'd9;
        command[n][tetra_pkg::PackOyLsb +: 16]       = 16'd2;
        command[n][tetra_pkg::PackOxLsb +: 16]       = 16'd2;
        command[n][tetra_pkg::PackRowElemsLsb +: 16] = 16'd30;
        command[n][tetra_pkg::PackHLsb +: 16]        = 16'd10;
      end
      if (n % 4 == 1) begin
        command[n][tetra_pkg::CompAct8Lsb]      = 1'b1;
        command[n][tetra_pkg::CompKbLsb +: 16]  = 16'd1;
        command[n][tetra_pkg::CompKhLsb +: 8]   = 8'd1;
        command[n][tetra_pkg::CompKwLsb +: 8]   = 8'd1;
        command[n][tetra_pkg::CompOyLsb +: 16]  = 16'd4;
        command[n][tetra_pkg::CompOxLsb +: 16]  = 16'd4;
        command[n][tetra_pkg::CompHLsb +: 16]   = 16'd4;
        command[n][tetra_pkg::CompWLsb +: 16]   = 16'd4;
      end
      if (n % 4 == 2) begin
        command[n] = 512'd0;
        command[n][tetra_pkg::OpLsb +: 4]           = tetra_pkg::OpStore;
        command[n][tetra_pkg::StorePixelsLsb +: 16] = 16'd9;
        command[n][tetra_pkg::StoreSegBeatsLsb +: 16] = 16'd9;
      end
      if (n % 4 == 3) command[n][tetra_pkg::SyncTagLsb +: 32] = 32'd70 + n;
      ring[n % Ring] = command[n];
    end
  endtask

  initial begin
    {errors, dispatched, asked, answered} = {4{32'd0}};
    clk = 1'b0;
    rst_n = 1'b0;
    enable = 1'b0;
    comp_ready = 1'b0;
    engines_idle = 1'b0;
    tail = 32'd0;
    repeat (3) tick;
    rst_n = 1'b1;
    for (i = 0; i < 4; i = i + 1) make(i);
    repeat (3) tick;
    enable = 1'b1;
    tail = 32'd4;
    repeat (120) tick;
    if (dispatched != 1 || busy !== 1'b1 || ahead !== 1'b1) errors = errors + 1;
    comp_ready = 1'b1;
    repeat (10) tick;
    if (dispatched != 3) errors = errors + 1;
    engines_idle = 1'b1;
    repeat (5) tick;
    if (dispatched != 4 || busy !== 1'b0 || head !== 32'd4) errors = errors + 1;
    // Over the ring's end.
    for (i = 4; i < 8; i = i + 1) make(i);
    tail = 32'd3;
    repeat (150) tick;
    if (dispatched != 8 || busy !== 1'b0 || head !== 32'd3 || asked != 8 * 16) errors = errors + 1;
    if (errors == 0) $display("PASS");
    else $display("%0d errors, %0d dispatched, %0d beats", errors, dispatched, asked);
    $finish;
  end
endmodule
