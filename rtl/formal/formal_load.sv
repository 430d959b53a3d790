/// The load engine under every order of legal commands, tokens and stop, and a memory that answers what it was asked for:
/// its read requests stay until taken, lie in the window and in one page, have at most 64 beats; what is outstanding is
/// counted and bounded; data are taken unless a PACK works; each beat is one write to the buffer that its command names,
/// at the address that follows from it.
module formal_load #(
  parameter int N = 4
) (
  input logic           clk_i,
  input logic           stop_i, cmd_valid_i,
  input logic [tetra_pkg::CmdBits-1:0] cmd_i,
  input logic [31:0]    cmd_index_i,
  input logic [15:0]    done_compute_i, done_drain_i, done_store_i,
  input logic [31:0]    mem_base_i, mem_limit_i,
  input logic           ar_ready_i, r_valid_i, r_last_i, r_err_i,
  input logic [8*N-1:0] r_data_i, res_even_i, res_odd_i,
  input logic           follow_i   // the command taken now is the one to follow, if none is yet
);
  logic run_q;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) run_q <= 1'b1;

  logic           cmd_ready, ar_valid, r_ready, act_we, wgt_we, keep_low, res_we, par_we, res_re, idle, resting, outstanding;
  logic           wait_token, wait_store, beat, lay_valid, err;
  logic [15:0]    done_load, wr_addr, even_addr, odd_addr;
  logic [31:0]    ar_addr, lay_n, err_index, err_addr;
  logic [7:0]     ar_len;
  logic [8*N-1:0] wr_data;
  logic [3:0]     err_cause;
  logic [tetra_pkg::LayerBits-1:0] lay_id;

  // Beats and bursts that the memory owes.
  logic [9:0] owed_q;
  logic [4:0] bursts_q;
  logic       cmd_taken, ar_taken, r_valid, r_taken, is_pack;
  assign is_pack   = 32'(cmd_i[tetra_pkg::OpLsb +: tetra_pkg::OpW]) == tetra_pkg::OpPack;
  assign cmd_taken = cmd_valid_i && cmd_ready && run_q;
  assign ar_taken  = ar_valid && ar_ready_i && run_q;
  assign r_valid   = r_valid_i && owed_q != '0;
  assign r_taken   = r_valid && r_ready && run_q;

  tetra_load #(.N(N)) u_dut (
    .clk_i, .rst_ni(run_q), .stop_i, .cmd_valid_i(cmd_valid_i && run_q), .cmd_ready_o(cmd_ready), .cmd_i, .cmd_index_i,
    .done_compute_i, .done_drain_i, .done_store_i, .done_load_o(done_load), .mem_base_i, .mem_limit_i,
    .ar_valid_o(ar_valid), .ar_ready_i, .ar_addr_o(ar_addr), .ar_len_o(ar_len), .r_valid_i(r_valid), .r_ready_o(r_ready),
    .r_data_i, .r_last_i, .r_err_i, .wr_data_o(wr_data), .wr_addr_o(wr_addr), .act_we_o(act_we), .wgt_we_o(wgt_we),
    .wgt_keep_low_o(keep_low), .res_we_o(res_we), .par_we_o(par_we), .res_re_o(res_re), .res_even_addr_o(even_addr),
    .res_odd_addr_o(odd_addr), .res_even_data_i(res_even_i), .res_odd_data_i(res_odd_i), .idle_o(idle),
    .resting_o(resting), .outstanding_o(outstanding), .wait_token_o(wait_token), .wait_store_o(wait_store), .beat_o(beat),
    .lay_rd_valid_o(lay_valid), .lay_rd_id_o(lay_id), .lay_rd_n_o(lay_n), .err_valid_o(err), .err_cause_o(err_cause),
    .err_index_o(err_index), .err_addr_o(err_addr)
  );

  // A stop takes back what was not taken: the port behind (tetra_top) is the bus'.
  axi_held #(.Width(40)) u_ar (
    .clk_i, .run_i(run_q && !stop_i), .valid_i(ar_valid), .ready_i(ar_ready_i), .payload_i({ar_len, ar_addr})
  );

  // The window and whether a PACK or a stop has been; the command followed, the commands before it, where it writes next.
  logic        window_q, pack_q, stop_q, follow_q;
  logic [31:0] base_q, limit_q;
  logic [15:0] taken_q, done_q, ahead_q, at_q, row_q, stride_q;
  logic [19:0] beats_q, left_q;
  logic [1:0]  dst_q, narrow_q;
  initial begin
    owed_q   = '0;
    bursts_q = '0;
    window_q = 1'b0;
    pack_q   = 1'b0;
    stop_q   = 1'b0;
    follow_q = 1'b0;
    taken_q  = '0;
    done_q   = '0;
  end
  logic here;
  assign here = follow_q && ahead_q == done_load;   // all before it are done
  always_ff @(posedge clk_i) begin
    window_q <= 1'b1;
    base_q   <= mem_base_i;
    limit_q  <= mem_limit_i;
    done_q   <= done_load;
    if (run_q) begin
      stop_q   <= stop_q || stop_i;
      owed_q   <= owed_q + (ar_taken ? 10'(ar_len) + 10'd1 : 10'd0) - 10'(r_taken);
      bursts_q <= bursts_q + 5'(ar_taken) - 5'(r_taken && r_last_i);
      taken_q  <= taken_q + 16'(cmd_taken);
      pack_q   <= pack_q || (cmd_taken && is_pack);
      if (cmd_taken && follow_i && !follow_q && !is_pack) begin
        follow_q <= 1'b1;
        ahead_q  <= taken_q;
        at_q     <= cmd_i[tetra_pkg::LoadDstAddrLsb +: tetra_pkg::LoadDstAddrW];
        row_q    <= cmd_i[tetra_pkg::LoadDstAddrLsb +: tetra_pkg::LoadDstAddrW];
        stride_q <= cmd_i[tetra_pkg::LoadDstStrideLsb +: tetra_pkg::LoadDstStrideW];
        beats_q  <= cmd_i[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW];
        left_q   <= cmd_i[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW];
        dst_q    <= cmd_i[tetra_pkg::LoadDstLsb +: tetra_pkg::LoadDstW];
        narrow_q <= cmd_i[tetra_pkg::LoadNarrowLsb +: tetra_pkg::LoadNarrowW];
      end else if (here && r_taken) begin
        at_q   <= left_q == 20'd1 ? row_q + stride_q : at_q + 1'b1;
        row_q  <= left_q == 20'd1 ? row_q + stride_q : row_q;
        left_q <= left_q == 20'd1 ? beats_q : left_q - 1'b1;
      end
    end
  end

  logic [32:0] last_byte;
  assign last_byte = {1'b0, ar_addr} + (33'(ar_len) + 33'd1) * 33'(N) - 33'd1;
  always_comb begin
    // What the checker lets through, as far as it matters here.
    if (cmd_valid_i) begin
      assume (is_pack || 32'(cmd_i[tetra_pkg::OpLsb +: tetra_pkg::OpW]) == tetra_pkg::OpLoad);
      assume (is_pack || (cmd_i[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW] != '0 &&
                          cmd_i[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW] != '0 &&
                          cmd_i[tetra_pkg::LoadAddrLsb +: tetra_pkg::LoadAddrW] % 32'(N) == '0 &&
                          cmd_i[tetra_pkg::LoadAddrStrideLsb +: tetra_pkg::LoadAddrStrideW] % 32'(N) == '0));
      assume (!is_pack || (cmd_i[tetra_pkg::PackSlotLsb +: tetra_pkg::PackSlotW] <
                           cmd_i[tetra_pkg::PackRingRowsLsb +: tetra_pkg::PackRingRowsW] &&
                           cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW] != '0 &&
                           cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW] <=
                           cmd_i[tetra_pkg::PackRingRowsLsb +: tetra_pkg::PackRingRowsW] &&
                           cmd_i[tetra_pkg::PackSegLsb +: tetra_pkg::PackSegW] != '0 &&
                           cmd_i[tetra_pkg::PackKhLsb +: tetra_pkg::PackKhW] != '0 &&
                           cmd_i[tetra_pkg::PackOyLsb +: tetra_pkg::PackOyW] != '0 &&
                           cmd_i[tetra_pkg::PackOxLsb +: tetra_pkg::PackOxW] != '0));
    end
    if (window_q) assume (mem_base_i == base_q && mem_limit_i == limit_q);
    if (stop_q) assume (stop_i);
    // Every burst ends, with its last beat: the last of all that are owed at the last beat, and each has one at least.
    if (r_valid) assume (!r_last_i || bursts_q != '0);
    if (r_valid) assume (10'(bursts_q) - 10'(r_last_i) <= owed_q - 10'd1 && (owed_q != 10'd1 || r_last_i || bursts_q == '0));
    if (r_valid) assume (owed_q == 10'd1 || bursts_q != 5'd1 || !r_last_i);
    if (run_q) begin
      if (ar_valid) begin
        assert (ar_addr >= base_q && last_byte <= {1'b0, limit_q});
        assert (ar_addr[31:12] == last_byte[31:12] && !last_byte[32]);
        assert (ar_len < 8'd64);
      end
      assert (owed_q <= 10'd512 && bursts_q <= 5'd15);
      assert (outstanding == (owed_q != '0));
      if (outstanding) assert (!idle);
      if (owed_q != '0 && !pack_q) assert (r_ready);
      // One beat is one write, and nothing else is but a PACK's.
      assert (3'(act_we) + 3'(wgt_we) + 3'(res_we) + 3'(par_we) == 3'(r_taken && !stop_i) || (pack_q && beat == 1'b0 &&
              !wgt_we && !res_we && !par_we));
      assert (beat == (r_taken && !stop_i));
      if (here && r_taken && !stop_i) begin
        assert (wr_addr == at_q);
        assert (dst_q == 2'(tetra_pkg::BufAct) ? act_we : dst_q == 2'(tetra_pkg::BufWgt) ? wgt_we :
                dst_q == 2'(tetra_pkg::BufRes) ? res_we : par_we);
        if (narrow_q == '0) assert (wr_data == r_data_i && !keep_low);
      end
    end
  end
endmodule
