/// Processing element in Icarus: both activation signs, all modes, every activation byte with random weight words.
module pe_tb;
  logic               act8, wgt8, sgn;
  logic        [7:0]  a;
  logic        [15:0] w;
  logic signed [31:0] lane0, lane1;

  tetra_pe dut (.act8_i(act8), .wgt8_i(wgt8), .act_signed_i(sgn), .a_i(a), .w_i(w), .lane0_o(lane0), .lane1_o(lane1));

  integer mode, code, k, errors, al, ah, e0, e1, seed;

  // Signed value of a nibble.
  function integer s4(input [3:0] x);
    s4 = x[3] ? x - 16 : x;
  endfunction
  function integer s8(input [7:0] x);
    s8 = x[7] ? x - 256 : x;
  endfunction

  initial begin
    errors = 0;
    seed   = 1;
    for (mode = 0; mode < 8; mode = mode + 1)
      for (code = 0; code < 256; code = code + 1)
        for (k = 0; k < 40; k = k + 1) begin
          {sgn, wgt8, act8} = mode[2:0];
          a = code[7:0];
          w = $random(seed);
          if (act8) w[15:8] = w[7:0];
          #1;
          // The low nibble of an 8-bit code is unsigned; the high one carries the rest.
          al = (!act8 && sgn) ? s4(a[3:0]) : a[3:0];
          ah = act8 ? (sgn ? s8(a) : a) - a[3:0] : sgn ? s4(a[7:4]) : a[7:4];
          e0 = wgt8 ? al * s8(w[7:0]) + ah * s8(w[15:8]) : al * s4(w[3:0]) + ah * s4(w[11:8]);
          e1 = wgt8 ? 0 : al * s4(w[7:4]) + ah * s4(w[15:12]);
          if (lane0 !== e0 || lane1 !== e1) begin
            errors = errors + 1;
            if (errors < 10)
              $display("mode %b a %h w %h: %0d %0d instead of %0d %0d", mode[2:0], a, w, lane0, lane1, e0, e1);
          end
        end
    if (errors == 0) $display("PASS");
    $finish;
  end
endmodule
