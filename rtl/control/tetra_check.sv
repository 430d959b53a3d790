/// Checks one command against the rules of docs/commands.md, with its fields' products of tetra_products.svh. Combinational.
///
/// A command that passes can do no harm whatever its fields hold: it ends, because its loops are not empty, their
/// bounds fit their counters, and it makes at most MaxBufWords beats, k-steps or packed words a pixel, over at most
/// AccPixels pixels; its DRAM addresses are aligned (their range is checked burst by burst), its buffer addresses wrap.
module tetra_check #(
  /// bytes in a beat
  parameter int N = 0,
  /// pixels in an accumulator buffer
  parameter int AccPixels = 0
) (
  /// a command is there; without it nothing is computed, and cause_o is ERR_NONE
  input  logic                          valid_i,
  input  logic [tetra_pkg::CmdBits-1:0] cmd_i,
  /// products(cmd_i)
  input  logic [2*24+5*($clog2(AccPixels)+1)-1:0] products_i,
  /// ERR_NONE, ERR_ILLEGAL_OP, ERR_ILLEGAL_FIELD or ERR_MISALIGNED
  output logic [3:0]                    cause_o
);
`include "tetra_products.svh"

  localparam int LogN = $clog2(N);
  localparam logic [3:0] None = 4'(tetra_pkg::ErrNone);
  localparam logic [3:0] Field = 4'(tetra_pkg::ErrIllegalField);
  localparam logic [3:0] Misaligned = 4'(tetra_pkg::ErrMisaligned);

  logic [WideW+3:0]         count_high, count_low;
  logic [2*PixW-PixLowW-1:0] pixels_high;
  logic [PixW+PixLowW-1:0]  pixels_low;
  logic [PixW-1:0]          pool_lines, pool_windows;
  assign {count_high, count_low, pixels_high, pixels_low, pool_lines, pool_windows} = products_i;

  // The products, added up.
  function automatic logic [31:0] all_count();
    all_count = (32'(count_high) << 4) + 32'(count_low);
  endfunction
  function automatic logic [2*PixW-1:0] all_pixels();
    all_pixels = ((2*PixW)'(pixels_high) << PixLowW) + (2*PixW)'(pixels_low);
  endfunction

  // Are a * b words more than a buffer can have, 2^16? If both numbers are 256 or more they are, but for 256 * 256; else
  // one has 8 bits, and their product is known.
  function automatic logic too_many(input logic [19:0] a, input logic [15:0] b, input logic [31:0] product);
    too_many = b[15:8] != '0 && a[19:8] != '0 ? a != 20'd256 || b != 16'd256 :
               product > 32'(tetra_pkg::MaxBufWords);
  endfunction

  // Are a * b pixels none, or more than an accumulator buffer has?
  function automatic logic pixels_are_bad(input logic [15:0] a, input logic [15:0] b, input logic [2*PixW-1:0] product);
    pixels_are_bad = a == '0 || b == '0 || a > 16'(AccPixels) || b > 16'(AccPixels) || product > (2*PixW)'(AccPixels);
  endfunction

  function automatic logic [3:0] check_load(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [tetra_pkg::LoadBeatsW-1:0] beats;
    logic [tetra_pkg::LoadCountW-1:0] count;
    logic [31:0] narrow;
    beats  = cmd[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW];
    count  = cmd[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW];
    narrow = 32'(cmd[tetra_pkg::LoadNarrowLsb +: tetra_pkg::LoadNarrowW]);
    check_load = beats == '0 || count == '0 || too_many(beats, count, all_count()) || narrow > tetra_pkg::NarrowHigh ||
                 (narrow != tetra_pkg::NarrowNone &&
                  32'(cmd[tetra_pkg::LoadDstLsb +: tetra_pkg::LoadDstW]) != tetra_pkg::BufWgt) ? Field :
                 cmd[tetra_pkg::LoadAddrLsb +: LogN] != '0 ||
                 cmd[tetra_pkg::LoadAddrStrideLsb +: LogN] != '0 ? Misaligned : None;
  endfunction

  // Coordinates are signed 16-bit numbers, so extents stay below 2^15; the ring walks at most one turn a step.
  function automatic logic [3:0] check_pack(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [tetra_pkg::PackRingRowsW-1:0] ring, slot, step;
    ring   = cmd[tetra_pkg::PackRingRowsLsb +: tetra_pkg::PackRingRowsW];
    slot   = cmd[tetra_pkg::PackSlotLsb +: tetra_pkg::PackSlotW];
    step   = cmd[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW];
    check_pack = pixels_are_bad(cmd[tetra_pkg::PackOyLsb +: tetra_pkg::PackOyW],
                                cmd[tetra_pkg::PackOxLsb +: tetra_pkg::PackOxW], all_pixels()) ||
                 all_count() == '0 || all_count() > 32'(tetra_pkg::MaxBufWords * N) ||
                 slot >= ring || step == '0 || step > ring ||
                 cmd[tetra_pkg::PackRowElemsLsb+tetra_pkg::PackRowElemsW-1] ||
                 cmd[tetra_pkg::PackHLsb+tetra_pkg::PackHW-1] ? Field : None;
  endfunction

  // K-steps are the product of three numbers: that of the first two is compared with what the third leaves of the bound.
  // That is a constant for each third number, in an array: of one vector and an index Yosys makes a shifter, in minutes.
  localparam int StepsW = $clog2(tetra_pkg::MaxBufWords) + 1;
  logic [StepsW-1:0] quotients [1 << tetra_pkg::CompKwW];
  always_comb begin
    quotients[0] = '0;
    for (int i = 1; i < 1 << tetra_pkg::CompKwW; i++) quotients[i] = StepsW'(tetra_pkg::MaxBufWords / i);
  end

  function automatic logic [3:0] check_compute(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [StepsW-1:0] most;
    most = quotients[cmd[tetra_pkg::CompKwLsb +: tetra_pkg::CompKwW]];
    check_compute = pixels_are_bad(cmd[tetra_pkg::CompOyLsb +: tetra_pkg::CompOyW],
                                   cmd[tetra_pkg::CompOxLsb +: tetra_pkg::CompOxW], all_pixels()) ||
                    all_count() == '0 || all_count() > 32'(most) ||
                    cmd[tetra_pkg::CompHLsb+tetra_pkg::CompHW-1] || cmd[tetra_pkg::CompWLsb+tetra_pkg::CompWW-1] ||
                    (!cmd[tetra_pkg::CompAct8Lsb] && cmd[tetra_pkg::CompWgtBaseLsb]) ? Field : None;
  endfunction

  // The write engine waits for as many words as a section announces: they must be what tetra_pool_seq lets out. No more
  // than a tile's rows and pixels is multiplied.
  function automatic logic pool_is_bad(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [tetra_pkg::StorePixelsW-1:0]    pixels;
    logic [tetra_pkg::StoreSegBeatsW-1:0]  all_row;
    logic [tetra_pkg::StorePoolRowsW-1:0]  all_rows;
    logic [tetra_pkg::StorePoolBeatsW-1:0] beats;
    pixels    = cmd[tetra_pkg::StorePixelsLsb +: tetra_pkg::StorePixelsW];
    all_row   = cmd[tetra_pkg::StoreSegBeatsLsb +: tetra_pkg::StoreSegBeatsW];
    all_rows  = cmd[tetra_pkg::StorePoolRowsLsb +: tetra_pkg::StorePoolRowsW];
    beats     = cmd[tetra_pkg::StorePoolBeatsLsb +: tetra_pkg::StorePoolBeatsW];
    pool_is_bad = all_row < 16'd2 ||
                  32'(cmd[tetra_pkg::StoreResFormLsb +: tetra_pkg::StoreResFormW]) != tetra_pkg::ResFormNone ||
                  all_rows > 16'(AccPixels) || all_row > 16'(AccPixels) ||
                  32'(pixels) != 32'(all_pixels()) || 32'(beats) != 32'(pool_windows) * 32'(pool_lines);
  endfunction

  function automatic logic [3:0] check_store(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [tetra_pkg::StorePixelsW-1:0]  pixels;
    logic [tetra_pkg::StoreOut0RndW-1:0] rnd0, rnd1;
    logic                                two_out, pooled;
    pixels  = cmd[tetra_pkg::StorePixelsLsb +: tetra_pkg::StorePixelsW];
    rnd0    = cmd[tetra_pkg::StoreOut0RndLsb +: tetra_pkg::StoreOut0RndW];
    rnd1    = cmd[tetra_pkg::StoreOut1RndLsb +: tetra_pkg::StoreOut1RndW];
    two_out = cmd[tetra_pkg::StoreTwoOutLsb];
    pooled  = cmd[tetra_pkg::StorePoolBeatsLsb +: tetra_pkg::StorePoolBeatsW] != '0;
    check_store = pixels == '0 || 32'(pixels) > 32'(AccPixels) ||
                  cmd[tetra_pkg::StoreSegBeatsLsb +: tetra_pkg::StoreSegBeatsW] == '0 ||
                  32'(rnd0) > tetra_pkg::RoundLast || (two_out && 32'(rnd1) > tetra_pkg::RoundLast) ||
                  (pooled && pool_is_bad(cmd)) ? Field :
                  cmd[tetra_pkg::StoreSegStrideLsb +: LogN] != '0 ||
                  cmd[tetra_pkg::StoreOut0AddrLsb +: LogN] != '0 ||
                  cmd[tetra_pkg::StoreOut0HalfStrideLsb +: LogN] != '0 ||
                  (two_out && (cmd[tetra_pkg::StoreOut1AddrLsb +: LogN] != '0 ||
                               cmd[tetra_pkg::StoreOut1HalfStrideLsb +: LogN] != '0)) ? Misaligned : None;
  endfunction

  // What is exact is so for these widths.
  initial begin : Sizes
    begin : WordsFit
      assert (tetra_pkg::LoadBeatsW == WideW && tetra_pkg::LoadCountW == 16 && tetra_pkg::MaxBufWords == 1 << 16);
    end
    begin : CountsFit
      assert (tetra_pkg::PackSegW <= WideW && tetra_pkg::CompKbW <= WideW && tetra_pkg::PackKhW == 8 &&
              tetra_pkg::CompKhW == 8);
    end
    begin : PixelsFit
      assert (PixW <= tetra_pkg::PackOyW && PixW <= tetra_pkg::PackOxW && PixW <= tetra_pkg::CompOyW &&
              PixW <= tetra_pkg::CompOxW && PixW <= tetra_pkg::StorePoolRowsW && PixW <= tetra_pkg::StoreSegBeatsW);
    end
    begin : ProductsFit assert ($bits(products_i) == AllProductsW); end
    begin : PixelsFitTheirField assert (AccPixels < 1 << tetra_pkg::StorePixelsW); end
    begin : PixelCountsFit
      assert (tetra_pkg::PackOyW <= 16 && tetra_pkg::PackOxW <= 16 && tetra_pkg::CompOyW <= 16 &&
              tetra_pkg::CompOxW <= 16);
    end
  end

  always_comb begin
    cause_o = None;
    if (valid_i) begin
      case (32'(cmd_i[tetra_pkg::OpLsb +: tetra_pkg::OpW]))
        tetra_pkg::OpLoad:    cause_o = check_load(cmd_i);
        tetra_pkg::OpPack:    cause_o = check_pack(cmd_i);
        tetra_pkg::OpCompute: cause_o = check_compute(cmd_i);
        tetra_pkg::OpStore:   cause_o = check_store(cmd_i);
        tetra_pkg::OpSync:    cause_o = None;
        default:              cause_o = 4'(tetra_pkg::ErrIllegalOp);
      endcase
    end
  end
endmodule
