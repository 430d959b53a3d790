/// Weight loader: takes COMPUTE commands and moves each k-step's weights from the weight buffer into the array's
/// shadow set, one row a cycle, right behind the wavefront of the previous swap.
///
/// A row read in cycle l reaches the array's shadow in cycle l + 2 (buffer read, register). After the streamer
/// launched a k-step in cycle s (its first pixel is read in cycle s + 1), rows may be read from cycle s + N on, so
/// with at least N pixels a k-step there is no bubble. ready_o says that the k-step whose command is on cmd_o may be
/// launched, which is from the cycle on in which its row 0 is read; launch_i takes it.
module tetra_wload #(
  /// array side
  parameter int N = 0,
  /// half-words in the weight buffer, a power of two
  parameter int WgtWords = 0
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  /// take no further command
  input  logic                          stop_i,
  input  logic                          cmd_valid_i,
  /// all its waits are satisfied
  input  logic                          cmd_go_i,
  input  logic [tetra_pkg::CmdBits-1:0] cmd_i,
  /// the command is taken (in this cycle)
  output logic                          cmd_ready_o,
  /// a command is held; cmd_o is it
  output logic                          active_o,
  /// command of the k-step that is or will be loaded; stable until its last k-step is launched
  output logic [tetra_pkg::CmdBits-1:0] cmd_o,
  /// the held k-step is the first of its command
  output logic                          first_o,
  /// the held k-step may be launched
  output logic                          ready_o,
  /// the streamer launches the held k-step in this cycle
  input  logic                          launch_i,
  /// read the weight buffer (both banks)
  output logic                          wgt_re_o,
  /// address in each bank (half-word address / 2)
  output logic [$clog2(WgtWords)-2:0]   wgt_addr_o,
  /// even half-words, one cycle after the read
  input  logic [8*N-1:0]                wgt_even_i,
  /// odd half-words
  input  logic [8*N-1:0]                wgt_odd_i,
  /// write the array's shadow weights
  output logic                          w_load_o,
  /// row to write
  output logic [$clog2(N)-1:0]          w_row_o,
  /// its weight words, 16 bits a column
  output logic [16*N-1:0]               w_data_o
);

  localparam int RowW = $clog2(N);
  localparam int WaW  = $clog2(WgtWords);

  logic [tetra_pkg::CmdBits-1:0] cmd_q;
  logic            active_q;            // cmd_q has k-steps that were not launched
  logic            first_q;             // none of them was
  logic            avail_q;             // row 0 of the next k-step is on its way: it may be launched
  logic            loading_q;           // rows of the k-step begun last are still to be read
  logic            ld_act8_q;           // activation width of that k-step: 1 or 2 half-words a row
  logic [RowW-1:0] row_q;
  logic [RowW:0]   swap_cnt_q;          // cycles until the previous swap leaves row 0
  // K-steps of cmd_q that are not launched: kw_q in this kernel row, of kh_q rows in this channel block, of kb_q blocks.
  logic [tetra_pkg::CompKbW-1:0] kb_q;
  logic [tetra_pkg::CompKhW-1:0] kh_q;
  logic [tetra_pkg::CompKwW-1:0] kw_q;
  logic                          row_end, block_end, hold;
  logic [WaW-1:0]  waddr_q, waddr;
  logic            start, issue, act8;
  // Second stage: the row whose words are on wgt_even_i / wgt_odd_i.
  logic            rd_valid_q, rd_act8_q, rd_odd_q;
  logic [RowW-1:0] rd_row_q;

  assign start       = active_q && !avail_q && !loading_q && swap_cnt_q == '0;
  assign issue       = start || loading_q;
  assign act8        = start ? cmd_q[tetra_pkg::CompAct8Lsb] : ld_act8_q;
  assign waddr       = (start && first_q) ? cmd_q[tetra_pkg::CompWgtBaseLsb +: WaW] : waddr_q;
  assign cmd_ready_o = cmd_valid_i && cmd_go_i && !stop_i && !active_q;
  assign active_o    = active_q;
  assign row_end     = kw_q == tetra_pkg::CompKwW'(1);
  assign block_end   = row_end && kh_q == tetra_pkg::CompKhW'(1);
  assign hold        = cmd_i[tetra_pkg::CompHoldLsb];
  assign cmd_o       = cmd_q;
  assign first_o     = first_q;
  assign ready_o     = avail_q || start;
  assign wgt_re_o    = issue;
  assign wgt_addr_o  = waddr[WaW-1:1];

  always_ff @(posedge clk_i) begin
    if (cmd_ready_o) cmd_q <= cmd_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q   <= 1'b0;
      first_q    <= 1'b0;
      avail_q    <= 1'b0;
      loading_q  <= 1'b0;
      ld_act8_q  <= 1'b0;
      row_q      <= '0;
      swap_cnt_q <= '0;
      kb_q       <= '0;
      kh_q       <= '0;
      kw_q       <= '0;
      waddr_q    <= '0;
      rd_valid_q <= 1'b0;
      rd_act8_q  <= 1'b0;
      rd_odd_q   <= 1'b0;
      rd_row_q   <= '0;
      w_load_o   <= 1'b0;
      w_row_o    <= '0;
    end else begin
      if (swap_cnt_q != '0) swap_cnt_q <= swap_cnt_q - 1'b1;
      if (start) begin
        avail_q   <= 1'b1;
        ld_act8_q <= cmd_q[tetra_pkg::CompAct8Lsb];
      end
      if (issue) begin
        loading_q <= row_q != RowW'(N - 1);
        row_q     <= row_q + 1'b1;
        waddr_q   <= waddr + (act8 ? WaW'(1) : WaW'(2));
      end
      if (launch_i) begin
        avail_q    <= 1'b0;
        first_q    <= 1'b0;
        swap_cnt_q <= (RowW + 1)'(N - 1);
        active_q   <= !(block_end && kb_q == tetra_pkg::CompKbW'(1));
        kw_q       <= row_end ? cmd_q[tetra_pkg::CompKwLsb +: tetra_pkg::CompKwW] : kw_q - 1'b1;
        if (row_end) kh_q <= block_end ? cmd_q[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW] : kh_q - 1'b1;
        if (block_end) kb_q <= kb_q - 1'b1;
      end
      if (cmd_ready_o) begin
        active_q <= 1'b1;
        first_q  <= 1'b1;
        kb_q     <= hold ? tetra_pkg::CompKbW'(1) : cmd_i[tetra_pkg::CompKbLsb +: tetra_pkg::CompKbW];
        kh_q     <= hold ? tetra_pkg::CompKhW'(1) : cmd_i[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW];
        kw_q     <= hold ? tetra_pkg::CompKwW'(1) : cmd_i[tetra_pkg::CompKwLsb +: tetra_pkg::CompKwW];
      end
      rd_valid_q <= issue;
      if (issue) begin
        rd_act8_q <= act8;
        rd_odd_q  <= waddr[0];
        rd_row_q  <= row_q;
      end
      w_load_o <= rd_valid_q;
      if (rd_valid_q) w_row_o <= rd_row_q;
    end
  end

  // Column c's word: the byte for the low activation nibble, then the one for the high nibble. 8-bit activations meet
  // the same weight with both nibbles.
  function automatic logic [31:0] zip(input logic [15:0] low, input logic [15:0] high);
    zip = {high[15:8], low[15:8], high[7:0], low[7:0]};
  endfunction

  function automatic logic [16*N-1:0] zip_all(input logic [8*N-1:0] low, input logic [8*N-1:0] high);
    for (int unsigned w = 0; w < N / 4; w++) zip_all[w*64 +: 32] = zip(16'(low[w*32 +: 32]), 16'(high[w*32 +: 32]));
    for (int unsigned w = 0; w < N / 4; w++)
      zip_all[w*64+32 +: 32] = zip(16'(low[w*32 +: 32] >> 16), 16'(high[w*32 +: 32] >> 16));
  endfunction

  always_ff @(posedge clk_i) begin
    if (rd_valid_q) begin
      w_data_o <= zip_all((rd_act8_q && rd_odd_q) ? wgt_odd_i : wgt_even_i,
                          (rd_act8_q && !rd_odd_q) ? wgt_even_i : wgt_odd_i);
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (launch_i) begin
        begin : LaunchNeedsWeights assert (ready_o); end
        begin : LaunchOfALastStepLeft assert (kb_q != '0 && kh_q != '0 && kw_q != '0); end
      end
    end
  end
endmodule
