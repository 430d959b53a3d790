/// Registers in Icarus, from a power-up in which everything is X: values after reset, writes with byte enables, layers' sums
/// and counters that begin at 0 and count, a completion in the log, an error, the interrupt line; no answer has an X.
module regs_tb;
  logic clk, rst_n, awvalid, wvalid, bready, arvalid, rready, busy, starting, err_valid, layer_done, lay_busy, sync;
  logic [11:0] awaddr, araddr;
  logic [31:0] wdata;
  logic [3:0]  wstrb;
  wire  awready, wready, bvalid, arready, rvalid, enable, reset_req, irq, err_seen;
  wire  [1:0] bresp, rresp;
  wire  [31:0] rdata, ring_base, ring_size, tail, mem_base, mem_limit, watchdog;

  tetra_regs #(
    .N(4), .ActWords(64), .WgtWords(32), .ResWords(16), .ParEntries(2), .AccPixels(16), .PoolWords(8), .MaxLayers(4)
  ) dut (
    .clk_i(clk), .rst_ni(rst_n), .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready),
    .s_axil_wdata_i(wdata), .s_axil_wstrb_i(wstrb), .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready),
    .s_axil_bresp_o(bresp), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready), .s_axil_araddr_i(araddr),
    .s_axil_arvalid_i(arvalid), .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp),
    .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready), .enable_o(enable), .soft_reset_req_o(reset_req),
    .ring_base_o(ring_base), .ring_size_o(ring_size), .tail_o(tail), .mem_base_o(mem_base), .mem_limit_o(mem_limit),
    .watchdog_o(watchdog), .irq_o(irq), .resetting_i(1'b0), .head_i(32'd7), .busy_i(busy), .starting_i(starting),
    .stopped_i(err_seen), .sync_valid_i(sync), .sync_tag_i(sync ? 32'd99 : 32'bx), .err_valid_i(err_valid),
    .err_cause_i(err_valid ? 4'd4 : 4'bx), .err_index_i(err_valid ? 32'd12 : 32'bx),
    .err_addr_i(err_valid ? 32'h1234 : 32'bx), .err_seen_o(err_seen), .layer_done_valid_i(layer_done),
    .layer_done_id_i(layer_done ? 9'd2 : 9'bx), .stall_class_i(busy ? 4'(tetra_pkg::CntBusy) : 4'bx), .load_beat_i(1'b0),
    .load_wait_i(1'b0), .drain_busy_i(1'b0), .drain_stall_i(1'b0), .fetch_beat_i(1'b0), .write_beat_i(1'b0),
    .sat0_i(8'd0), .sat1_i(8'd0), .lay_busy_valid_i(lay_busy), .lay_busy_id_i(lay_busy ? 9'd3 : 9'bx),
    .lay_busy_n_i(lay_busy ? 32'd1000 : 32'bx), .lay_rd_valid_i(1'b0), .lay_rd_id_i(9'bx), .lay_rd_n_i(32'bx),
    .lay_wr_valid_i(1'b0), .lay_wr_id_i(9'bx), .lay_wr_n_i(32'bx)
  );

  integer errors, reads, i;
  task tick;
    begin
      #1;
      if (rst_n && ^{awready, wready, bvalid, arready, rvalid, enable, reset_req, irq, err_seen, tail} === 1'bx) begin
        errors = errors + 1;
        $display("X at %0t", $time);
      end
      clk = 1'b1;
      #1 clk = 1'b0;
      #1;
    end
  endtask
  task write(input [11:0] addr, input [31:0] value, input [3:0] strobes);
    begin
      awaddr  = addr;
      wdata   = value;
      wstrb   = strobes;
      awvalid = 1'b1;
      wvalid  = 1'b1;
      #1;
      while (awready !== 1'b1 || wready !== 1'b1) tick;
      tick;
      awvalid = 1'b0;
      wvalid  = 1'b0;
      awaddr  = 12'bx;
      wdata   = 32'bx;
      wstrb   = 4'bx;
      while (bvalid !== 1'b1) tick;
      if (bresp !== 2'b00) errors = errors + 1;
      bready = 1'b1;
      tick;
      bready = 1'b0;
    end
  endtask
  task expect_read(input [11:0] addr, input [31:0] want);
    begin
      araddr  = addr;
      arvalid = 1'b1;
      #1;
      while (arready !== 1'b1) tick;
      tick;
      arvalid = 1'b0;
      araddr  = 12'bx;
      for (i = 0; i < 100 && rvalid !== 1'b1; i = i + 1) tick;
      reads = reads + 1;
      if (rdata !== want || rresp !== 2'b00) begin
        errors = errors + 1;
        $display("register %h: %h instead of %h", addr, rdata, want);
      end
      rready = 1'b1;
      tick;
      rready = 1'b0;
    end
  endtask

  initial begin
    {errors, reads} = {2{32'd0}};
    {awvalid, wvalid, bready, arvalid, rready, busy, starting, err_valid, layer_done, lay_busy, sync} = 11'd0;
    clk = 1'b0;
    rst_n = 1'b0;
    repeat (3) tick;
    rst_n = 1'b1;
    // The doorbell behind reset: busy, while the layers' counters are being cleared.
    write(tetra_pkg::RegCtrl, 32'd1, 4'hf);
    starting = 1'b1;
    expect_read(tetra_pkg::RegStatus, 32'd5);
    repeat (8) tick;
    expect_read(tetra_pkg::RegStatus, 32'd1);
    starting = 1'b0;
    expect_read(tetra_pkg::RegStatus, 32'd0);
    expect_read(tetra_pkg::RegCtrl, 32'd1);
    expect_read(tetra_pkg::RegMemLimit, tetra_pkg::RegMemLimitReset);
    expect_read(tetra_pkg::RegWatchdog, tetra_pkg::RegWatchdogReset);
    expect_read(tetra_pkg::RegHead, 32'd7);
    expect_read(tetra_pkg::RegAccPixels, 32'd16);
    write(tetra_pkg::RegMemBase, 32'haabbccdd, 4'hf);
    write(tetra_pkg::RegMemBase, 32'h11223344, 4'b0101);
    expect_read(tetra_pkg::RegMemBase, 32'haa22cc44);
    // Layers: one that counted, one that did not.
    lay_busy = 1'b1;
    tick;
    lay_busy = 1'b0;
    write(tetra_pkg::RegLayerSel, 32'd3, 4'hf);
    expect_read(tetra_pkg::RegLayerBusy, 32'd1000);
    expect_read(tetra_pkg::RegLayerRead, 32'd0);
    write(tetra_pkg::RegLayerSel, 32'd2, 4'hf);
    expect_read(tetra_pkg::RegLayerBusy, 32'd0);
    expect_read(tetra_pkg::RegLayerWrite, 32'd0);
    // 20 busy cycles, a layer's end in the last of them.
    busy = 1'b1;
    repeat (19) tick;
    layer_done = 1'b1;
    tick;
    layer_done = 1'b0;
    busy = 1'b0;
    repeat (4) tick;
    expect_read(tetra_pkg::RegCounters + 8 * tetra_pkg::CntCycles, 32'd20);
    expect_read(tetra_pkg::RegCounters + 8 * tetra_pkg::CntCycles + 4, 32'd0);
    expect_read(tetra_pkg::RegCounters + 8 * tetra_pkg::CntBusy, 32'd20);
    expect_read(tetra_pkg::RegCounters + 8 * tetra_pkg::CntTail, 32'd0);
    expect_read(tetra_pkg::RegLogCount, 32'd1);
    expect_read(tetra_pkg::RegLogLayer, 32'd2);
    // Interrupts: masked, then not.
    sync = 1'b1;
    tick;
    sync = 1'b0;
    repeat (2) tick;
    if (irq !== 1'b0) errors = errors + 1;
    write(tetra_pkg::RegIrqMask, 32'd1, 4'hf);
    repeat (2) tick;
    if (irq !== 1'b1) errors = errors + 1;
    expect_read(tetra_pkg::RegCompleted, 32'd99);
    write(tetra_pkg::RegIrqStatus, 32'd1, 4'hf);
    repeat (2) tick;
    if (irq !== 1'b0) errors = errors + 1;
    err_valid = 1'b1;
    tick;
    err_valid = 1'b0;
    tick;
    expect_read(tetra_pkg::RegErrCause, 32'd4);
    expect_read(tetra_pkg::RegErrIndex, 32'd12);
    expect_read(tetra_pkg::RegErrAddr, 32'h1234);
    expect_read(tetra_pkg::RegStatus, 32'd2);
    if (errors == 0 && reads == 24) $display("PASS");
    else $display("%0d errors, %0d reads", errors, reads);
    $finish;
  end
endmodule
