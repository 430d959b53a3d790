/// Requantizer in Icarus: every rounding mode and residual form on 8-bit codes, against arithmetic in 128 bits.
module requant_tb;
  localparam int N = 4;
  logic clk, rst_n, valid, out_valid, pipe_empty;
  logic [32*N-1:0] acc;
  logic [128*N-1:0] par;
  logic [8*N-1:0] res, out;
  logic [1:0] form;
  logic [2:0] rnd;
  logic [7:0] sat;

  tetra_requant #(.N(N), .RowCycles(2)) dut (
    .clk_i(clk), .rst_ni(rst_n), .valid_i(valid), .half_i(1'b0), .word_end_i(1'b1), .acc_i(acc), .par_i(par),
    .res_i(res), .res_form_i(form), .res4_i(1'b0), .res_signed_i(1'b1), .res_zp_i(8'd3), .rnd_i(rnd), .bits4_i(1'b0),
    .signed_i(1'b1), .zp_i(8'hfb), .lo_i(8'h80), .hi_i(8'h7f), .empty_o(pipe_empty), .valid_o(out_valid),
    .data_o(out), .sat_o(sat)
  );

  // x / 2^s rounded, by looking at the remainder.
  function signed [127:0] divide(input signed [127:0] x, input integer s, input integer mode);
    reg signed [127:0] q, rem, d;
    begin
      if (mode == 4 && s > 31) begin
        q = divide31(x);
        divide = plain(q, s - 31, 3);
      end else begin
        divide = plain(x, s, mode == 4 ? 1 : mode);
      end
    end
  endfunction
  function signed [127:0] divide31(input signed [127:0] x);
    divide31 = plain(x, 31, 1);
  endfunction
  function signed [127:0] plain(input signed [127:0] x, input integer s, input integer mode);
    reg signed [127:0] q, rem, d;
    begin
      d   = 128'sd1 <<< s;
      q   = x >>> s;
      rem = x - q * d;
      if (mode != 0) begin
        if (2 * rem > d) q = q + 1;
        else if (2 * rem == d)
          if (mode == 1 || (mode == 2 && q[0]) || (mode == 3 && x >= 0)) q = q + 1;
      end
      plain = q;
    end
  endfunction

  reg signed [31:0] a_v, b_v;
  reg signed [15:0] fr_v;
  reg signed [127:0] x, rm, y, acc_x;
  reg [31:0] m_v, mr_v;
  reg [7:0] res_v, want [0:N-1];
  integer f, m, i, l, errors, seed, s, sr, lr, checked;

  initial begin
    errors = 0;
    checked = 0;
    seed = 5;
    rst_n = 1'b0;
    clk = 1'b0;
    valid = 1'b0;
    #1 clk = 1'b1;
    #1 clk = 1'b0;
    rst_n = 1'b1;
    for (f = 0; f < 4; f = f + 1)
      for (m = 0; m < 5; m = m + 1)
        for (i = 0; i < 60; i = i + 1) begin
          form = f[1:0];
          rnd  = m[2:0];
          for (l = 0; l < N; l = l + 1) begin
            a_v = $random(seed) >>> ($random(seed) & 15);
            b_v = $random(seed) >>> 14;
            a_v = a_v >>> 2;
            m_v = ($random(seed) & 32'h7fffffff) >> ($random(seed) & 7);
            s   = 20 + ($random(seed) & 31);
            if (i % 3 == 0) begin  // ties
              s   = 2 + ($random(seed) & 15);
              a_v = ($random(seed) >>> 24) * 2 + 1 - b_v;
              m_v = 32'd1 << (s - 1);
            end
            mr_v  = i % 3 == 0 ? 0 : ($random(seed) & 32'h7fffffff) >> 6;
            sr    = 10 + ($random(seed) & 15);
            lr    = f == 3 ? $random(seed) & 1 : $random(seed) & 15;
            res_v = $random(seed);
            acc[32*l +: 32]   = a_v;
            fr_v  = i % 3 == 0 ? 0 : $random(seed);
            par[128*l +: 128] = {fr_v[15:2], lr[5:0], sr[5:0], s[5:0], fr_v[1], mr_v[30:0], fr_v[0], m_v[30:0], b_v};
            res[8*l +: 8]     = res_v;
            acc_x = a_v + b_v;
            rm    = f == 0 ? 0 : ($signed(res_v) - 3) * $signed({96'd0, mr_v});
            if (f == 3) acc_x = (acc_x <<< lr) + plain((rm + 1024) >>> 11, sr, 3);
            x = acc_x * $signed({96'd0, m_v});
            x = x + (fr_v <<< (15 + (f == 3 ? lr : 0)));
            if (f == 1) x = x + (rm <<< lr);
            y = divide(x, s, m) - 5;
            if (f == 2) y = y + divide(rm, sr, m);
            want[l] = y < -128 ? 8'h80 : y > 127 ? 8'h7f : y[7:0];
          end
          valid = 1'b1;
          #1 clk = 1'b1;
          #1 clk = 1'b0;
          valid = 1'b0;
          repeat (8) begin
            #1 clk = 1'b1;
            #1 clk = 1'b0;
          end
          #1;
          for (l = 0; l < N; l = l + 1) begin
            checked = checked + 1;
            if (out_valid !== 1'b1 || out[8*l +: 8] !== want[l]) begin
              errors = errors + 1;
              if (errors < 10) $display("form %0d mode %0d case %0d lane %0d: %h instead of %h", f, m, i, l, out[8*l +: 8], want[l]);
            end
          end
        end
    if (errors == 0 && checked == 4800) $display("PASS");
    $finish;
  end
endmodule
