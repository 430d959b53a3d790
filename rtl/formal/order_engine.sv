/// A queue and the engine behind it, as far as tokens go: commands begin in order once tetra_token lets them, and come to
/// their end in order, each after any time; of a STORE first the drain, then the writing. Beside each command is what
/// its waits mean: how many of the commands before it, and of those that it waits for, have not come to their end.
module order_engine #(
  parameter int W = 16,      // bits of a count
  parameter int L = 3,       // commands in it
  parameter bit Stores = 0,  // the store engine
  parameter int Own = 0,     // token that counts its commands
  parameter int B = 2        // bits of a number of commands
) (
  input  logic           clk_i,
  input  logic           begin_i, drain_i, end_i,  // a command may begin, a STORE's drain end, a command end
  input  logic           push_i,
  input  logic [3:0]     en_i,
  input  logic [4*W-1:0] wait_i,
  input  logic [4*B-1:0] owe_i, left_i,            // by token: of those it waits for, of those before it
  input  logic [4*W-1:0] done_i,
  input  logic [3:0]     counted_i,                // counts that rise in this cycle
  output logic           drained_o, ended_o,
  output logic [B-1:0]   count_o, drained_count_o,
  output logic [L-1:0]   valid_o,
  output logic [4*B*L-1:0] left_o,
  output logic           can_go_on_o               // its oldest command has begun, or can
);
  localparam logic [W-1:0] Farthest = {1'b0, {W-1{1'b1}}};  // a count may be ahead of a wait

  logic [L:0][3:0]           en_q;
  logic [L:0][3:0][W-1:0]    wait_q;
  logic [L:0][3:0][B-1:0]    owe_q, owe_d, left_q, left_d;
  logic [B-1:0]              count_q, begun_q, drained_q, at;
  logic [3:0]                pending, first_en, first_late;
  logic [4*W-1:0]            first_wait;
  logic [3:0][W-1:0]         done;
  logic                      begins;
  initial begin
    count_q   = '0;
    begun_q   = '0;
    drained_q = '0;
    en_q      = '0;
    wait_q    = '0;
    owe_q     = '0;
    left_q    = '0;
  end

  assign done    = done_i;
  assign begins  = begin_i && begun_q != count_q && pending == '0;
  assign drained_o = Stores && drain_i && drained_q != begun_q;
  assign ended_o = end_i && (Stores ? drained_q != '0 : begun_q != '0);
  assign at      = count_q - B'(ended_o);
  assign count_o = count_q;
  assign drained_count_o = drained_q;

  // What counting leaves of what is not at its end.
  always_comb
    for (int k = 0; k <= L; k++)
      for (int t = 0; t < 4; t++) begin
        owe_d[k][t]  = owe_q[k][t] - B'(counted_i[t] && owe_q[k][t] != '0);
        left_d[k][t] = left_q[k][t] - B'(counted_i[t] && left_q[k][t] != '0);
      end

  always_ff @(posedge clk_i) begin
    count_q   <= at + B'(push_i);
    begun_q   <= begun_q + B'(begins) - B'(ended_o);
    drained_q <= drained_q + B'(drained_o) - B'(Stores && ended_o);
    for (int k = 0; k < L; k++) begin
      if (push_i && at == B'(k)) begin
        en_q[k]   <= en_i;
        wait_q[k] <= wait_i;
        owe_q[k]  <= owe_i;
        left_q[k] <= left_i;
      end else begin
        en_q[k]   <= ended_o ? en_q[k+1] : en_q[k];
        wait_q[k] <= ended_o ? wait_q[k+1] : wait_q[k];
        owe_q[k]  <= ended_o ? owe_d[k+1] : owe_d[k];
        left_q[k] <= ended_o ? left_d[k+1] : left_d[k];
      end
    end
  end

  // The first that has not begun, where tokens are compared.
  always_comb begin
    first_en   = '0;
    first_wait = '0;
    first_late = '0;
    for (int k = 0; k < L; k++)
      if (begun_q == B'(k) && B'(k) < count_q) begin
        first_en   = en_q[k];
        first_wait = wait_q[k];
        for (int t = 0; t < 4; t++) first_late[t] = en_q[k][t] && owe_q[k][t] != '0;
      end
  end
  // Counts of W bits are the upper ones of tetra_token's.
  logic [63:0] wide_wait, wide_done;
  for (genvar t = 0; t < 4; t++) begin : gen_wide
    assign wide_wait[16*t +: 16] = 16'(first_wait[W*t +: W]) << (16 - W);
    assign wide_done[16*t +: 16] = 16'(done_i[W*t +: W]) << (16 - W);
  end
  tetra_token u_token (.en_i(first_en), .wait_i(wide_wait), .done_i(wide_done), .pending_o(pending));
  assign can_go_on_o = begun_q != '0 || pending == '0;

  for (genvar k = 0; k < L; k++) begin : gen_out
    assign valid_o[k] = B'(k) < count_q;
    assign left_o[4*B*k +: 4*B] = left_q[k];
  end

  // The rule for engines that run ahead.
  always_comb
    for (int k = 0; k < L; k++)
      for (int t = 0; t < 4; t++)
        if (valid_o[k] && B'(k) >= begun_q && en_q[k][t] && counted_i[t])
          assume (done[t] - wait_q[k][t] != Farthest);

  always_comb begin
    assert (count_q <= B'(L) && begun_q <= count_q && drained_q <= begun_q);
    if (!Stores) assert (drained_q == '0);
    // A command begins neither before what it waits for is at its end nor, once it is, does it wait for more.
    assert (pending == first_late);
    assert (!begins || first_late == '0);
    for (int k = 0; k < L; k++)
      if (valid_o[k]) begin
        assert (left_q[k][Own] == B'(k));
        for (int t = 0; t < 4; t++)
          if (B'(k) >= begun_q && en_q[k][t]) begin
            assert (owe_q[k][t] <= left_q[k][t]);
            if (owe_q[k][t] != '0) assert (wait_q[k][t] - done[t] == W'(owe_q[k][t]));
            else assert (done[t] - wait_q[k][t] <= Farthest);
          end
      end
  end
endmodule
