/// No stream of commands deadlocks whose waits name commands before them, and whose engines take no count 2^15 (2^(W-1))
/// past what a command still waits for. The queues of load, compute and store, fed in the ring's order with any commands
/// that keep the rule, and a SYNC now and then; tokens are compared by tetra_token. Whatever is not at its end, the
/// command that comes first in the ring has begun or can begin, so that, engines and bus doing their part, every command
/// comes to its end: there are only so many before it. What is asserted holds in each cycle because it held in the one
/// before.
module formal_order #(
  parameter int W = 16,      // bits of a count
  parameter int L = 3        // commands that a queue and its engine hold
) (
  input logic           clk_i,
  input logic           issue_i,     // the ring's next command is handed out
  input logic [1:0]     engine_i,    // to load, compute, store; 3: it is a SYNC
  input logic [3:0]     en_i,
  input logic [4*W-1:0] wait_i,      // {store, drain, compute, load}
  input logic [2:0]     begin_i, end_i,
  input logic           drain_i
);
  localparam int B = $clog2(L + 1);
  logic [2:0][B-1:0]         count;
  logic [2:0][L-1:0]         valid;
  logic [2:0][L-1:0][3:0][B-1:0] left;   // by engine, place, token
  logic [2:0]                ended, can_go_on;
  logic                      drained, all_done, issue;
  logic [B-1:0]              drained_count;
  logic [3:0]                room, counted;
  logic [2:0][W-1:0]         issued_q;
  logic [3:0][W-1:0]         done_q, late;
  logic [3:0][B-1:0]         unended, owe;
  initial begin
    issued_q = '0;
    done_q   = '0;
  end

  assign counted  = {ended[2], drained, ended[1:0]};
  assign all_done = count == '0;
  assign room     = {all_done, count[2] != B'(L), count[1] != B'(L), count[0] != B'(L)};
  assign issue    = issue_i && room[engine_i];
  // Commands before the next one that are not at their end behind this cycle; of them those that it waits for.
  assign unended[0] = count[0] - B'(ended[0]);
  assign unended[1] = count[1] - B'(ended[1]);
  assign unended[2] = count[2] - drained_count - B'(drained);
  assign unended[3] = count[2] - B'(ended[2]);
  for (genvar t = 0; t < 4; t++) begin : gen_owe
    assign late[t] = issued_q[t == 3 ? 2 : t] - wait_i[W*t +: W];
    assign owe[t]  = late[t] < W'(unended[t]) ? unended[t] - late[t][B-1:0] : '0;
    // The rule for waits: they name a command before, and none that is too old.
    always_comb if (issue && en_i[t]) assume (late[t] < W'(1 << (W - 1)));
  end

  for (genvar e = 0; e < 3; e++) begin : gen_engine
    logic         e_drained;
    logic [B-1:0] e_drained_count;
    order_engine #(.W(W), .L(L), .B(B), .Stores(e == 2), .Own(e == 2 ? 3 : e)) u_engine (
      .clk_i, .begin_i(begin_i[e]), .drain_i, .end_i(end_i[e]),
      .push_i(issue && engine_i == 2'(e)), .en_i, .wait_i, .owe_i(owe), .left_i(unended), .done_i(done_q),
      .counted_i(counted), .drained_o(e_drained), .ended_o(ended[e]), .count_o(count[e]),
      .drained_count_o(e_drained_count), .valid_o(valid[e]), .left_o(left[e]), .can_go_on_o(can_go_on[e])
    );
    if (e == 2) begin : gen_store
      assign drained       = e_drained;
      assign drained_count = e_drained_count;
    end
  end

  always_ff @(posedge clk_i) begin
    for (int e = 0; e < 3; e++) issued_q[e] <= issued_q[e] + W'(issue && engine_i == 2'(e));
    for (int t = 0; t < 4; t++) done_q[t] <= done_q[t] + W'(counted[t]);
  end

  // By two commands, place and engine of each: whether the first precedes the second in the ring.
  localparam int All = 3 * L;
  logic [All-1:0]          there;
  logic [All-1:0][All-1:0] precedes;
  for (genvar e = 0; e < 3; e++) begin : gen_first
    for (genvar k = 0; k < L; k++) begin : gen_place
      assign there[e*L + k] = valid[e][k];
      for (genvar f = 0; f < 3; f++) begin : gen_second
        for (genvar j = 0; j < L; j++) begin : gen_place
          assign precedes[e*L + k][f*L + j] = valid[e][k] && valid[f][j] && left[f][j][e == 2 ? 3 : e] > B'(k);
        end
      end
    end
  end

  logic [2:0] goes_on;   // the engine's oldest command is the oldest of all and has begun, or can
  always_comb
    for (int e = 0; e < 3; e++)
      goes_on[e] = valid[e][0] && left[e][0] == '0 && can_go_on[e];

  always_comb begin
    // No count is ahead of what was handed out, or behind it by more than there is in the queue.
    for (int e = 0; e < 2; e++) assert (issued_q[e] - done_q[e] == W'(count[e]));
    assert (issued_q[2] - done_q[3] == W'(count[2]) && done_q[2] - done_q[3] == W'(drained_count));
    for (int e = 0; e < 3; e++)
      for (int k = 0; k < L; k++)
        if (valid[e][k]) begin
          for (int f = 0; f < 3; f++) assert (left[e][k][f == 2 ? 3 : f] <= count[f]);
          assert (left[e][k][2] == (left[e][k][3] > drained_count ? left[e][k][3] - drained_count : '0));
        end
    // The ring's order is one: of two commands one is the first, and what precedes one precedes what that precedes.
    for (int x = 0; x < All; x++)
      for (int y = 0; y < All; y++)
        if (x != y && there[x] && there[y]) begin
          assert (precedes[x][y] != precedes[y][x]);
          if (precedes[x][y]) assert ((precedes[y] & ~precedes[x]) == '0);
        end
    // Progress.
    if (!all_done) assert (goes_on != '0);
  end
endmodule
