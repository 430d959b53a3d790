/// First-word fall-through FIFO in registers, for short queues.
///
/// data_o is valid in every cycle in which empty_o is low; pop_i removes it at the clock edge. A word pushed into an
/// empty FIFO shows in the next cycle. Pushing while full or popping while empty is an error (asserted), except that
/// a push into a full FIFO is allowed in a cycle that also pops.
module tetra_fifo #(
  /// bits in a word
  parameter int Width = 0,
  /// words, a power of two, >= 2
  parameter int Depth = 0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  /// synchronous clear: empties the FIFO
  input  logic                   clear_i,
  input  logic                   push_i,
  input  logic [Width-1:0]       data_i,
  output logic                   full_o,
  input  logic                   pop_i,
  /// oldest word
  output logic [Width-1:0]       data_o,
  output logic                   empty_o,
  /// words in it
  output logic [$clog2(Depth):0] count_o
);
  localparam int PtrW = $clog2(Depth);

  // The oldest word is in a register of its own as well, so that reading costs no multiplexer behind it.
  logic [Width-1:0] mem_q [Depth], head_q;
  logic [PtrW-1:0]  rptr_q, wptr_q, next_rptr;
  logic [PtrW:0]    count_q;

  assign full_o  = count_q == (PtrW + 1)'(Depth);
  assign empty_o = count_q == '0;
  assign count_o = count_q;
  assign data_o  = head_q;

  assign next_rptr = rptr_q + 1'b1;

  always_ff @(posedge clk_i) begin
    if (push_i || pop_i) begin
      if (push_i) mem_q[wptr_q] <= data_i;
      if (push_i && (empty_o || (pop_i && count_q == (PtrW + 1)'(1)))) head_q <= data_i;
      else if (pop_i) head_q <= mem_q[next_rptr];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rptr_q  <= '0;
      wptr_q  <= '0;
      count_q <= '0;
    end else if (clear_i) begin
      rptr_q  <= '0;
      wptr_q  <= '0;
      count_q <= '0;
    end else if (push_i || pop_i) begin
      if (push_i) wptr_q <= wptr_q + 1'b1;
      if (pop_i) rptr_q <= rptr_q + 1'b1;
      if (push_i && !pop_i) count_q <= count_q + 1'b1;
      if (!push_i && pop_i) count_q <= count_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni && (push_i || pop_i)) begin
      if (push_i) begin
        begin : PushIntoFull assert (!full_o || pop_i); end
      end
      if (pop_i) begin
        begin : PopFromEmpty assert (!empty_o); end
      end
    end
  end
endmodule
