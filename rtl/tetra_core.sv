/// Compute core: weight loader, streamer, skew, array, accumulators, drain sequencer, requantizer and pool.
///
/// Takes COMPUTE and STORE commands whose waits are satisfied; reads the buffers; hands finished words and their
/// segment descriptors to the write engine.
module tetra_core #(
  /// array side
  parameter int N = 0,
  /// activation words
  parameter int ActWords = 0,
  /// weight half-words
  parameter int WgtWords = 0,
  /// residual words
  parameter int ResWords = 0,
  /// parameter entries
  parameter int ParEntries = 0,
  /// pixels in an accumulator buffer
  parameter int AccPixels = 0,
  /// words in the pool's line buffer
  parameter int PoolWords = 0
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  /// start nothing more
  input  logic                          stop_i,
  input  logic                          comp_valid_i,
  /// its waits are satisfied
  input  logic                          comp_go_i,
  input  logic [tetra_pkg::CmdBits-1:0] comp_cmd_i,
  /// it is taken in this cycle
  output logic                          comp_ready_o,
  /// COMPUTEs whose sums are all in the accumulators, modulo 2^16
  output logic [15:0]                   done_compute_o,
  input  logic                          store_valid_i,
  /// its waits are satisfied
  input  logic                          store_go_i,
  input  logic [tetra_pkg::CmdBits-1:0] store_cmd_i,
  /// commands dispatched before it since reset, modulo 2^32
  input  logic [31:0]                   store_index_i,
  /// it is taken in this cycle
  output logic                          store_ready_o,
  /// STOREs whose reads are all done, modulo 2^16
  output logic [15:0]                   done_drain_o,
  output logic                          act_re_o,
  /// word; its data come one cycle later
  output logic [$clog2(ActWords)-1:0]   act_addr_o,
  input  logic [8*N-1:0]                act_data_i,
  /// read both weight banks
  output logic                          wgt_re_o,
  /// word in each bank
  output logic [$clog2(WgtWords)-2:0]   wgt_addr_o,
  /// half-word of the even bank, one cycle later
  input  logic [8*N-1:0]                wgt_even_i,
  /// and of the odd one
  input  logic [8*N-1:0]                wgt_odd_i,
  output logic                          res_re_o,
  /// word; its data come one cycle later
  output logic [$clog2(ResWords)-1:0]   res_addr_o,
  input  logic [8*N-1:0]                res_data_i,
  /// the residual buffer is taken
  input  logic                          res_stall_i,
  output logic                          par_re_o,
  /// entry
  output logic [$clog2(ParEntries)-1:0] par_addr_o,
  /// entry's records, one cycle later
  input  logic [128*N-1:0]              par_data_i,
  /// descriptor of a segment for the write engine (see tetra_drain)
  output logic                          desc_valid_o,
  input  logic                          desc_ready_i,
  /// byte address
  output logic [31:0]                   desc_addr_o,
  /// beats, >= 1
  output logic [15:0]                   desc_beats_o,
  /// last of its command
  output logic                          desc_last_o,
  output logic [tetra_pkg::LayerBits-1:0] desc_layer_o,
  /// command is the layer's last
  output logic                          desc_layer_last_o,
  /// store_index_i of the segment's command
  output logic [31:0]                   desc_index_o,
  output logic                          wd_valid_o,
  output logic [8*N-1:0]                wd_data_o,
  /// free words behind
  input  logic [15:0]                   wd_space_i,
  /// nothing held, nothing in flight
  output logic                          idle_o,
  /// the array takes a pixel
  output logic                          busy_o,
  /// waiting for a change of mode
  output logic                          wait_mode_o,
  /// a COMPUTE is held (weights moving in, between k-steps)
  output logic                          comp_active_o,
  /// a row is drained
  output logic                          drain_busy_o,
  /// draining is held back by the write engine
  output logic                          drain_stall_o,
  /// codes clamped in output 0, in this cycle
  output logic [7:0]                    sat0_o,
  /// codes clamped in output 1
  output logic [7:0]                    sat1_o,
  /// event: pixels of a finished COMPUTE
  output logic                          lay_busy_valid_o,
  output logic [tetra_pkg::LayerBits-1:0] lay_busy_id_o,
  /// pixels
  output logic [31:0]                   lay_busy_n_o
);
  localparam int ActW = $clog2(ActWords);
  localparam int AccW = $clog2(AccPixels);
  // Cycles from a pixel's issue until the last column has written its sum, and the part after it left the last PE.
  localparam int Flight = 2*N + 5;
  localparam int FlightTail = 4;
  localparam int FlightW = $clog2(Flight + 1);

  // ---- Weights and pixels into the array ----
  logic            ld_active, ld_first, ld_ready, launch, st_active;
  logic [tetra_pkg::CmdBits-1:0] ld_cmd;
  logic            w_load;
  logic [$clog2(N)-1:0] w_row;
  logic [16*N-1:0] w_data;

  tetra_wload #(.N(N), .WgtWords(WgtWords)) u_wload (
    .clk_i, .rst_ni, .stop_i,
    .cmd_valid_i(comp_valid_i), .cmd_go_i(comp_go_i), .cmd_i(comp_cmd_i), .cmd_ready_o(comp_ready_o),
    .active_o(ld_active), .cmd_o(ld_cmd), .first_o(ld_first), .ready_o(ld_ready), .launch_i(launch),
    .wgt_re_o, .wgt_addr_o, .wgt_even_i, .wgt_odd_i,
    .w_load_o(w_load), .w_row_o(w_row), .w_data_o(w_data)
  );

  logic            issue, tag, pad, acc_first, acc_max, acc_buf, last, act8, wgt8, act_signed, empty;
  logic [7:0]      pad_code;
  logic [ActW-1:0] act_addr;
  logic [AccW-1:0] acc_addr;
  logic [1:0]      acc_half;

  tetra_stream #(.ActWords(ActWords), .AccPixels(AccPixels)) u_stream (
    .clk_i, .rst_ni, .stop_i,
    .ld_active_i(ld_active), .ld_ready_i(ld_ready), .ld_first_i(ld_first), .ld_cmd_i(ld_cmd), .launch_o(launch),
    .issue_o(issue), .tag_o(tag), .pad_o(pad), .pad_code_o(pad_code), .act_addr_o(act_addr), .acc_addr_o(acc_addr),
    .acc_first_o(acc_first), .acc_max_o(acc_max), .acc_buf_o(acc_buf), .acc_half_o(acc_half), .last_o(last),
    .act8_o(act8), .wgt8_o(wgt8), .act_signed_o(act_signed), .empty_i(empty), .wait_mode_o, .active_o(st_active),
    .lay_busy_valid_o, .lay_busy_id_o, .lay_busy_n_o
  );

  assign act_re_o      = issue && !pad;
  assign act_addr_o    = act_addr;
  assign busy_o        = issue;
  assign comp_active_o = ld_active || st_active;

  // One cycle later the word is here.
  logic           in_tag_q, in_pad_q;
  logic [7:0]     in_code_q;
  logic [8*N-1:0] in_word;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_tag_q   <= 1'b0;
      in_pad_q   <= 1'b0;
      in_code_q  <= '0;
    end else begin
      in_tag_q   <= issue && tag;
      if (issue) begin
        in_pad_q  <= pad;
        in_code_q <= pad_code;
      end
    end
  end
  assign in_word = in_pad_q ? {N{in_code_q}} : act_data_i;

  // The array moves while anything is in it; in hardware always.
`ifdef SYNTHESIS
  localparam bit FreeRun = 1;
`else
  localparam bit FreeRun = 0;
`endif
  logic [FlightW-1:0] flight_q;
  logic               en;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) flight_q <= '0;
    else if (issue) flight_q <= FlightW'(Flight);
    else if (flight_q != '0) flight_q <= flight_q - 1'b1;
  end
  assign en    = issue || flight_q != '0 || w_load;
  assign empty = flight_q <= FlightW'(FlightTail);

  logic [8*N-1:0]  a_skew;
  logic [N-1:0]    tag_skew;
  logic [32*N-1:0] y0, y1;

  tetra_skew #(.N(N), .FreeRun(FreeRun)) u_skew (
    .clk_i, .rst_ni, .en_i(en), .a_i(in_word), .tag_i(in_tag_q), .a_o(a_skew), .tag_o(tag_skew)
  );

  tetra_array #(.N(N), .FreeRun(FreeRun)) u_array (
    .clk_i, .rst_ni, .en_i(en), .act8_i(act8), .wgt8_i(wgt8), .act_signed_i(act_signed),
    .w_load_i(w_load), .w_row_i(w_row), .w_data_i(w_data), .a_i(a_skew), .tag_i(tag_skew), .y0_o(y0), .y1_o(y1)
  );

  // ---- Accumulators ----
  logic            comp_done, drain_issue, drain_buf, half;
  logic [AccW-1:0] drain_addr;
  logic [32*N-1:0] drain_data;

  tetra_acc #(.N(N), .AccPixels(AccPixels), .FreeRun(FreeRun)) u_acc (
    .clk_i, .rst_ni, .en_i(en), .issue_i(issue), .last_i(last), .first_i(acc_first), .max_i(acc_max), .buf_i(acc_buf),
    .half_i(acc_half), .addr_i(acc_addr), .wgt8_i(wgt8), .y0_i(y0), .y1_i(y1), .done_o(comp_done),
    .drain_re_i(drain_issue), .drain_buf_i(drain_buf), .drain_half_i(half), .drain_addr_i(drain_addr),
    .drain_o(drain_data)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_compute_o <= '0;
    else if (comp_done) done_compute_o <= done_compute_o + 1'b1;
  end

  // ---- Drain and requantize ----
  localparam int RowCycles = N < tetra_pkg::LaneAColumn ? 2 : 1;
  logic       drain_active, pipe_empty, word_end, res4, res_signed, bits4, out_signed, out_num;
  logic [1:0] res_form;
  logic [2:0] rnd;
  logic [7:0] res_zp, zp, lo, hi, sat;

  logic                         pool_valid, pool_across, pool_open, pool_close, pool_down, pool_fresh, pool_emit;
  logic [$clog2(PoolWords)-1:0] pool_line;

  tetra_drain #(.ResWords(ResWords), .ParEntries(ParEntries), .AccPixels(AccPixels), .PoolWords(PoolWords),
                .RowCycles(RowCycles)) u_drain (
    .clk_i, .rst_ni, .stop_i,
    .cmd_valid_i(store_valid_i), .cmd_go_i(store_go_i), .cmd_i(store_cmd_i), .cmd_index_i(store_index_i),
    .cmd_ready_o(store_ready_o), .active_o(drain_active), .done_drain_o,
    .issue_o(drain_issue), .acc_buf_o(drain_buf), .acc_addr_o(drain_addr), .par_addr_o,
    .res_re_o, .res_addr_o, .res_stall_i, .half_o(half), .word_end_o(word_end),
    .cfg_res_form_o(res_form), .cfg_res4_o(res4), .cfg_res_signed_o(res_signed), .cfg_res_zp_o(res_zp),
    .cfg_rnd_o(rnd), .cfg_bits4_o(bits4), .cfg_signed_o(out_signed), .cfg_zp_o(zp), .cfg_lo_o(lo), .cfg_hi_o(hi),
    .cfg_out_o(out_num), .pool_valid_o(pool_valid), .pool_across_o(pool_across), .pool_open_o(pool_open),
    .pool_close_o(pool_close), .pool_down_o(pool_down), .pool_fresh_o(pool_fresh), .pool_emit_o(pool_emit),
    .pool_line_o(pool_line), .wd_space_i,
    .desc_valid_o, .desc_ready_i, .desc_addr_o, .desc_beats_o, .desc_last_o, .desc_layer_o, .desc_layer_last_o,
    .desc_index_o, .stall_o(drain_stall_o)
  );
  assign par_re_o     = drain_issue;
  assign drain_busy_o = drain_issue;

  // Rows meet their configuration at the requantizer's inputs.
  localparam int CfgW = 41;
  localparam int RqDelay = 10;  // cycles from a row's issue to its word; the count of its clamped codes comes one later
  logic               rq_valid_q, rq_half_q, rq_end_q;
  logic [RqDelay:0]   rq_out_q;  // output number of the row in each of the requantizer's stages
  logic [CfgW-1:0]    rq_cfg_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rq_valid_q <= 1'b0;
      rq_half_q  <= 1'b0;
      rq_end_q   <= 1'b0;
      rq_out_q   <= '0;
      rq_cfg_q   <= '0;
    end else begin
      rq_valid_q <= drain_issue;
      rq_out_q   <= {rq_out_q[RqDelay-1:0], out_num};
      if (drain_issue) begin
        rq_half_q <= half;
        rq_end_q  <= word_end;
        rq_cfg_q  <= {res_form, res4, res_signed, res_zp, rnd, bits4, out_signed, zp, lo, hi};
      end
    end
  end

  logic       rq_res4, rq_res_signed, rq_bits4, rq_signed;
  logic [1:0] rq_form;
  logic [2:0] rq_rnd;
  logic [7:0] rq_res_zp, rq_zp, rq_lo, rq_hi;
  assign {rq_form, rq_res4, rq_res_signed, rq_res_zp, rq_rnd, rq_bits4, rq_signed, rq_zp, rq_lo, rq_hi} = rq_cfg_q;

  logic           rq_valid;
  logic [8*N-1:0] rq_data;

  tetra_requant #(.N(N), .RowCycles(RowCycles)) u_requant (
    .clk_i, .rst_ni, .valid_i(rq_valid_q), .half_i(rq_half_q), .word_end_i(rq_end_q),
    .acc_i(drain_data), .par_i(par_data_i), .res_i(res_data_i),
    .res_form_i(rq_form), .res4_i(rq_res4), .res_signed_i(rq_res_signed), .res_zp_i(rq_res_zp), .rnd_i(rq_rnd),
    .bits4_i(rq_bits4), .signed_i(rq_signed), .zp_i(rq_zp), .lo_i(rq_lo), .hi_i(rq_hi),
    .empty_o(pipe_empty), .valid_o(rq_valid), .data_o(rq_data), .sat_o(sat)
  );

  tetra_pool #(.N(N), .PoolWords(PoolWords), .Delay(RqDelay)) u_pool (
    .clk_i, .rst_ni, .ctl_valid_i(pool_valid), .bits4_i(bits4), .signed_i(out_signed), .across_i(pool_across),
    .open_i(pool_open), .close_i(pool_close), .down_i(pool_down), .fresh_i(pool_fresh), .emit_i(pool_emit),
    .line_i(pool_line), .valid_i(rq_valid), .data_i(rq_data), .valid_o(wd_valid_o), .data_o(wd_data_o)
  );
  assign sat0_o = rq_out_q[RqDelay] ? 8'd0 : sat;
  assign sat1_o = rq_out_q[RqDelay] ? sat : 8'd0;

  assign idle_o = !ld_active && !st_active && flight_q == '0 && !drain_active && pipe_empty;

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (launch) begin
        begin : WeightsComeForACompute assert (ld_active && !idle_o); end
      end
    end
  end
endmodule
