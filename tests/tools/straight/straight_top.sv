// A little of everything that scripts/straight.py changes: registers read behind their assignment, memories, banks asked for by
// bits of one word, what inputs decide at once, resets by a pin and by a register, branches that are seldom taken.
module straight_top (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         push_i,
  input  logic         pop_i,
  input  logic [31:0]  data_i,
  input  logic [3:0]   bank_i,
  input  logic         soft_i,
  output logic         ready_o,
  output logic         take_o,
  output logic [31:0]  data_o,
  output logic [127:0] wide_o,
  output logic [15:0]  sum_o,
  output logic [31:0]  bank_o
);
  logic soft_q, rst_nq;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      soft_q <= 1'b0;
      rst_nq <= 1'b0;
    end else begin
      soft_q <= soft_i;
      rst_nq <= !soft_q;
    end
  end

  // A queue of eight; ready follows from its state, take from an input as well.
  logic [31:0] mem_q [8];
  logic [2:0] wptr_q, rptr_q;
  logic [3:0] count_q;
  logic take, give;
  assign ready_o = count_q != 4'd8;
  assign take = push_i & ready_o;
  assign take_o = take;
  assign give = pop_i & (count_q != 4'd0);
  always_ff @(posedge clk_i or negedge rst_nq) begin
    if (!rst_nq) begin
      wptr_q <= '0;
      rptr_q <= '0;
      count_q <= '0;
    end else if (take | give) begin
      if (take) wptr_q <= wptr_q + 3'd1;
      if (give) rptr_q <= rptr_q + 3'd1;
      count_q <= count_q + 4'(take) - 4'(give);
    end
  end
  always_ff @(posedge clk_i) if (take) mem_q[wptr_q] <= data_i;
  assign data_o = mem_q[rptr_q];

  // A sum that a word now and then begins anew, and what follows from it alone.
  logic [15:0] low_q, high_q, begun_q;
  logic [127:0] wide_q;
  logic seldom;
  assign seldom = give & (data_o[3:0] == 4'd0);
  always_ff @(posedge clk_i or negedge rst_nq) begin
    if (!rst_nq) begin
      low_q <= '0;
      high_q <= '0;
      begun_q <= '0;
      wide_q <= '0;
    end else if (seldom) begin
      low_q <= high_q ^ data_o[31:16];
      high_q <= low_q + data_o[15:0];
      begun_q <= begun_q + 16'd1;
      wide_q <= {wide_q[95:0], data_o};
    end
  end
  assign sum_o = (low_q + {high_q[7:0], high_q[15:8]}) ^ (begun_q & {16{low_q[0]}});
  assign wide_o = wide_q ^ {4{high_q, low_q}};

  // Four banks, written by bits, read together.
  logic [3:0][7:0] read;
  for (genvar b = 0; b < 4; b++) begin : gen_bank
    logic [7:0] bank_q [4];
    always_ff @(posedge clk_i) if (bank_i[b]) bank_q[data_i[1:0]] <= data_i[8*b +: 8];
    always_ff @(posedge clk_i) if (take) read[b] <= bank_q[wptr_q[1:0]];
  end
  assign bank_o = read;
endmodule
