/// A memory that may give anything: what is proven with it holds for every content.
module tetra_sram #(
  parameter bit NibbleWrite = 1,
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
  (* anyseq *) logic [Width-1:0] any;
  assign rdata_o = any;
endmodule
