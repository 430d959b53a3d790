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
  output logic [31:0]  bank_o,
  output logic [191:0] more_o
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

  // What must stay as it is. A default that another branch overrides for a while:
  logic [31:0] word_q, seen_q, chosen, chosen_q;
  logic        other_q;
  always_ff @(posedge clk_i or negedge rst_nq) begin
    if (!rst_nq) begin
      word_q <= '0;
      seen_q <= '0;
      other_q <= 1'b0;
    end else begin
      seen_q <= data_i;
      other_q <= pop_i;
      if (seldom) word_q <= seen_q;
    end
  end
  always_comb begin
    chosen = ((word_q + {word_q[3:0], word_q[31:4]}) ^ (word_q << 3)) + (word_q ^ 32'h55);
    if (other_q) chosen = seen_q;
  end
  always_ff @(posedge clk_i) chosen_q <= chosen;
  assign more_o[31:0] = chosen_q;

  // a counter that one branch looks at, in the same process;
  logic [7:0]  held_q;
  logic [31:0] stamp_q;
  always_ff @(posedge clk_i or negedge rst_nq) begin
    if (!rst_nq) begin
      held_q <= '0;
      stamp_q <= '0;
    end else begin
      if (seldom) stamp_q <= {24'd0, held_q};
      if (held_q != 8'd200) held_q <= held_q + 8'd1;
    end
  end
  assign more_o[63:32] = stamp_q;

  // an array of which one element follows from inputs and one from a register;
  logic [31:0] pair [2];
  logic [31:0] second_q;
  assign pair[0] = data_i ^ {28'd0, bank_i};
  assign pair[1] = ~seen_q;
  always_ff @(posedge clk_i) second_q <= pair[1] ^ pair[0];
  assign more_o[95:64] = second_q;

  // two memories with one enable, and what follows from the second alone;
  logic [31:0] left_q [8], right_q [8];
  logic [31:0] total_q;
  always_ff @(posedge clk_i) begin
    if (other_q) begin
      left_q[seen_q[2:0]] <= seen_q;
      right_q[seen_q[5:3]] <= seen_q + 32'd3;
    end
  end
  always_ff @(posedge clk_i or negedge rst_nq) begin
    if (!rst_nq) total_q <= '0;
    else total_q <= total_q + (((right_q[3] + {right_q[3][3:0], right_q[3][31:4]}) ^ (right_q[2] + right_q[1])) + (left_q[3] ^ left_q[1]));
  end
  assign more_o[127:96] = total_q;

  // an index with a comparison in it, and a struct that is not packed.
  logic [31:0] either [2];
  typedef struct {
    logic [31:0] a;
    logic [31:0] b;
  } two_t;
  two_t two;
  always_comb begin
    either[0] = word_q;
    either[1] = ~word_q;
    either[seen_q[7:0] == 8'd3 || seen_q[7:0] >= 8'd100] = seen_q;
  end
  always_comb begin
    two.a = seen_q;
    two.b = seen_q * 32'd3;
  end
  assign more_o[159:128] = ((word_q + {word_q[3:0], word_q[31:4]}) ^ (either[0] + word_q)) + ((word_q << 3) ^ either[1]);
  assign more_o[191:160] = ((word_q + {word_q[3:0], word_q[31:4]}) ^ (two.a + word_q)) + ((word_q << 3) ^ two.b);
endmodule
