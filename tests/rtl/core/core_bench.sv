/// Bench: compute core with its buffers; the test plays fetch, load engine and write engine.
module core_bench #(
  parameter int N = 4,
  parameter int ResWords = N < 16 ? 16384 / N : 1024
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic [8*N-1:0] wr_data_i,
  input  logic [15:0]    wr_addr_i,
  input  logic           act_we_i, wgt_we_i, res_we_i, par_we_i,
  input  logic           comp_valid_i,
  input  logic [tetra_pkg::CmdBits-1:0]   comp_cmd_i,
  output logic           comp_ready_o,
  output logic [15:0]    done_compute_o,
  input  logic           store_valid_i,
  input  logic [tetra_pkg::CmdBits-1:0]   store_cmd_i,
  output logic           store_ready_o,
  output logic [15:0]    done_drain_o,
  output logic           desc_valid_o,
  output logic [31:0]    desc_addr_o,
  output logic [15:0]    desc_beats_o,
  output logic           desc_last_o,
  output logic           wd_valid_o,
  output logic [8*N-1:0] wd_data_o,
  input  logic [15:0]    wd_space_i,
  output logic           idle_o,
  output logic           busy_o,
  output logic [7:0]     sat0_o, sat1_o
);
  localparam int ActWords = 16384, WgtWords = 8192, ParEntries = 64, AccPixels = 256, PoolWords = 64;
  logic                          act_re, wgt_re, res_re, par_re;
  logic [$clog2(ActWords)-1:0]   act_addr;
  logic [$clog2(WgtWords)-2:0]   wgt_addr;
  logic [$clog2(ResWords)-1:0]   res_addr;
  logic [$clog2(ParEntries)-1:0] par_addr;
  logic [8*N-1:0]                act_data, wgt_even, wgt_odd, res_data;
  logic [128*N-1:0]              par_data;

  tetra_buffers #(
    .N(N), .ActWords(ActWords), .WgtWords(WgtWords), .ResWords(ResWords), .ParEntries(ParEntries)
  ) u_buffers (
    .clk_i, .wr_data_i, .wr_addr_i, .act_we_i, .wgt_we_i, .wgt_keep_low_i(1'b0), .res_we_i, .par_we_i,
    .act_re_i(act_re), .act_addr_i(act_addr), .act_data_o(act_data),
    .wgt_re_i(wgt_re), .wgt_addr_i(wgt_addr), .wgt_even_o(wgt_even), .wgt_odd_o(wgt_odd),
    .pack_re_i(1'b0), .pack_even_addr_i('0), .pack_odd_addr_i('0), .res_even_o(), .res_odd_o(),
    .res_re_i(res_re), .res_addr_i(res_addr), .res_data_o(res_data),
    .par_re_i(par_re), .par_addr_i(par_addr), .par_data_o(par_data)
  );
  tetra_core #(
    .N(N), .ActWords(ActWords), .WgtWords(WgtWords), .ResWords(ResWords), .ParEntries(ParEntries),
    .AccPixels(AccPixels), .PoolWords(PoolWords)
  ) u_core (
    .clk_i, .rst_ni, .stop_i(1'b0), .comp_valid_i, .comp_go_i(1'b1), .comp_cmd_i, .comp_ready_o, .done_compute_o,
    .store_valid_i, .store_go_i(1'b1), .store_cmd_i, .store_index_i('0), .store_ready_o, .done_drain_o,
    .act_re_o(act_re), .act_addr_o(act_addr), .act_data_i(act_data),
    .wgt_re_o(wgt_re), .wgt_addr_o(wgt_addr), .wgt_even_i(wgt_even), .wgt_odd_i(wgt_odd),
    .res_re_o(res_re), .res_addr_o(res_addr), .res_data_i(res_data), .res_stall_i(1'b0),
    .par_re_o(par_re), .par_addr_o(par_addr), .par_data_i(par_data),
    .desc_valid_o, .desc_ready_i(1'b1), .desc_addr_o, .desc_beats_o, .desc_last_o, .desc_layer_o(),
    .desc_layer_last_o(), .desc_index_o(), .wd_valid_o, .wd_data_o, .wd_space_i, .idle_o, .busy_o, .wait_mode_o(),
    .comp_active_o(), .drain_busy_o(), .drain_stall_o(), .sat0_o, .sat1_o, .lay_busy_valid_o(), .lay_busy_id_o(),
    .lay_busy_n_o()
  );
endmodule
