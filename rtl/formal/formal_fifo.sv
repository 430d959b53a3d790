/// Properties of tetra_fifo, and of tetra_sfifo (Deep = 1): what is pushed comes out once, in order and unchanged; the
/// count is right; nothing is lost by filling or emptying. One word, whichever, is followed through.
module formal_fifo #(
  parameter int Width = 2,
  parameter int Depth = 4,
  parameter bit Deep = 0
) (
  input logic             clk_i,
  input logic             clear_i,
  input logic             push_i,
  input logic             pop_i,
  input logic [Width-1:0] data_i,
  input logic             follow_i   // the word pushed now is the one to follow, if none is yet
);
  // Words that it can hold: a deep one has four on their way out as well.
  localparam int Most = Depth + (Deep ? 4 : 0);
  localparam int CntW = $clog2(Most + 1);

  logic run_q;
  initial run_q = 1'b0;
  always_ff @(posedge clk_i) run_q <= 1'b1;

  logic [Width-1:0] data_o;
  logic             full, empty, pop, push, clear;
  logic [CntW-1:0]  count_q;         // words in it
  assign clear = clear_i && !Deep;
  assign pop   = pop_i && !empty && run_q;
  assign push  = push_i && (!full || (pop && !Deep)) && run_q;

  if (Deep) begin : gen_deep
    logic [15:0] space;
    assign full = space == '0;
    tetra_sfifo #(.Width(Width), .Depth(Depth)) u_dut (
      .clk_i, .rst_ni(run_q), .push_i(push), .data_i, .space_o(space), .pop_i(pop), .data_o, .empty_o(empty)
    );
    always_comb if (run_q) begin
      assert (space <= 16'(Depth));
      // Words are in the SRAM or among at most four on their way out.
      assert (16'(count_q) + space >= 16'(Depth));
      assert (16'(count_q) + space <= 16'(Depth) + 16'd4);
      assert (empty || count_q != '0);
    end
  end else begin : gen_short
    logic [$clog2(Depth):0] count;
    tetra_fifo #(.Width(Width), .Depth(Depth)) u_dut (
      .clk_i, .rst_ni(run_q), .clear_i(clear), .push_i(push), .data_i, .full_o(full), .pop_i(pop), .data_o,
      .empty_o(empty), .count_o(count)
    );
    always_comb if (run_q) begin
      assert (CntW'(count) == count_q);
      assert (full == (count_q == CntW'(Depth)));
      assert (empty == (count_q == '0));
    end
  end

  logic             follow_q;        // a word is being followed
  logic [CntW-1:0]  ahead_q;         // words before it
  logic [Width-1:0] word_q;
  initial begin
    count_q  = '0;
    follow_q = 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (clear) begin
      count_q  <= '0;
      follow_q <= 1'b0;
    end else begin
      count_q <= count_q + CntW'(push) - CntW'(pop);
      if (follow_q) begin
        if (pop) ahead_q <= ahead_q - 1'b1;
        if (pop && ahead_q == '0) follow_q <= 1'b0;
      end else if (push && follow_i) begin
        follow_q <= 1'b1;
        ahead_q  <= count_q - CntW'(pop);
        word_q   <= data_i;
      end
    end
  end
  always_comb if (run_q) begin
    assert (count_q <= CntW'(Most));
    if (follow_q && pop && ahead_q == '0) assert (data_o == word_q);
  end
endmodule
