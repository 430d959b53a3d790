/// Write engine in Icarus, from a power-up in which everything is X: two STOREs in three segments, one across a page, on a
/// bus that pauses; every burst's address, length, data, strobes and last beat, responses and counts are compared.
module write_tb;
  localparam int N = 4;
  logic clk, rst_n, desc_valid, desc_last, desc_layer_last, wd_valid, aw_ready, w_ready, b_valid;
  logic [31:0] desc_addr, wd_data;
  logic [15:0] desc_beats;
  wire  desc_ready, aw_valid, w_valid, w_last, b_ready, layer_done, lay_wr, idle, outstanding, err;
  wire  [31:0] aw_addr, w_data, lay_wr_n;
  wire  [7:0] aw_len;
  wire  [3:0] w_strb;
  wire  [15:0] done_store, space;
  wire  [tetra_pkg::LayerBits-1:0] layer_id;

  tetra_write #(.N(N)) dut (
    .clk_i(clk), .rst_ni(rst_n), .bus_rst_ni(rst_n), .stop_i(1'b0), .stale_i(1'b0), .desc_valid_i(desc_valid),
    .desc_ready_o(desc_ready), .desc_addr_i(desc_addr), .desc_beats_i(desc_beats), .desc_last_i(desc_last),
    .desc_layer_i(9'd3), .desc_layer_last_i(desc_layer_last), .desc_index_i(32'd0), .wd_valid_i(wd_valid),
    .wd_data_i(wd_data), .wd_space_o(space), .mem_base_i(32'h1000), .mem_limit_i(32'h4fff), .aw_valid_o(aw_valid),
    .aw_ready_i(aw_ready), .aw_addr_o(aw_addr), .aw_len_o(aw_len), .w_valid_o(w_valid), .w_ready_i(w_ready),
    .w_data_o(w_data), .w_strb_o(w_strb), .w_last_o(w_last), .b_valid_i(b_valid), .b_ready_o(b_ready), .b_err_i(1'b0),
    .done_store_o(done_store), .layer_done_valid_o(layer_done), .layer_done_id_o(layer_id), .lay_wr_valid_o(lay_wr),
    .lay_wr_id_o(), .lay_wr_n_o(lay_wr_n), .write_beat_o(), .idle_o(idle), .outstanding_o(outstanding),
    .err_valid_o(err), .err_cause_o(), .err_index_o(), .err_addr_o()
  );

  localparam int Bursts = 4;
  reg [31:0] want_addr [0:Bursts-1];
  reg [7:0]  want_len [0:Bursts-1];
  integer errors, addressed, burst, beat, sent, given, owed, layers, beats, i;

  task tick;
    begin
      aw_ready = ($time / 3) % 3 != 0;
      w_ready  = ($time / 3) % 4 != 1;
      b_valid  = owed > 0 && ($time / 3) % 5 == 0;
      wd_valid = rst_n && given < 34 && ($time / 3) % 2 == 0 && space !== 16'd0;
      wd_data  = wd_valid ? 32'h01010101 * given : 32'bx;
      #1;
      if (rst_n && ^{desc_ready, aw_valid, w_valid, b_ready, layer_done, lay_wr, idle, outstanding, err, done_store, space} === 1'bx) begin
        errors = errors + 1;
        $display("X at %0t", $time);
      end
      if (rst_n && aw_valid === 1'b1 && aw_ready) begin
        if (aw_addr !== want_addr[addressed] || aw_len !== want_len[addressed]) begin
          errors = errors + 1;
          $display("burst %0d: %h, %0d", addressed, aw_addr, aw_len);
        end
        addressed = addressed + 1;
      end
      if (rst_n && b_valid && b_ready === 1'b1) owed = owed - 1;
      if (rst_n && w_valid === 1'b1 && w_ready) begin
        if (w_data !== 32'h01010101 * sent || w_strb !== 4'hf || w_last !== (beat == want_len[burst])) begin
          errors = errors + 1;
          $display("beat %0d: %h %b %b", sent, w_data, w_strb, w_last);
        end
        sent = sent + 1;
        beat = beat + 1;
        if (w_last === 1'b1) begin
          beat = 0;
          burst = burst + 1;
        end
      end
      // A response is due for what is through on both channels.
      owed = owed + ((addressed < burst ? addressed : burst) - beats);
      beats = addressed < burst ? addressed : burst;
      if (rst_n && layer_done === 1'b1) begin
        layers = layers + 1;
        if (layer_id !== 9'd3 || done_store !== 16'd2) errors = errors + 1;
      end
      if (wd_valid) given = given + 1;
      #1 clk = 1'b1;
      #1 clk = 1'b0;
    end
  endtask
  task segment(input [31:0] addr, input integer count, input integer last, input integer layer_last);
    begin
      desc_valid      = 1'b1;
      desc_addr       = addr;
      desc_beats      = count;
      desc_last       = last;
      desc_layer_last = layer_last;
      #1;
      while (desc_ready !== 1'b1) tick;
      tick;
      desc_valid      = 1'b0;
      {desc_addr, desc_beats, desc_last, desc_layer_last} = {50{1'bx}};
    end
  endtask

  initial begin
    {errors, addressed, burst, beat, sent, given, owed, layers, beats} = {9{32'd0}};
    want_addr[0] = 32'h1ff0;
    want_len[0]  = 8'd3;
    want_addr[1] = 32'h2000;
    want_len[1]  = 8'd5;
    want_addr[2] = 32'h3000;
    want_len[2]  = 8'd0;
    want_addr[3] = 32'h1000;
    want_len[3]  = 8'd22;
    clk = 1'b0;
    rst_n = 1'b0;
    desc_valid = 1'b0;
    repeat (3) tick;
    rst_n = 1'b1;
    segment(32'h1ff0, 10, 0, 0);
    segment(32'h3000, 1, 1, 0);
    segment(32'h1000, 23, 1, 1);
    repeat (200) tick;
    if (addressed != 4 || sent != 34 || done_store !== 16'd2 || layers != 1 || idle !== 1'b1 || outstanding !== 1'b0 || err !== 1'b0)
      errors = errors + 1;
    if (errors == 0) $display("PASS");
    else $display("%0d bursts, %0d beats, %0d STOREs, %0d layers", addressed, sent, done_store, layers);
    $finish;
  end
endmodule
