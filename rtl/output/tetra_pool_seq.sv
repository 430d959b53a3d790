/// Where a word of a pooled STORE stands in the 3x3 max pool of stride 2, and so what tetra_pool does with it.
///
/// The tile's rows pass pixel by pixel, a section (a half of an 8-bit output, or a 4-bit output) after the other. In a
/// row, counted with the padding on its left, an even pixel ends a window and begins the next, an odd one is a
/// window's middle, and ends it too where the row ends. Rows do the same with whole lines of windows, kept in the line
/// buffer; sections use consecutive pieces of it, so it holds the last line of each across tiles.
///
/// step_i counts one word; the outputs describe it in the same cycle.
module tetra_pool_seq #(
  /// words in the line buffer, a power of two
  parameter int PoolWords = 0
) (
  input  logic                         clk_i,
  /// the next word is the command's first
  input  logic                         begin_i,
  /// first line-buffer word of the command
  input  logic [$clog2(PoolWords)-1:0] line_i,
  /// a column of padding on the left
  input  logic                         pad_x_i,
  /// the tile's first row is a window's middle
  input  logic                         odd_y_i,
  /// the tile's first row is the plane's
  input  logic                         top_i,
  /// windows whose middle is the tile's last row are complete
  input  logic                         end_i,
  /// a word passes
  input  logic                         step_i,
  /// it is its row's last
  input  logic                         row_end_i,
  /// it is in the section's last row
  input  logic                         last_row_i,
  /// it is the section's last
  input  logic                         section_end_i,
  /// maximum with the words of its window before it
  output logic                         across_o,
  /// it begins a window of its own
  output logic                         open_o,
  /// it ends a window
  output logic                         close_o,
  /// maximum with the line buffer
  output logic                         down_o,
  /// the line buffer keeps this row's maximum alone
  output logic                         fresh_o,
  /// the result leaves
  output logic                         emit_o,
  /// line-buffer word
  output logic [$clog2(PoolWords)-1:0] line_o
);
  localparam int LineW = $clog2(PoolWords);

  logic             first_col_q, odd_x_q, odd_y_q, first_row_q;
  logic [LineW-1:0] line_q, row_q, line_next;

  assign across_o  = !first_col_q;
  assign open_o    = !odd_x_q;
  assign close_o   = odd_x_q ? row_end_i : !first_col_q;
  assign down_o    = !(first_row_q && top_i);
  assign fresh_o   = !odd_y_q;
  assign emit_o    = close_o && (odd_y_q ? end_i && last_row_i : down_o);
  assign line_o    = line_q;
  assign line_next = line_q + LineW'(close_o);

  always_ff @(posedge clk_i) begin
    if (begin_i) begin
      first_col_q <= 1'b1;
      odd_x_q     <= pad_x_i;
      first_row_q <= 1'b1;
      odd_y_q     <= odd_y_i;
      line_q      <= line_i;
      row_q       <= line_i;
    end else if (step_i) begin
      first_col_q <= row_end_i;
      odd_x_q     <= row_end_i ? pad_x_i : !odd_x_q;
      line_q      <= row_end_i && !section_end_i ? row_q : line_next;
      if (row_end_i) begin
        first_row_q <= section_end_i;
        odd_y_q     <= section_end_i ? odd_y_i : !odd_y_q;
      end
      if (section_end_i) row_q <= line_next;
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (step_i) begin
      begin : CommandsDoNotOverlap assert (!begin_i); end
      begin : SectionsAreWholeRows assert (!section_end_i || (row_end_i && last_row_i)); end
      // tetra_pool reads a line's word a cycle before it is used, and writes it a cycle after.
      begin : RowsHaveTwoPixels assert (!(row_end_i && first_col_q)); end
    end
  end
endmodule
