/// On-chip SRAM with one write and one read port: the only place where storage is described, so that a foundry macro
/// can replace it.
///
/// Latency: rdata_o is registered; it shows the word addressed in the cycle before in which re_i was high, and holds
/// otherwise. Collision rule: reading the address that is being written returns the OLD word. Contents are undefined
/// until written.
module tetra_sram #(
  /// bits in a word
  parameter int Width = 0,
  /// words
  parameter int Depth = 0
) (
  input  logic                     clk_i,
  input  logic                     we_i,
  /// write address
  input  logic [$clog2(Depth)-1:0] waddr_i,
  input  logic [Width-1:0]         wdata_i,
  input  logic                     re_i,
  /// read address
  input  logic [$clog2(Depth)-1:0] raddr_i,
  /// word read, one cycle later
  output logic [Width-1:0]         rdata_o
);
  logic [Width-1:0] mem [Depth];

  always_ff @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
    if (re_i) rdata_o <= mem[raddr_i];
  end
endmodule
