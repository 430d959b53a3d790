/// First-word fall-through FIFO with its storage in SRAM, for deep queues.
///
/// A word pushed into an empty FIFO shows three cycles later; one word a cycle is sustained. space_o counts the words
/// that may still be pushed.
module tetra_sfifo #(
  /// bits in a word
  parameter int Width = 0,
  /// words in SRAM, a power of two
  parameter int Depth = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             push_i,
  input  logic [Width-1:0] data_i,
  /// free words
  output logic [15:0]      space_o,
  input  logic             pop_i,
  /// oldest word
  output logic [Width-1:0] data_o,
  /// none shows
  output logic             empty_o
);
  localparam int PtrW = $clog2(Depth);

  logic [PtrW-1:0]  wptr_q, rptr_q;
  logic [PtrW:0]    space_q;        // free words; bit PtrW: all of them
  logic             rd_q, fetch;
  logic [Width-1:0] rdata;
  logic [2:0]       out_count;

  // Words in the output FIFO plus the one on its way stay below its depth.
  assign fetch   = !space_q[PtrW] && {1'b0, out_count} + {3'b0, rd_q} < 4'd4;
  assign space_o = 16'(space_q);

  tetra_sram #(.NibbleWrite(0), .Width(Width), .Depth(Depth)) u_sram (
    .clk_i, .we_i(push_i), .keep_low_i(1'b0), .waddr_i(wptr_q), .wdata_i(data_i), .re_i(fetch), .raddr_i(rptr_q), .rdata_o(rdata)
  );
  tetra_fifo #(.Width(Width), .Depth(4)) u_out (
    .clk_i, .rst_ni, .clear_i(1'b0), .push_i(rd_q), .data_i(rdata), .full_o(), .pop_i, .data_o, .empty_o,
    .count_o(out_count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wptr_q  <= '0;
      rptr_q  <= '0;
      space_q <= (PtrW + 1)'(Depth);
      rd_q    <= 1'b0;
    end else begin
      rd_q <= fetch;
      if (push_i) wptr_q <= wptr_q + 1'b1;
      if (fetch) rptr_q <= rptr_q + 1'b1;
      if (push_i && !fetch) space_q <= space_q - 1'b1;
      if (!push_i && fetch) space_q <= space_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (push_i) begin
        begin : PushIntoFull assert (space_o != '0); end
      end
    end
  end
endmodule
