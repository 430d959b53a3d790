/// Checks one command against the rules of docs/architecture.md. Combinational.
///
/// A command that passes can do no harm whatever its fields hold: loops are not empty, loop bounds fit their counters,
/// DRAM addresses are aligned (their range is checked burst by burst), buffer addresses wrap.
module tetra_check #(
  /// bytes in a beat
  parameter int N = 4,
  /// pixels in an accumulator buffer
  parameter int AccPixels = 256
) (
  /// the command
  input  logic [511:0] cmd_i,
  /// ERR_NONE, ERR_ILLEGAL_OP, ERR_ILLEGAL_FIELD or ERR_MISALIGNED
  output logic [3:0]   cause_o
);
  localparam int LogN = $clog2(N);

  logic        load_bad, pack_bad, comp_bad, store_bad, load_mis, store_mis, two_out;
  logic [31:0] comp_pixels;
  logic [15:0] store_pixels;

  assign load_bad = cmd_i[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW] == '0 ||
                    cmd_i[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW] == '0;
  assign load_mis = cmd_i[tetra_pkg::LoadAddrLsb +: LogN] != '0 || cmd_i[tetra_pkg::LoadAddrStrideLsb +: LogN] != '0;

  // Coordinates are signed 16-bit numbers, so extents stay below 2^15; the ring walks at most one turn a step.
  assign pack_bad = cmd_i[tetra_pkg::PackRingRowsLsb +: 8] == '0 || cmd_i[tetra_pkg::PackKhLsb +: 8] == '0 ||
                    cmd_i[tetra_pkg::PackSlotLsb +: 8] >= cmd_i[tetra_pkg::PackRingRowsLsb +: 8] ||
                    cmd_i[tetra_pkg::PackSegLsb +: 16] == '0 || cmd_i[tetra_pkg::PackOyLsb +: 16] == '0 ||
                    cmd_i[tetra_pkg::PackOxLsb +: 16] == '0 || cmd_i[tetra_pkg::PackSyLsb +: 8] == '0 ||
                    cmd_i[tetra_pkg::PackSyLsb +: 8] > cmd_i[tetra_pkg::PackRingRowsLsb +: 8] ||
                    cmd_i[tetra_pkg::PackRowElemsLsb + 15] || cmd_i[tetra_pkg::PackHLsb + 15];

  assign comp_pixels = 32'(cmd_i[tetra_pkg::CompOyLsb +: 16]) * 32'(cmd_i[tetra_pkg::CompOxLsb +: 16]);
  assign comp_bad = cmd_i[tetra_pkg::CompKbLsb +: 16] == '0 || cmd_i[tetra_pkg::CompKhLsb +: 8] == '0 ||
                    cmd_i[tetra_pkg::CompKwLsb +: 8] == '0 || comp_pixels == '0 || comp_pixels > 32'(AccPixels) ||
                    cmd_i[tetra_pkg::CompHLsb + 15] || cmd_i[tetra_pkg::CompWLsb + 15] ||
                    (!cmd_i[tetra_pkg::CompAct8Lsb] && cmd_i[tetra_pkg::CompWgtBaseLsb]);

  // The write engine waits for as many words as a section announces: they must be what tetra_pool_seq lets out. No more
  // than a tile's rows and pixels is multiplied.
  localparam int PixW = $clog2(AccPixels) + 1;
  logic [15:0]     pool_beats, pool_rows, pool_row;
  logic [PixW-1:0] rows, row, lines, windows;
  logic            pool_odd, pool_top, pool_bad;
  assign pool_beats = cmd_i[tetra_pkg::StorePoolBeatsLsb +: 16];
  assign pool_rows  = cmd_i[tetra_pkg::StorePoolRowsLsb +: 16];
  assign pool_row   = cmd_i[tetra_pkg::StoreSegBeatsLsb +: 16];
  assign pool_odd   = cmd_i[tetra_pkg::StorePoolOddYLsb];
  assign pool_top   = cmd_i[tetra_pkg::StorePoolTopLsb];
  assign rows       = PixW'(pool_rows);
  assign row        = PixW'(pool_row);
  // Rows that end a window: the even ones but the plane's first, and at the end of the plane the last if it is odd.
  assign lines      = ((rows + PixW'(!pool_odd)) >> 1) - PixW'(pool_top && !pool_odd) +
                      PixW'(cmd_i[tetra_pkg::StorePoolEndLsb] && rows[0] == pool_odd);
  assign windows    = (row + PixW'(cmd_i[tetra_pkg::StorePoolPadXLsb])) >> 1;
  assign pool_bad   = pool_beats != '0 &&
                      (pool_row < 16'd2 || cmd_i[tetra_pkg::StoreResFormLsb +: 2] != 2'd0 ||
                       16'(rows) != pool_rows || rows > PixW'(AccPixels) || 16'(row) != pool_row || row > PixW'(AccPixels) ||
                       32'(store_pixels) != 32'(rows) * 32'(row) || 32'(pool_beats) != 32'(windows) * 32'(lines));

  assign two_out      = cmd_i[tetra_pkg::StoreTwoOutLsb];
  assign store_pixels = cmd_i[tetra_pkg::StorePixelsLsb +: 16];
  assign store_bad = store_pixels == '0 || 32'(store_pixels) > 32'(AccPixels) ||
                     cmd_i[tetra_pkg::StoreSegBeatsLsb +: 16] == '0 || cmd_i[tetra_pkg::StoreOut0RndLsb +: 3] > 3'd4 ||
                     (two_out && cmd_i[tetra_pkg::StoreOut1RndLsb +: 3] > 3'd4) || pool_bad;
  assign store_mis = cmd_i[tetra_pkg::StoreSegStrideLsb +: LogN] != '0 ||
                     cmd_i[tetra_pkg::StoreOut0AddrLsb +: LogN] != '0 ||
                     cmd_i[tetra_pkg::StoreOut0HalfStrideLsb +: LogN] != '0 ||
                     (two_out && (cmd_i[tetra_pkg::StoreOut1AddrLsb +: LogN] != '0 ||
                                  cmd_i[tetra_pkg::StoreOut1HalfStrideLsb +: LogN] != '0));

  always_comb begin
    cause_o = 4'(tetra_pkg::ErrNone);
    case (32'(cmd_i[tetra_pkg::OpLsb +: tetra_pkg::OpW]))
      tetra_pkg::OpLoad:
        cause_o = load_bad ? 4'(tetra_pkg::ErrIllegalField) : load_mis ? 4'(tetra_pkg::ErrMisaligned) : cause_o;
      tetra_pkg::OpPack:    cause_o = pack_bad ? 4'(tetra_pkg::ErrIllegalField) : cause_o;
      tetra_pkg::OpCompute: cause_o = comp_bad ? 4'(tetra_pkg::ErrIllegalField) : cause_o;
      tetra_pkg::OpStore:
        cause_o = store_bad ? 4'(tetra_pkg::ErrIllegalField) : store_mis ? 4'(tetra_pkg::ErrMisaligned) : cause_o;
      tetra_pkg::OpSync: ;
      default: cause_o = 4'(tetra_pkg::ErrIllegalOp);
    endcase
  end

  logic unused_cmd;
  assign unused_cmd = ^cmd_i;
endmodule
