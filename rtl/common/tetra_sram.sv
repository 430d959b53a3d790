/// On-chip SRAM with one write and one read port: the only place where storage is described, so that a foundry macro
/// can replace it.
///
/// Latency: rdata_o is registered; it shows the word addressed in the cycle before in which re_i was high, and holds
/// otherwise. Collision rule: reading the address that is being written returns the OLD word. Contents are undefined
/// until written. With NibbleWrite a write may spare the low halves of the word's bytes (a mask of two bits).
module tetra_sram #(
  /// 1: keep_low_i counts; 0: it is 0
  parameter int NibbleWrite = 0,
  /// bits in a word
  parameter int Width = 0,
  /// words
  parameter int Depth = 0
) (
  input  logic                     clk_i,
  input  logic                     we_i,
  /// bits 0 to 3 of every byte stay as they are
  input  logic                     keep_low_i,
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

  if (NibbleWrite != 0) begin : gen_nibbles
    localparam logic [Width-1:0] Low = {Width/8{8'h0f}};
    always_ff @(posedge clk_i) begin
      if (we_i) mem[waddr_i] <= keep_low_i ? (wdata_i & ~Low) | (mem[waddr_i] & Low) : wdata_i;
    end
  end else begin : gen_words
    logic unused_keep_low;
    assign unused_keep_low = keep_low_i;
    always_ff @(posedge clk_i) begin
      if (we_i) mem[waddr_i] <= wdata_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (re_i) rdata_o <= mem[raddr_i];
  end
endmodule
