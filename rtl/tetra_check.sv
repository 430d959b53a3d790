/// Checks one command against the rules of docs/architecture.md. Combinational.
///
/// A command that passes can do no harm whatever its fields hold: loops are not empty, loop bounds fit their counters,
/// DRAM addresses are aligned (their range is checked burst by burst), buffer addresses wrap.
module tetra_check #(
  /// bytes in a beat
  parameter int N = 0,
  /// pixels in an accumulator buffer
  parameter int AccPixels = 0
) (
  /// the command
  input  logic [tetra_pkg::CmdBits-1:0] cmd_i,
  /// ERR_NONE, ERR_ILLEGAL_OP, ERR_ILLEGAL_FIELD or ERR_MISALIGNED
  output logic [3:0]   cause_o
);
  localparam int LogN = $clog2(N);
  // Numbers up to AccPixels.
  localparam int PixW = $clog2(AccPixels) + 1;

  logic load_bad, load_mis, pack_bad, comp_bad, store_bad, store_mis;

  // ---- LOAD ----
  assign load_bad = cmd_i[tetra_pkg::LoadBeatsLsb +: tetra_pkg::LoadBeatsW] == '0 ||
                    cmd_i[tetra_pkg::LoadCountLsb +: tetra_pkg::LoadCountW] == '0;
  assign load_mis = cmd_i[tetra_pkg::LoadAddrLsb +: LogN] != '0 ||
                    cmd_i[tetra_pkg::LoadAddrStrideLsb +: LogN] != '0;

  // ---- PACK ----
  // Coordinates are signed 16-bit numbers, so extents stay below 2^15; the ring walks at most one turn a step.
  logic [tetra_pkg::PackRingRowsW-1:0] ring;
  logic [tetra_pkg::PackSlotW-1:0]     slot;
  logic [tetra_pkg::PackSyW-1:0]       pack_sy;
  logic                                pack_empty;
  assign ring       = cmd_i[tetra_pkg::PackRingRowsLsb +: tetra_pkg::PackRingRowsW];
  assign slot       = cmd_i[tetra_pkg::PackSlotLsb +: tetra_pkg::PackSlotW];
  assign pack_sy    = cmd_i[tetra_pkg::PackSyLsb +: tetra_pkg::PackSyW];
  assign pack_empty = cmd_i[tetra_pkg::PackKhLsb +: tetra_pkg::PackKhW] == '0 ||
                      cmd_i[tetra_pkg::PackSegLsb +: tetra_pkg::PackSegW] == '0 ||
                      cmd_i[tetra_pkg::PackOyLsb +: tetra_pkg::PackOyW] == '0 ||
                      cmd_i[tetra_pkg::PackOxLsb +: tetra_pkg::PackOxW] == '0;
  assign pack_bad   = pack_empty || ring == '0 || slot >= ring || pack_sy == '0 || pack_sy > ring ||
                      cmd_i[tetra_pkg::PackRowElemsLsb+tetra_pkg::PackRowElemsW-1] ||
                      cmd_i[tetra_pkg::PackHLsb+tetra_pkg::PackHW-1];

  // ---- COMPUTE ----
  logic        comp_empty;
  logic [31:0] comp_pixels;
  assign comp_pixels = 32'(cmd_i[tetra_pkg::CompOyLsb +: tetra_pkg::CompOyW]) *
                       32'(cmd_i[tetra_pkg::CompOxLsb +: tetra_pkg::CompOxW]);
  assign comp_empty  = cmd_i[tetra_pkg::CompKbLsb +: tetra_pkg::CompKbW] == '0 ||
                       cmd_i[tetra_pkg::CompKhLsb +: tetra_pkg::CompKhW] == '0 ||
                       cmd_i[tetra_pkg::CompKwLsb +: tetra_pkg::CompKwW] == '0 || comp_pixels == '0;
  assign comp_bad    = comp_empty || comp_pixels > 32'(AccPixels) ||
                       cmd_i[tetra_pkg::CompHLsb+tetra_pkg::CompHW-1] ||
                       cmd_i[tetra_pkg::CompWLsb+tetra_pkg::CompWW-1] ||
                       (!cmd_i[tetra_pkg::CompAct8Lsb] && cmd_i[tetra_pkg::CompWgtBaseLsb]);

  // ---- STORE ----
  logic [tetra_pkg::StorePixelsW-1:0]    store_pixels;
  logic [tetra_pkg::StoreSegBeatsW-1:0]  seg_beats;
  logic [tetra_pkg::StorePoolBeatsW-1:0] pool_beats;
  logic [tetra_pkg::StorePoolRowsW-1:0]  pool_rows;
  logic [tetra_pkg::StoreOut0RndW-1:0]   rnd0, rnd1;
  logic                                  two_out, no_res;
  assign store_pixels = cmd_i[tetra_pkg::StorePixelsLsb +: tetra_pkg::StorePixelsW];
  assign seg_beats    = cmd_i[tetra_pkg::StoreSegBeatsLsb +: tetra_pkg::StoreSegBeatsW];
  assign pool_beats   = cmd_i[tetra_pkg::StorePoolBeatsLsb +: tetra_pkg::StorePoolBeatsW];
  assign pool_rows    = cmd_i[tetra_pkg::StorePoolRowsLsb +: tetra_pkg::StorePoolRowsW];
  assign rnd0         = cmd_i[tetra_pkg::StoreOut0RndLsb +: tetra_pkg::StoreOut0RndW];
  assign rnd1         = cmd_i[tetra_pkg::StoreOut1RndLsb +: tetra_pkg::StoreOut1RndW];
  assign two_out      = cmd_i[tetra_pkg::StoreTwoOutLsb];
  assign no_res       = 32'(cmd_i[tetra_pkg::StoreResFormLsb +: tetra_pkg::StoreResFormW]) == tetra_pkg::ResFormNone;

  // The write engine waits for as many words as a section announces: they must be what tetra_pool_seq lets out. No more
  // than a tile's rows and pixels is multiplied.
  logic [PixW-1:0] rows, row, lines, windows;
  logic            pool_odd, pool_top, pool_fits, pool_bad;
  assign pool_odd  = cmd_i[tetra_pkg::StorePoolOddYLsb];
  assign pool_top  = cmd_i[tetra_pkg::StorePoolTopLsb];
  assign rows      = PixW'(pool_rows);
  assign row       = PixW'(seg_beats);
  // Rows that end a window: the even ones but the plane's first, and at the end of the plane the last if it is odd.
  assign lines     = ((rows + PixW'(!pool_odd)) >> 1) - PixW'(pool_top && !pool_odd) +
                     PixW'(cmd_i[tetra_pkg::StorePoolEndLsb] && rows[0] == pool_odd);
  assign windows   = (row + PixW'(cmd_i[tetra_pkg::StorePoolPadXLsb])) >> 1;
  assign pool_fits = 16'(rows) == pool_rows && rows <= PixW'(AccPixels) && 16'(row) == seg_beats &&
                     row <= PixW'(AccPixels) && 32'(store_pixels) == 32'(rows) * 32'(row);
  assign pool_bad  = pool_beats != '0 &&
                     (seg_beats < 16'd2 || !no_res || !pool_fits || 32'(pool_beats) != 32'(windows) * 32'(lines));

  assign store_bad = store_pixels == '0 || 32'(store_pixels) > 32'(AccPixels) || seg_beats == '0 ||
                     32'(rnd0) > tetra_pkg::RoundLast || (two_out && 32'(rnd1) > tetra_pkg::RoundLast) || pool_bad;
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
