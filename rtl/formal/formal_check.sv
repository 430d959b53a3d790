/// tetra_check accepts exactly the documented set: docs/commands.md, "Limits", written once more with numbers too wide
/// to overflow, field by field. Op is the operation, so that each is a proof of its own; 0 is all that are none.
module formal_check #(
  parameter int N = 4,
  parameter int AccPixels = 64,
  parameter int Op = 0
) (
  input logic [tetra_pkg::CmdBits-1:0] cmd_i
);
  logic [3:0] cause, off;
`include "tetra_products.svh"
  logic [AllProductsW-1:0] all_products;
  assign all_products = products(cmd_i);
  tetra_check #(.N(N), .AccPixels(AccPixels)) u_dut (
    .valid_i(1'b1), .cmd_i, .products_i(all_products), .cause_o(cause)
  );
  tetra_check #(.N(N), .AccPixels(AccPixels)) u_off (
    .valid_i(1'b0), .cmd_i, .products_i(all_products), .cause_o(off)
  );

  logic [63:0] count, rows, row, windows, lines;
  logic [31:0] steps;
  logic        field, misaligned;
  logic [tetra_pkg::OpW-1:0] op;
  assign op = cmd_i[tetra_pkg::OpLsb +: tetra_pkg::OpW];

  // The words of a pooled section, by counting the rows that let a window's words out.
  logic first_even;
  always_comb begin
    count      = '0;
    steps      = '0;
    rows       = '0;
    row        = '0;
    windows    = '0;
    lines      = '0;
    first_even = 1'b0;
    field      = 1'b0;
    misaligned = 1'b0;
    if (Op == tetra_pkg::OpLoad) begin
      count      = 64'(cmd_i[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW]) *
                   64'(cmd_i[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW]);
      // Narrow 1 and 2 are for weights, 3 is for nothing.
      field      = count < 1 || count > 64'(tetra_pkg::MaxBufWords) ||
                   cmd_i[tetra_pkg::LoadNarrowLsb +: tetra_pkg::LoadNarrowW] == 2'd3 ||
                   (cmd_i[tetra_pkg::LoadNarrowLsb +: tetra_pkg::LoadNarrowW] != 2'd0 &&
                    cmd_i[tetra_pkg::LoadDstLsb +: tetra_pkg::LoadDstW] != 2'(tetra_pkg::BufWgt));
      misaligned = cmd_i[tetra_pkg::LoadAddrLsb +: tetra_pkg::LoadAddrW] % 32'(N) != 0 ||
                   cmd_i[tetra_pkg::LoadAddrStrideLsb +: tetra_pkg::LoadAddrStrideW] % 32'(N) != 0;
    end
    if (Op == tetra_pkg::OpPack) begin
      count = 64'(cmd_i[tetra_pkg::PackOyLsb +: tetra_pkg::PackOyW]) *
              64'(cmd_i[tetra_pkg::PackOxLsb +: tetra_pkg::PackOxW]);
      row   = 64'(cmd_i[tetra_pkg::PackKhLsb +: tetra_pkg::PackKhW]) *
              64'(cmd_i[tetra_pkg::PackSegLsb +: tetra_pkg::PackSegW]);
      field = count < 1 || count > 64'(AccPixels) || row < 1 || row > 64'(tetra_pkg::MaxBufWords) * 64'(N) ||
              cmd_i[tetra_pkg::PackSlotLsb +: tetra_pkg::PackSlotW] >= cmd_i[tetra_pkg::PackRingRowsLsb +: tetra_pkg::PackRingRowsW] ||
              cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW] < 1 ||
              cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW] > cmd_i[tetra_pkg::PackRingRowsLsb +: tetra_pkg::PackRingRowsW] ||
              64'(cmd_i[tetra_pkg::PackRowElemsLsb +: tetra_pkg::PackRowElemsW]) >= 64'd32768 ||
              64'(cmd_i[tetra_pkg::PackHLsb +: tetra_pkg::PackHW]) >= 64'd32768;
    end
    if (Op == tetra_pkg::OpCompute) begin
      count = 64'(cmd_i[tetra_pkg::CompOyLsb +: tetra_pkg::CompOyW]) *
              64'(cmd_i[tetra_pkg::CompOxLsb +: tetra_pkg::CompOxW]);
      // 16, 8 and 8 bits: 32 hold the product.
      steps = 32'(cmd_i[tetra_pkg::CompKbLsb +: tetra_pkg::CompKbW]) *
              32'(cmd_i[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW]) *
              32'(cmd_i[tetra_pkg::CompKwLsb +: tetra_pkg::CompKwW]);
      row   = 64'(steps);
      field = count < 1 || count > 64'(AccPixels) || row < 1 || row > 64'(tetra_pkg::MaxBufWords) ||
              64'(cmd_i[tetra_pkg::CompHLsb +: tetra_pkg::CompHW]) >= 64'd32768 ||
              64'(cmd_i[tetra_pkg::CompWLsb +: tetra_pkg::CompWW]) >= 64'd32768 ||
              (!cmd_i[tetra_pkg::CompAct8Lsb] && cmd_i[tetra_pkg::CompWgtBaseLsb +: tetra_pkg::CompWgtBaseW] % 2 != 0);
    end
    if (Op == tetra_pkg::OpStore) begin
      count = 64'(cmd_i[tetra_pkg::StorePixelsLsb +: tetra_pkg::StorePixelsW]);
      row   = 64'(cmd_i[tetra_pkg::StoreSegBeatsLsb +: tetra_pkg::StoreSegBeatsW]);
      field = count < 1 || count > 64'(AccPixels) || row < 1 ||
              32'(cmd_i[tetra_pkg::StoreOut0RndLsb +: tetra_pkg::StoreOut0RndW]) > tetra_pkg::RoundLast ||
              (cmd_i[tetra_pkg::StoreTwoOutLsb] &&
              32'(cmd_i[tetra_pkg::StoreOut1RndLsb +: tetra_pkg::StoreOut1RndW]) > tetra_pkg::RoundLast);
      if (cmd_i[tetra_pkg::StorePoolBeatsLsb +: tetra_pkg::StorePoolBeatsW] != 0) begin
        rows    = 64'(cmd_i[tetra_pkg::StorePoolRowsLsb +: tetra_pkg::StorePoolRowsW]);
        windows = (row + 64'(cmd_i[tetra_pkg::StorePoolPadXLsb])) / 2;
        // Row y of the tile is number y + ODD_Y; words come out at the even ones, but not at the plane's first row, and
        // at the tile's last row if it is odd and the plane ends with it.
        first_even = !cmd_i[tetra_pkg::StorePoolOddYLsb];
        lines      = (rows + (first_even ? 64'd1 : 64'd0)) / 2 - (first_even && cmd_i[tetra_pkg::StorePoolTopLsb] ?
                     64'd1 : 64'd0);
        if (cmd_i[tetra_pkg::StorePoolEndLsb] && (rows % 2 == (first_even ? 64'd0 : 64'd1))) lines = lines + 1;
        field = field || row < 2 ||
                32'(cmd_i[tetra_pkg::StoreResFormLsb +: tetra_pkg::StoreResFormW]) != tetra_pkg::ResFormNone ||
                count != rows * row ||
                         64'(cmd_i[tetra_pkg::StorePoolBeatsLsb +: tetra_pkg::StorePoolBeatsW]) != windows * lines;
      end
      misaligned = cmd_i[tetra_pkg::StoreSegStrideLsb +: tetra_pkg::StoreSegStrideW] % 32'(N) != 0 ||
                   cmd_i[tetra_pkg::StoreOut0AddrLsb +: tetra_pkg::StoreOut0AddrW] % 32'(N) != 0 ||
                   cmd_i[tetra_pkg::StoreOut0HalfStrideLsb +: tetra_pkg::StoreOut0HalfStrideW] % 32'(N) != 0 ||
                   (cmd_i[tetra_pkg::StoreTwoOutLsb] &&
                   (cmd_i[tetra_pkg::StoreOut1AddrLsb +: tetra_pkg::StoreOut1AddrW] % 32'(N) != 0 ||
                                              cmd_i[tetra_pkg::StoreOut1HalfStrideLsb +: tetra_pkg::StoreOut1HalfStrideW] % 32'(N) != 0));
    end
    assume (Op != 0 ? 32'(op) == Op : 32'(op) != tetra_pkg::OpLoad && 32'(op) != tetra_pkg::OpPack &&
                  32'(op) != tetra_pkg::OpCompute &&
                                      32'(op) != tetra_pkg::OpStore && 32'(op) != tetra_pkg::OpSync);
    if (Op == 0) assert (32'(cause) == tetra_pkg::ErrIllegalOp);
    else if (field) assert (32'(cause) == tetra_pkg::ErrIllegalField);
    else if (misaligned) assert (32'(cause) == tetra_pkg::ErrMisaligned);
    else assert (32'(cause) == tetra_pkg::ErrNone);
    assert (32'(off) == tetra_pkg::ErrNone);
  end
endmodule
