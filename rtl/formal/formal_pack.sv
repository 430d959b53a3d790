/// The packer under any legal PACKs, one after the other: each comes to its end in one place, and then nothing of it is
/// under way; a pixel's last window is followed by one cycle without, what is flushed by the next pixel's window or the
/// PACK's end.
module formal_pack #(
  parameter int N = 4
) (
  input logic           clk_i,
  input logic           start_i,
  input logic [tetra_pkg::CmdBits-1:0] cmd_i,
  input logic [8*N-1:0] even_i, odd_i
);
  localparam int LogN = $clog2(N);
  logic run_q;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) run_q <= 1'b1;

  logic           start, done, res_re, we, busy_q;
  logic [15:0]    even_addr, odd_addr, waddr;
  logic [8*N-1:0] wdata;
  logic [tetra_pkg::CmdBits-1:0] cmd_q;
  tetra_pack #(.N(N)) u_dut (
    .clk_i, .rst_ni(run_q), .start_i(start), .cmd_i, .done_o(done), .res_re_o(res_re), .res_even_addr_o(even_addr),
    .res_odd_addr_o(odd_addr), .res_even_data_i(even_i), .res_odd_data_i(odd_i), .we_o(we), .waddr_o(waddr),
    .wdata_o(wdata)
  );
  // As the load engine starts it: when the one before is done.
  assign start = start_i && run_q && !busy_q;
  always_ff @(posedge clk_i) begin
    busy_q <= run_q && (start || (busy_q && !done));
    cmd_q  <= cmd_i;
  end

  (* hierconn *) logic        \u_dut.run_q , \u_dut.bubble_q , \u_dut.req ;
  (* hierconn *) logic        \u_dut.b_valid_q , \u_dut.b_pix_end_q , \u_dut.b_all_end_q ;
  (* hierconn *) logic        \u_dut.c_valid_q , \u_dut.c_pix_end_q , \u_dut.c_all_end_q ;
  (* hierconn *) logic        \u_dut.flush_q , \u_dut.last_q ;
  (* hierconn *) logic [15:0] \u_dut.e_q , \u_dut.b_n_q ;
  (* hierconn *) logic [7:0]  \u_dut.slot_q , \u_dut.slot0_q ;
  (* hierconn *) logic [LogN:0]   \u_dut.c_n_q ;
  (* hierconn *) logic [LogN+2:0] \u_dut.fill_q , \u_dut.lanes ;

  logic [7:0]  ring, step;
  logic [15:0] seg;
  assign ring = cmd_i[tetra_pkg::PackRingRowsLsb +: tetra_pkg::PackRingRowsW];
  assign step = 8'(cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW]);
  assign seg  = cmd_i[tetra_pkg::PackSegLsb +: tetra_pkg::PackSegW];
  // Where the PACK's end is: still to be asked for, or in a stage.
  logic [4:0] place;
  assign place = {\u_dut.run_q , \u_dut.b_valid_q && \u_dut.b_all_end_q , \u_dut.c_valid_q && \u_dut.c_all_end_q , \u_dut.last_q , done};

  always_comb begin
    // What the checker lets through, as far as it matters here.
    assume (cmd_i[tetra_pkg::PackSlotLsb +: tetra_pkg::PackSlotW] < ring && step != '0 && step <= ring && seg != '0);
    if (busy_q) assume (cmd_i == cmd_q);
    if (run_q) begin
      assert ((place == '0) == !busy_q && (place & (place - 1'b1)) == '0);
      if (!\u_dut.run_q ) begin
        assert (!\u_dut.bubble_q );
        if (!(\u_dut.b_valid_q && \u_dut.b_all_end_q )) begin
          assert (!\u_dut.b_valid_q );
          if (!(\u_dut.c_valid_q && \u_dut.c_all_end_q )) begin
            assert (!\u_dut.c_valid_q );
            if (!\u_dut.last_q ) assert (!\u_dut.flush_q );
          end
        end
      end
      // A pixel's last window is followed by one cycle without, and that by the next pixel's.
      assert (\u_dut.bubble_q == (\u_dut.b_valid_q && \u_dut.b_pix_end_q && !\u_dut.b_all_end_q ));
      if (\u_dut.b_valid_q && \u_dut.b_all_end_q ) assert (\u_dut.b_pix_end_q );
      if (\u_dut.c_valid_q && \u_dut.c_all_end_q ) assert (\u_dut.c_pix_end_q );
      if (\u_dut.c_valid_q && \u_dut.c_pix_end_q && !\u_dut.c_all_end_q ) assert (\u_dut.req );
      // Of a flush and the end either comes with the other, or something else moves as well.
      if (\u_dut.flush_q && !\u_dut.last_q ) assert (\u_dut.b_valid_q );
      if (\u_dut.last_q && !\u_dut.flush_q ) assert (we);
      // Windows are within their row of the kernel, rows within the ring.
      if (\u_dut.run_q ) assert (\u_dut.e_q < seg && \u_dut.slot_q < ring && \u_dut.slot0_q < ring);
      if (\u_dut.b_valid_q ) assert (\u_dut.b_n_q != '0 && \u_dut.b_n_q <= 16'(N));
      if (\u_dut.c_valid_q ) assert (\u_dut.c_n_q != '0 && 16'(\u_dut.c_n_q ) <= 16'(N));
      if (busy_q) assert (\u_dut.fill_q < \u_dut.lanes );
    end
  end
endmodule
