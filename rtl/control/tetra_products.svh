// The products of a command's fields that tetra_check compares, one step ahead of it. Exact in the widths in which they
// are taken; where an operand is cut, tetra_check looks at what is cut off. Included where AccPixels, the pixels in an
// accumulator buffer, is known.

  // Bits of a number up to AccPixels; of all products, side by side:
  //   count    LOAD: beats * count, as far as one of them has 8 bits; PACK: elements of a window; COMPUTE: blocks * rows
  //   pixels   PACK and COMPUTE: oy * ox; STORE with a pool: rows * pixels in a row; of PixW bits each
  //   lines, windows   STORE with a pool: rows and columns of windows
  localparam int PixW = $clog2(AccPixels) + 1;
  localparam int AllProductsW = 32 + 4 * PixW;

  // Whichever has 8 bits is the small factor.
  function automatic logic [31:0] words(input logic [19:0] a, input logic [15:0] b);
    logic [19:0] wide;
    logic [7:0]  low8;
    wide  = b[15:8] != '0 ? {4'b0, b} : a;
    low8  = b[15:8] != '0 ? a[7:0] : b[7:0];
    words = 32'(wide) * 32'(low8);
  endfunction

  function automatic logic [2*PixW-1:0] area(input logic [PixW-1:0] a, input logic [PixW-1:0] b);
    area = (2*PixW)'(a) * (2*PixW)'(b);
  endfunction

  // Rows that end a window: the even ones but the plane's first, and at the end of the plane the last if it is odd.
  function automatic logic [PixW-1:0] window_lines(input logic [PixW-1:0] rows, input logic odd, input logic top,
                                            input logic plane_end);
    window_lines = ((rows + PixW'(!odd)) >> 1) - PixW'(top && !odd) + PixW'(plane_end && rows[0] == odd);
  endfunction

  function automatic logic [AllProductsW-1:0] products(input logic [tetra_pkg::CmdBits-1:0] cmd);
    logic [31:0]       count_f;
    logic [2*PixW-1:0] pixels_f;
    logic [PixW-1:0]   rows_f, row_f, lines_f, windows_f;
    count_f   = '0;
    pixels_f  = '0;
    lines_f   = '0;
    windows_f = '0;
    rows_f    = PixW'(cmd[tetra_pkg::StorePoolRowsLsb +: tetra_pkg::StorePoolRowsW]);
    row_f     = PixW'(cmd[tetra_pkg::StoreSegBeatsLsb +: tetra_pkg::StoreSegBeatsW]);
    case (32'(cmd[tetra_pkg::OpLsb +: tetra_pkg::OpW]))
      tetra_pkg::OpLoad: begin
        count_f = words(20'(cmd[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW]),
                        16'(cmd[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW]));
      end
      tetra_pkg::OpPack: begin
        count_f  = 32'(cmd[tetra_pkg::PackKhLsb +: tetra_pkg::PackKhW]) *
                   32'(cmd[tetra_pkg::PackSegLsb +: tetra_pkg::PackSegW]);
        pixels_f = area(cmd[tetra_pkg::PackOyLsb +: PixW], cmd[tetra_pkg::PackOxLsb +: PixW]);
      end
      tetra_pkg::OpCompute: begin
        count_f  = 32'(cmd[tetra_pkg::CompKbLsb +: tetra_pkg::CompKbW]) *
                   32'(cmd[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW]);
        pixels_f = area(cmd[tetra_pkg::CompOyLsb +: PixW], cmd[tetra_pkg::CompOxLsb +: PixW]);
      end
      tetra_pkg::OpStore: begin
        pixels_f  = area(rows_f, row_f);
        lines_f   = window_lines(rows_f, cmd[tetra_pkg::StorePoolOddYLsb], cmd[tetra_pkg::StorePoolTopLsb],
                          cmd[tetra_pkg::StorePoolEndLsb]);
        windows_f = (row_f + PixW'(cmd[tetra_pkg::StorePoolPadXLsb])) >> 1;
      end
      default: ;
    endcase
    products = {count_f, pixels_f, lines_f, windows_f};
  endfunction
