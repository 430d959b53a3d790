/// rtl/common/tetra_sram.sv for FPGAs: the same ports, parameters and behaviour. A word's low and high nibbles are two memories
/// with a write enable each, so that no tool reads a word to write half of it.
module tetra_sram #(
  parameter int NibbleWrite = 0,
  parameter int Width = 0,
  parameter int Depth = 0
) (
  input  logic                     clk_i,
  input  logic                     we_i,
  input  logic                     keep_low_i,
  input  logic [$clog2(Depth)-1:0] waddr_i,
  input  logic [Width-1:0]         wdata_i,
  input  logic                     re_i,
  input  logic [$clog2(Depth)-1:0] raddr_i,
  output logic [Width-1:0]         rdata_o
);
  if (NibbleWrite != 0) begin : gen_nibbles
    logic [Width/2-1:0] low [Depth], high [Depth], low_in, high_in, low_q, high_q;
    for (genvar i = 0; i < Width/8; i++) begin : gen_bytes
      assign low_in[4*i +: 4]  = wdata_i[8*i +: 4];
      assign high_in[4*i +: 4] = wdata_i[8*i + 4 +: 4];
      assign rdata_o[8*i +: 8] = {high_q[4*i +: 4], low_q[4*i +: 4]};
    end
    always_ff @(posedge clk_i) begin
      if (we_i) high[waddr_i] <= high_in;
      if (re_i) high_q <= high[raddr_i];
    end
    always_ff @(posedge clk_i) begin
      if (we_i && !keep_low_i) low[waddr_i] <= low_in;
      if (re_i) low_q <= low[raddr_i];
    end
  end else begin : gen_words
    logic [Width-1:0] mem [Depth];
    logic unused_keep_low;
    assign unused_keep_low = keep_low_i;
    always_ff @(posedge clk_i) begin
      if (we_i) mem[waddr_i] <= wdata_i;
      if (re_i) rdata_o <= mem[raddr_i];
    end
  end
endmodule
