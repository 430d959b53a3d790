/// Bench of the units: array, requantizer, FIFOs, burst splitter, layers' counters, load engine (with its packer and the residual
/// buffer) and write engine side by side, each with its own ports, so that one simulation library serves all tests.
module unit_bench #(
  parameter int N = 4,
  parameter int ResWords = 1024
) (
  input  logic             clk_i,
  /* verilator lint_off SYNCASYNCNET */  // as in the design: some units reset synchronously
  input  logic             rst_ni,
  /* verilator lint_on SYNCASYNCNET */
  // tetra_array
  input  logic             arr_en_i, arr_act8_i, arr_wgt8_i, arr_signed_i, arr_w_load_i,
  input  logic [$clog2(N)-1:0] arr_w_row_i,
  input  logic [16*N-1:0]  arr_w_data_i,
  input  logic [8*N-1:0]   arr_a_i,
  input  logic [N-1:0]     arr_tag_i,
  output logic [32*N-1:0]  arr_y0_o, arr_y1_o,
  // tetra_requant
  input  logic             rq_valid_i, rq_half_i, rq_word_end_i, rq_res4_i, rq_res_signed_i, rq_bits4_i, rq_signed_i,
  input  logic [32*N-1:0]  rq_acc_i,
  input  logic [128*N-1:0] rq_par_i,
  input  logic [8*N-1:0]   rq_res_i,
  input  logic [1:0]       rq_res_form_i,
  input  logic [2:0]       rq_rnd_i,
  input  logic [7:0]       rq_res_zp_i, rq_zp_i, rq_lo_i, rq_hi_i,
  output logic             rq_empty_o, rq_valid_o,
  output logic [8*N-1:0]   rq_data_o,
  output logic [7:0]       rq_sat_o,
  // tetra_fifo, 13 bits x 4
  input  logic             ff_clear_i, ff_push_i, ff_pop_i,
  input  logic [12:0]      ff_data_i,
  output logic [12:0]      ff_data_o,
  output logic             ff_full_o, ff_empty_o,
  output logic [2:0]       ff_count_o,
  // tetra_sfifo, 20 bits x 16
  input  logic             sf_push_i, sf_pop_i,
  input  logic [19:0]      sf_data_i,
  output logic [19:0]      sf_data_o,
  output logic [15:0]      sf_space_o,
  output logic             sf_empty_o,
  // tetra_burst
  input  logic             bu_load_i, bu_step_i,
  input  logic [31:0]      bu_addr_i,
  input  logic [31:0]      mem_base_i, mem_limit_i,
  input  logic [19:0]      bu_beats_i,
  output logic [31:0]      bu_addr_o,
  output logic [6:0]       bu_beats_o,
  output logic             bu_last_o, bu_in_range_o,
  // tetra_load
  input  logic             ld_stop_i, ld_cmd_valid_i,
  output logic             ld_cmd_ready_o,
  input  logic [511:0]     ld_cmd_i,
  input  logic [31:0]      ld_cmd_index_i,
  input  logic [15:0]      ld_done_compute_i, ld_done_drain_i, ld_done_store_i,
  output logic [15:0]      ld_done_load_o,
  output logic             ld_ar_valid_o,
  input  logic             ld_ar_ready_i,
  output logic [31:0]      ld_ar_addr_o,
  output logic [7:0]       ld_ar_len_o,
  input  logic             ld_r_valid_i, ld_r_last_i, ld_r_err_i,
  output logic             ld_r_ready_o,
  input  logic [8*N-1:0]   ld_r_data_i,
  output logic [8*N-1:0]   ld_wr_data_o,
  output logic [15:0]      ld_wr_addr_o,
  output logic             ld_act_we_o, ld_wgt_we_o, ld_wgt_keep_low_o, ld_res_we_o, ld_par_we_o,
  output logic             ld_idle_o, ld_resting_o, ld_outstanding_o, ld_wait_token_o, ld_wait_store_o, ld_beat_o,
  output logic             ld_pack_re_o,
  output logic             ld_lay_valid_o,
  output logic [tetra_pkg::LayerBits-1:0] ld_lay_id_o,
  output logic [31:0]      ld_lay_n_o,
  output logic             ld_err_valid_o,
  output logic [3:0]       ld_err_cause_o,
  output logic [31:0]      ld_err_index_o, ld_err_addr_o,
  // tetra_write
  input  logic             wr_stop_i, wr_stale_i, wr_desc_valid_i, wr_desc_last_i, wr_desc_layer_last_i, wr_wd_valid_i,
  output logic             wr_desc_ready_o,
  input  logic [31:0]      wr_desc_addr_i, wr_desc_index_i,
  input  logic [15:0]      wr_desc_beats_i,
  input  logic [tetra_pkg::LayerBits-1:0] wr_desc_layer_i,
  input  logic [8*N-1:0]   wr_wd_data_i,
  output logic [15:0]      wr_wd_space_o,
  output logic             wr_aw_valid_o,
  input  logic             wr_aw_ready_i,
  output logic [31:0]      wr_aw_addr_o,
  output logic [7:0]       wr_aw_len_o,
  output logic             wr_w_valid_o,
  input  logic             wr_w_ready_i,
  output logic [8*N-1:0]   wr_w_data_o,
  output logic [N-1:0]     wr_w_strb_o,
  output logic             wr_w_last_o,
  input  logic             wr_b_valid_i, wr_b_err_i,
  output logic             wr_b_ready_o,
  output logic [15:0]      wr_done_store_o,
  output logic             wr_layer_done_valid_o,
  output logic [tetra_pkg::LayerBits-1:0] wr_layer_done_id_o,
  output logic             wr_lay_valid_o,
  output logic [tetra_pkg::LayerBits-1:0] wr_lay_id_o,
  output logic [31:0]      wr_lay_n_o,
  output logic             wr_beat_o, wr_idle_o, wr_outstanding_o, wr_err_valid_o,
  output logic [3:0]       wr_err_cause_o,
  output logic [31:0]      wr_err_index_o, wr_err_addr_o,
  // tetra_check
  input  logic [tetra_pkg::CmdBits-1:0] chk_cmd_i,
  output logic [3:0]       chk_cause_o,
  // tetra_layer_cnt, 8 layers
  input  logic             lc_clear_i, lc_valid_i, lc_rd_start_i,
  input  logic [2:0]       lc_id_i, lc_rd_id_i,
  input  logic [31:0]      lc_n_i,
  output logic             lc_cleared_o, lc_pending_o,
  output logic [31:0]      lc_value_o
);
  tetra_array #(.N(N)) u_array (
    .clk_i, .rst_ni, .en_i(arr_en_i), .act8_i(arr_act8_i), .wgt8_i(arr_wgt8_i), .act_signed_i(arr_signed_i),
    .w_load_i(arr_w_load_i), .w_row_i(arr_w_row_i), .w_data_i(arr_w_data_i), .a_i(arr_a_i), .tag_i(arr_tag_i),
    .y0_o(arr_y0_o), .y1_o(arr_y1_o)
  );

  tetra_requant #(.N(N), .RowCycles(N < tetra_pkg::LaneAColumn ? 2 : 1)) u_requant (
    .clk_i, .rst_ni, .valid_i(rq_valid_i), .half_i(rq_half_i), .word_end_i(rq_word_end_i), .acc_i(rq_acc_i),
    .par_i(rq_par_i), .res_i(rq_res_i), .res_form_i(rq_res_form_i), .res4_i(rq_res4_i), .res_signed_i(rq_res_signed_i),
    .res_zp_i(rq_res_zp_i), .rnd_i(rq_rnd_i), .bits4_i(rq_bits4_i), .signed_i(rq_signed_i), .zp_i(rq_zp_i),
    .lo_i(rq_lo_i), .hi_i(rq_hi_i), .empty_o(rq_empty_o), .valid_o(rq_valid_o), .data_o(rq_data_o), .sat_o(rq_sat_o)
  );

  tetra_fifo #(.Width(13), .Depth(4)) u_fifo (
    .clk_i, .rst_ni, .clear_i(ff_clear_i), .push_i(ff_push_i), .data_i(ff_data_i), .full_o(ff_full_o),
    .pop_i(ff_pop_i), .data_o(ff_data_o), .empty_o(ff_empty_o), .count_o(ff_count_o)
  );
  tetra_sfifo #(.Width(20), .Depth(16)) u_sfifo (
    .clk_i, .rst_ni, .push_i(sf_push_i), .data_i(sf_data_i), .space_o(sf_space_o), .pop_i(sf_pop_i),
    .data_o(sf_data_o), .empty_o(sf_empty_o)
  );
  tetra_burst #(.N(N)) u_burst (
    .clk_i, .load_i(bu_load_i), .addr_i(bu_addr_i), .beats_i(bu_beats_i), .step_i(bu_step_i), .mem_base_i, .mem_limit_i,
    .addr_o(bu_addr_o), .beats_o(bu_beats_o), .last_o(bu_last_o), .in_range_o(bu_in_range_o)
  );

  logic [15:0]    res_even_addr, res_odd_addr;
  logic [8*N-1:0] res_even, res_odd;
  tetra_load #(.N(N)) u_load (
    .clk_i, .rst_ni, .stop_i(ld_stop_i), .cmd_valid_i(ld_cmd_valid_i), .cmd_ready_o(ld_cmd_ready_o), .cmd_i(ld_cmd_i),
    .cmd_index_i(ld_cmd_index_i), .done_compute_i(ld_done_compute_i), .done_drain_i(ld_done_drain_i),
    .done_store_i(ld_done_store_i), .done_load_o(ld_done_load_o), .mem_base_i, .mem_limit_i,
    .ar_valid_o(ld_ar_valid_o), .ar_ready_i(ld_ar_ready_i), .ar_addr_o(ld_ar_addr_o), .ar_len_o(ld_ar_len_o),
    .r_valid_i(ld_r_valid_i), .r_ready_o(ld_r_ready_o), .r_data_i(ld_r_data_i), .r_last_i(ld_r_last_i),
    .r_err_i(ld_r_err_i), .wr_data_o(ld_wr_data_o), .wr_addr_o(ld_wr_addr_o), .act_we_o(ld_act_we_o),
    .wgt_we_o(ld_wgt_we_o), .wgt_keep_low_o(ld_wgt_keep_low_o), .res_we_o(ld_res_we_o), .par_we_o(ld_par_we_o), .res_re_o(ld_pack_re_o),
    .res_even_addr_o(res_even_addr), .res_odd_addr_o(res_odd_addr), .res_even_data_i(res_even),
    .res_odd_data_i(res_odd), .idle_o(ld_idle_o), .resting_o(ld_resting_o), .outstanding_o(ld_outstanding_o),
    .wait_token_o(ld_wait_token_o),
    .wait_store_o(ld_wait_store_o), .beat_o(ld_beat_o), .lay_rd_valid_o(ld_lay_valid_o), .lay_rd_id_o(ld_lay_id_o),
    .lay_rd_n_o(ld_lay_n_o), .err_valid_o(ld_err_valid_o), .err_cause_o(ld_err_cause_o),
    .err_index_o(ld_err_index_o), .err_addr_o(ld_err_addr_o)
  );

  // The packer reads image rows from the real banks; the other buffers' writes are checked at the ports above.
  logic             unused_buffers;
  logic [8*N-1:0]   act_data, wgt_even, wgt_odd, res_data;
  logic [128*N-1:0] par_data;
  tetra_buffers #(.N(N), .ActWords(16), .WgtWords(16), .ResWords(ResWords), .ParEntries(2)) u_buffers (
    .clk_i, .wr_data_i(ld_wr_data_o), .wr_addr_i(ld_wr_addr_o), .act_we_i(1'b0), .wgt_we_i(1'b0), .wgt_keep_low_i(1'b0),
    .res_we_i(ld_res_we_o), .par_we_i(1'b0), .act_re_i(1'b0), .act_addr_i('0), .act_data_o(act_data), .wgt_re_i(1'b0),
    .wgt_addr_i('0), .wgt_even_o(wgt_even), .wgt_odd_o(wgt_odd), .pack_re_i(ld_pack_re_o),
    .pack_even_addr_i(res_even_addr), .pack_odd_addr_i(res_odd_addr), .res_even_o(res_even), .res_odd_o(res_odd),
    .res_re_i(1'b0), .res_addr_i('0), .res_data_o(res_data), .par_re_i(1'b0), .par_addr_i('0), .par_data_o(par_data)
  );
  assign unused_buffers = ^{act_data, wgt_even, wgt_odd, res_data, par_data};

  tetra_write #(.N(N)) u_write (
    .clk_i, .rst_ni, .bus_rst_ni(rst_ni), .stop_i(wr_stop_i), .stale_i(wr_stale_i), .desc_valid_i(wr_desc_valid_i), .desc_ready_o(wr_desc_ready_o),
    .desc_addr_i(wr_desc_addr_i), .desc_beats_i(wr_desc_beats_i), .desc_last_i(wr_desc_last_i),
    .desc_layer_i(wr_desc_layer_i), .desc_layer_last_i(wr_desc_layer_last_i), .desc_index_i(wr_desc_index_i),
    .wd_valid_i(wr_wd_valid_i), .wd_data_i(wr_wd_data_i), .wd_space_o(wr_wd_space_o), .mem_base_i, .mem_limit_i,
    .aw_valid_o(wr_aw_valid_o), .aw_ready_i(wr_aw_ready_i), .aw_addr_o(wr_aw_addr_o), .aw_len_o(wr_aw_len_o),
    .w_valid_o(wr_w_valid_o), .w_ready_i(wr_w_ready_i), .w_data_o(wr_w_data_o), .w_strb_o(wr_w_strb_o),
    .w_last_o(wr_w_last_o), .b_valid_i(wr_b_valid_i), .b_ready_o(wr_b_ready_o), .b_err_i(wr_b_err_i),
    .done_store_o(wr_done_store_o), .layer_done_valid_o(wr_layer_done_valid_o),
    .layer_done_id_o(wr_layer_done_id_o), .lay_wr_valid_o(wr_lay_valid_o), .lay_wr_id_o(wr_lay_id_o),
    .lay_wr_n_o(wr_lay_n_o), .write_beat_o(wr_beat_o), .idle_o(wr_idle_o), .outstanding_o(wr_outstanding_o),
    .err_valid_o(wr_err_valid_o), .err_cause_o(wr_err_cause_o), .err_index_o(wr_err_index_o),
    .err_addr_o(wr_err_addr_o)
  );

  localparam int AccPixels = tetra_pkg::DefAccPixels;
`include "tetra_products.svh"
  tetra_check #(.N(N), .AccPixels(AccPixels)) u_check (
    .valid_i(1'b1), .cmd_i(chk_cmd_i), .products_i(products(chk_cmd_i)), .cause_o(chk_cause_o)
  );

  tetra_layer_cnt #(.MaxLayers(8)) u_layer_cnt (
    .clk_i, .rst_ni, .clear_i(lc_clear_i), .cleared_o(lc_cleared_o), .valid_i(lc_valid_i), .id_i(lc_id_i),
    .n_i(lc_n_i), .rd_start_i(lc_rd_start_i), .rd_id_i(lc_rd_id_i), .rd_pending_o(lc_pending_o),
    .rd_value_o(lc_value_o)
  );
endmodule
