/// 4x4 array in Icarus: 16 k-steps of 4 to 7 pixels back to back in each mode, weights right behind the wavefront.
module array_tb;
  localparam int N = 4;
  localparam int Steps = 16;
  localparam int Cycles = 160;

  logic clk, rst_n;
  logic act8, wgt8, sgn, w_load;
  logic [1:0] w_row;
  logic [16*N-1:0] w_data;
  logic [8*N-1:0] a;
  logic [N-1:0] tag;
  logic [32*N-1:0] y0, y1;

  tetra_array #(.N(N)) dut (
    .clk_i(clk), .rst_ni(rst_n), .en_i(1'b1), .act8_i(act8), .wgt8_i(wgt8), .act_signed_i(sgn), .w_load_i(w_load),
    .w_row_i(w_row), .w_data_i(w_data), .a_i(a), .tag_i(tag), .y0_o(y0), .y1_o(y1)
  );

  // By cycle of row 0: the pixel, its k-step (-1: none), whether it swaps.
  reg [8*N-1:0] pixel [0:Cycles-1];
  integer       step_of [0:Cycles-1];
  reg           swap [0:Cycles-1];
  integer       start [0:Steps-1];
  reg [15:0]    weight [0:Steps*N*N-1];
  integer mode, t, k, r, c, i, errors, checked, seed, e0, e1, p;

  function integer s4(input [3:0] x);
    s4 = x[3] ? x - 16 : x;
  endfunction
  function integer s8(input [7:0] x);
    s8 = x[7] ? x - 256 : x;
  endfunction
  // Plain dot product of column col, output half h.
  function integer dot(input [8*N-1:0] px, input integer step, input integer col, input integer h);
    integer row, sum;
    reg [7:0] b;
    reg [15:0] w;
    begin
      sum = 0;
      for (row = 0; row < N; row = row + 1) begin
        b = px[row*8 +: 8];
        w = weight[(step*N + row)*N + col];
        if (act8) begin
          sum = sum + (sgn ? s8(b) : b) * (wgt8 ? s8(w[7:0]) : h == 1 ? s4(w[7:4]) : s4(w[3:0]));
        end else begin
          sum = sum + (sgn ? s4(b[3:0]) : b[3:0]) * (wgt8 ? s8(w[7:0]) : h == 1 ? s4(w[7:4]) : s4(w[3:0]));
          sum = sum + (sgn ? s4(b[7:4]) : b[7:4]) * (wgt8 ? s8(w[15:8]) : h == 1 ? s4(w[15:12]) : s4(w[11:8]));
        end
      end
      dot = sum;
    end
  endfunction

  initial begin
    errors = 0;
    checked = 0;
    seed = 7;
    for (mode = 0; mode < 8; mode = mode + 1) begin
      {sgn, wgt8, act8} = mode[2:0];
      for (i = 0; i < Steps*N*N; i = i + 1) begin
        weight[i] = $random(seed);
        if (act8) weight[i][15:8] = weight[i][7:0];
      end
      for (t = 0; t < Cycles; t = t + 1) begin
        pixel[t] = $random(seed);
        step_of[t] = -1;
        swap[t] = 1'b0;
      end
      t = N + 2;
      for (k = 0; k < Steps; k = k + 1) begin
        start[k] = t;
        swap[t] = 1'b1;
        p = N + ($random(seed) & 3);
        for (i = 0; i < p; i = i + 1) step_of[t+i] = k;
        t = t + p;
      end
      rst_n = 1'b0;
      clk = 1'b0;
      w_load = 1'b0;
      #1 clk = 1'b1;
      #1 clk = 1'b0;
      rst_n = 1'b1;
      for (t = 0; t < Cycles; t = t + 1) begin
        for (r = 0; r < N; r = r + 1) begin
          a[r*8 +: 8] = t >= r ? pixel[t-r] >> (8*r) : 8'h5a;
          tag[r]      = t >= r ? swap[t-r] : 1'b0;
        end
        w_load = 1'b0;
        for (k = 0; k < Steps; k = k + 1)
          for (r = 0; r < N; r = r + 1)
            if (t == (k == 0 ? 1 : start[k-1] + N - 1) + r) begin
              w_load = 1'b1;
              w_row  = r[1:0];
              for (c = 0; c < N; c = c + 1) w_data[c*16 +: 16] = weight[(k*N + r)*N + c];
            end
        #1;
        for (c = 0; c < N; c = c + 1)
          if (t >= N + 2 + c && step_of[t-N-2-c] >= 0) begin
            e0 = dot(pixel[t-N-2-c], step_of[t-N-2-c], c, 0);
            e1 = wgt8 ? 0 : dot(pixel[t-N-2-c], step_of[t-N-2-c], c, 1);  // lane 1 stands still with 8-bit weights
            checked = checked + 1;
            if (y0[c*32 +: 32] !== e0 || (!wgt8 && y1[c*32 +: 32] !== e1)) begin
              errors = errors + 1;
              if (errors < 10)
                $display("mode %b cycle %0d column %0d: %0d %0d instead of %0d %0d", mode[2:0], t, c,
                         $signed(y0[c*32 +: 32]), $signed(y1[c*32 +: 32]), e0, e1);
            end
          end
        clk = 1'b1;
        #1 clk = 1'b0;
      end
    end
    if (errors == 0 && checked > 8 * Steps * N * N) $display("PASS");
    $finish;
  end
endmodule
