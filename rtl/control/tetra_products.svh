// The products of a command's fields that tetra_check compares, begun one step ahead of it: of each, what the lower and
// what the upper half of one factor make, which is added up where it is compared. Exact in the widths in which they are
// taken; where a factor is cut, tetra_check looks at what is cut off. Included where AccPixels, the pixels in an
// accumulator buffer, is known.

  // Bits of a number up to AccPixels, and of the lower half of one; of a number that is multiplied by one of 8 bits.
  localparam int PixW = $clog2(AccPixels) + 1;
  localparam int PixLowW = PixW / 2;
  localparam int WideW = 20;
  // All of them side by side: count_high, count_low, pixels_high, pixels_low, lines, windows.
  //   count    LOAD: beats * count, as far as one of them has 8 bits; PACK: elements of a window; COMPUTE: blocks * rows
  //   pixels   PACK and COMPUTE: oy * ox; STORE with a pool: rows * pixels in a row; of PixW bits each
  //   lines, windows   STORE with a pool: rows and columns of windows
  localparam int AllProductsW = 2 * (WideW + 4) + 2 * PixW + PixW + 2 * PixW;

  // The factors of count: a wide one and one of 8 bits. Of a LOAD's whichever has 8 bits is the small one.
  function automatic logic [WideW+7:0] count_factors(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [tetra_pkg::LoadBeatsW-1:0] beats;
    logic [tetra_pkg::LoadCountW-1:0] count;
    beats = cmd[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW];
    count = cmd[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW];
    count_factors = '0;
    case (32'(cmd[tetra_pkg::OpLsb +: tetra_pkg::OpW]))
      tetra_pkg::OpLoad: begin
        if (count[15:8] != '0) count_factors = {WideW'(count), beats[7:0]};
        else count_factors = {WideW'(beats), count[7:0]};
      end
      tetra_pkg::OpPack: begin
        count_factors = {WideW'(cmd[tetra_pkg::PackSegLsb +: tetra_pkg::PackSegW]),
                         cmd[tetra_pkg::PackKhLsb +: tetra_pkg::PackKhW]};
      end
      tetra_pkg::OpCompute: begin
        count_factors = {WideW'(cmd[tetra_pkg::CompKbLsb +: tetra_pkg::CompKbW]),
                         cmd[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW]};
      end
      default: ;
    endcase
  endfunction

  // Those of pixels.
  function automatic logic [2*PixW-1:0] pixel_factors(input logic [tetra_pkg::CmdBits-1:0] cmd);
    pixel_factors = '0;
    case (32'(cmd[tetra_pkg::OpLsb +: tetra_pkg::OpW]))
      tetra_pkg::OpPack:    pixel_factors = {cmd[tetra_pkg::PackOyLsb +: PixW], cmd[tetra_pkg::PackOxLsb +: PixW]};
      tetra_pkg::OpCompute: pixel_factors = {cmd[tetra_pkg::CompOyLsb +: PixW], cmd[tetra_pkg::CompOxLsb +: PixW]};
      tetra_pkg::OpStore:
        pixel_factors = {cmd[tetra_pkg::StorePoolRowsLsb +: PixW], cmd[tetra_pkg::StoreSegBeatsLsb +: PixW]};
      default: ;
    endcase
  endfunction

  // Rows that end a window: the even ones but the plane's first, and at the end of the plane the last if it is odd.
  function automatic logic [PixW-1:0] window_lines(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [PixW-1:0] rows;
    logic            even;
    rows = cmd[tetra_pkg::StorePoolRowsLsb +: PixW];
    even = !cmd[tetra_pkg::StorePoolOddYLsb];
    window_lines = ((rows + PixW'(even)) >> 1) - PixW'(cmd[tetra_pkg::StorePoolTopLsb] && even) +
                   PixW'(cmd[tetra_pkg::StorePoolEndLsb] && rows[0] != even);
  endfunction

  function automatic logic [AllProductsW-1:0] products(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [WideW-1:0]  wide;
    logic [7:0]        small8;
    logic [PixW-1:0]   a, b, windows;
    {wide, small8} = count_factors(cmd);
    {a, b}         = pixel_factors(cmd);
    windows  = (cmd[tetra_pkg::StoreSegBeatsLsb +: PixW] + PixW'(cmd[tetra_pkg::StorePoolPadXLsb])) >> 1;
    products = {(WideW+4)'(wide) * (WideW+4)'(small8[7:4]), (WideW+4)'(wide) * (WideW+4)'(small8[3:0]),
                (2*PixW-PixLowW)'(a) * (2*PixW-PixLowW)'(b[PixW-1:PixLowW]),
                (PixW+PixLowW)'(a) * (PixW+PixLowW)'(b[PixLowW-1:0]), window_lines(cmd), windows};
  endfunction
