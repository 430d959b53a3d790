/// On-chip buffers: activations, weights, residuals and image rows, parameters.
///
/// One write port for all (the load engine's), registered: a word is there two cycles after it was given, in time for the
/// first who learns of it. One read port each with one cycle of latency. The weight and residual
/// buffers are two banks each, of even and odd (half-)words; the parameter buffer is 16 banks, so that a whole entry is
/// read at once whatever N is.
module tetra_buffers #(
  /// bytes in a word
  parameter int N = 0,
  /// activation words
  parameter int ActWords = 0,
  /// weight half-words
  parameter int WgtWords = 0,
  /// residual words
  parameter int ResWords = 0,
  /// parameter entries
  parameter int ParEntries = 0
) (
  input  logic                          clk_i,
  input  logic [8*N-1:0]                wr_data_i,
  /// word in the buffer selected; wraps modulo its size
  input  logic [15:0]                   wr_addr_i,
  input  logic                          act_we_i,
  input  logic                          wgt_we_i,
  /// a write of weights spares the low halves of bytes
  input  logic                          wgt_keep_low_i,
  input  logic                          res_we_i,
  input  logic                          par_we_i,
  input  logic                          act_re_i,
  /// word
  input  logic [$clog2(ActWords)-1:0]   act_addr_i,
  output logic [8*N-1:0]                act_data_o,
  /// read both weight banks
  input  logic                          wgt_re_i,
  /// word in each bank
  input  logic [$clog2(WgtWords)-2:0]   wgt_addr_i,
  /// half-word of the even bank
  output logic [8*N-1:0]                wgt_even_o,
  /// and of the odd one
  output logic [8*N-1:0]                wgt_odd_o,
  /// PACK reads both residual banks (has precedence)
  input  logic                          pack_re_i,
  /// word in the even bank
  input  logic [15:0]                   pack_even_addr_i,
  /// and in the odd one
  input  logic [15:0]                   pack_odd_addr_i,
  /// word of the even bank
  output logic [8*N-1:0]                res_even_o,
  /// and of the odd one
  output logic [8*N-1:0]                res_odd_o,
  /// the drain sequencer reads one residual word (not while PACK reads)
  input  logic                          res_re_i,
  /// word
  input  logic [$clog2(ResWords)-1:0]   res_addr_i,
  /// residual word for the drain sequencer
  output logic [8*N-1:0]                res_data_o,
  input  logic                          par_re_i,
  /// entry
  input  logic [$clog2(ParEntries)-1:0] par_addr_i,
  /// N records of 128 bits
  output logic [128*N-1:0]              par_data_o
);
  localparam int ActW = $clog2(ActWords);
  localparam int WgtW = $clog2(WgtWords);
  localparam int ResW = $clog2(ResWords);
  localparam int ParW = $clog2(ParEntries);

  // The address of a word goes to 22 memories.
  logic           act_we_q, wgt_we_q, res_we_q, par_we_q, keep_low_q;
  logic [8*N-1:0] data_q;
  logic [15:0]    addr_q;
  always_ff @(posedge clk_i) begin
    act_we_q <= act_we_i;
    wgt_we_q <= wgt_we_i;
    res_we_q <= res_we_i;
    par_we_q <= par_we_i;
    if (act_we_i || wgt_we_i || res_we_i || par_we_i) begin
      keep_low_q <= wgt_keep_low_i;
      data_q     <= wr_data_i;
      addr_q     <= wr_addr_i;
    end
  end

  tetra_sram #(.NibbleWrite(0), .Width(8*N), .Depth(ActWords)) u_act (
    .clk_i, .we_i(act_we_q), .keep_low_i(1'b0), .waddr_i(addr_q[ActW-1:0]), .wdata_i(data_q),
    .re_i(act_re_i), .raddr_i(act_addr_i), .rdata_o(act_data_o)
  );

  tetra_sram #(.NibbleWrite(1), .Width(8*N), .Depth(WgtWords/2)) u_wgt_even (
    .clk_i, .we_i(wgt_we_q && !addr_q[0]), .keep_low_i(keep_low_q), .waddr_i(addr_q[WgtW-1:1]), .wdata_i(data_q),
    .re_i(wgt_re_i), .raddr_i(wgt_addr_i), .rdata_o(wgt_even_o)
  );
  tetra_sram #(.NibbleWrite(1), .Width(8*N), .Depth(WgtWords/2)) u_wgt_odd (
    .clk_i, .we_i(wgt_we_q && addr_q[0]), .keep_low_i(keep_low_q), .waddr_i(addr_q[WgtW-1:1]), .wdata_i(data_q),
    .re_i(wgt_re_i), .raddr_i(wgt_addr_i), .rdata_o(wgt_odd_o)
  );

  tetra_sram #(.NibbleWrite(0), .Width(8*N), .Depth(ResWords/2)) u_res_even (
    .clk_i, .we_i(res_we_q && !addr_q[0]), .keep_low_i(1'b0), .waddr_i(addr_q[ResW-1:1]), .wdata_i(data_q),
    .re_i(pack_re_i || (res_re_i && !res_addr_i[0])),
    .raddr_i(pack_re_i ? pack_even_addr_i[ResW-2:0] : res_addr_i[ResW-1:1]), .rdata_o(res_even_o)
  );
  tetra_sram #(.NibbleWrite(0), .Width(8*N), .Depth(ResWords/2)) u_res_odd (
    .clk_i, .we_i(res_we_q && addr_q[0]), .keep_low_i(1'b0), .waddr_i(addr_q[ResW-1:1]), .wdata_i(data_q),
    .re_i(pack_re_i || (res_re_i && res_addr_i[0])),
    .raddr_i(pack_re_i ? pack_odd_addr_i[ResW-2:0] : res_addr_i[ResW-1:1]), .rdata_o(res_odd_o)
  );

  logic res_odd_q;
  always_ff @(posedge clk_i) begin
    if (res_re_i) res_odd_q <= res_addr_i[0];
  end
  assign res_data_o = res_odd_q ? res_odd_o : res_even_o;

  // One bit a bank, so that a simulation that writes none looks at sixteen bits and compares nothing.
  logic [15:0] par_we;
  always_comb begin
    par_we = '0;
    if (par_we_q) par_we[addr_q[3:0]] = 1'b1;
  end
  for (genvar p = 0; p < 16; p++) begin : gen_par
    localparam int Lsb = 8 * N * p;
    logic [8*N-1:0] piece;
    // Genvars stay out of port connections: Icarus 11 would make them implicit wires.
    logic           we;
    assign we = par_we[p];
    tetra_sram #(.NibbleWrite(0), .Width(8*N), .Depth(ParEntries)) u_par (
      .clk_i, .we_i(we), .keep_low_i(1'b0), .waddr_i(addr_q[ParW+3:4]), .wdata_i(data_q),
      .re_i(par_re_i), .raddr_i(par_addr_i), .rdata_o(piece)
    );
    assign par_data_o[Lsb +: 8*N] = piece;
  end

  // Address bits above a buffer's size wrap.
  logic unused_addr;
  assign unused_addr = ^{addr_q, pack_even_addr_i, pack_odd_addr_i};

  always_ff @(posedge clk_i) begin : Checks
    begin : PackAndDrainApart
      if (res_re_i) assert (!pack_re_i);
    end
  end
endmodule
