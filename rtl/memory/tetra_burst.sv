/// Splits runs of beats into AXI bursts: at most 64 beats, none across a 4 KiB boundary. One burst a cycle.
///
/// A run given with load_i shows its first burst in the next cycle; step_i takes the burst that shows and shows the run's
/// next. Whatever decides a burst's length is worked out one burst ahead, in beats of its page, so that only a selection
/// stands in front of the outputs and no sum in front of another: a burst is 64 beats, what is left of the run, or what
/// is left of the page, and only the last of these leaves the page.
module tetra_burst #(
  /// bytes in a beat
  parameter int N = 0
) (
  input  logic        clk_i,
  /// a run begins
  input  logic        load_i,
  /// its first byte's address, a multiple of N
  input  logic [31:0] addr_i,
  /// its beats, >= 1
  input  logic [19:0] beats_i,
  /// the burst is taken, which lies inside; with its run's last one a run may be loaded, and must be before another step
  input  logic        step_i,
  /// lowest byte address allowed, in the cycle in which the run is loaded
  input  logic [31:0] mem_base_i,
  /// highest one, likewise
  input  logic [31:0] mem_limit_i,
  /// byte address of the burst; 0 where the run goes on past the last address
  output logic [31:0] addr_o,
  /// its beats, 1..64
  output logic [6:0]  beats_o,
  /// it is its run's last
  output logic        last_o,
  /// it lies inside
  output logic        in_range_o
);
  localparam int LogN = $clog2(N);
  localparam int PageBeats = tetra_pkg::PageBytes / N;
  localparam int OffW = $clog2(PageBeats);
  localparam logic [OffW:0] Page = (OffW + 1)'(PageBeats);
  localparam logic [OffW:0] Most = (OffW + 1)'(tetra_pkg::BurstBeats);

  // The burst that shows. In beats: its place in its page, from there to the page's end, left of the run, and from the
  // page's begin to the run's end.
  logic [19:0]     page_q, page;
  logic [OffW-1:0] off_q, off;
  logic [OffW:0]   room_q, room;
  logic [19:0]     left_q, left;
  logic [20:0]     end_q, run_end;
  logic            most_q, most, last_q, leave_q;  // it is of 64 beats; its run's last; the next is in the next page
  logic            base_q, low_q, edge_q;     // not below the window; in a page below the limit's; in the limit's
  logic [20:0]     gap_q, gap;                // pages to the limit's, signed
  logic [OffW:0]   limit_q;                   // beats of the limit's page, up to the limit

  logic unused_offset;
  assign unused_offset = ^addr_i[LogN-1:0];

  // The next burst is worked out where one is loaded or taken only: it costs the simulation nothing in between.
  always_ff @(posedge clk_i) begin
    if (load_i || step_i) begin
      page    = page_q;
      off     = off_q + OffW'(Most);
      room    = room_q - Most;
      left    = left_q - 20'(tetra_pkg::BurstBeats);
      run_end = end_q;
      gap     = gap_q;
      if (load_i) begin
        page    = addr_i[31:12];
        off     = addr_i[LogN +: OffW];
        room    = Page - {1'b0, off};
        left    = beats_i;
        run_end = {1'b0, beats_i} + 21'(off);
        gap     = {1'b0, mem_limit_i[31:12]} - {1'b0, page};
      end else if (leave_q) begin
        page    = page_q + 1'b1;
        off     = '0;
        room    = Page;
        run_end = {end_q[20:OffW] - 1'b1, end_q[OffW-1:0]};
        left    = run_end[19:0];
        gap     = gap_q - 1'b1;
      end
      most = left >= 20'(tetra_pkg::BurstBeats) && room >= Most;
      page_q  <= page;
      off_q   <= off;
      room_q  <= room;
      left_q  <= left;
      end_q   <= run_end;
      gap_q   <= gap;
      most_q  <= most;
      last_q  <= most ? left == 20'(tetra_pkg::BurstBeats) : run_end <= 21'(Page);
      leave_q <= !most || room == Most;
      if (load_i) begin
        base_q  <= addr_i >= mem_base_i;
        low_q   <= addr_i[31:12] < mem_limit_i[31:12];
        edge_q  <= addr_i[31:12] == mem_limit_i[31:12];
        limit_q <= {1'b0, mem_limit_i[LogN +: OffW]} + (OffW + 1)'(mem_limit_i[LogN-1:0] == '1);
      end else if (leave_q) begin
        low_q  <= low_q && gap_q != 21'd1;
        edge_q <= gap_q == 21'd1;
      end
    end
  end

  // A burst ends in its page, so the limit matters in the limit's page only; what fills its page does if the limit ends it.
  assign addr_o     = {page_q, off_q, {LogN{1'b0}}};
  assign beats_o    = most_q ? 7'(tetra_pkg::BurstBeats) : last_q ? left_q[6:0] : 7'(room_q);
  assign last_o     = last_q;
  assign in_range_o = base_q && (low_q || (edge_q && (most_q ? {1'b0, off_q} + Most <= limit_q :
                                                      last_q ? end_q <= 21'(limit_q) : limit_q == Page)));

  always_ff @(posedge clk_i) begin : Checks
    if (load_i) begin
      begin : RunIsOfWholeBeats assert (addr_i[LogN-1:0] == '0 && beats_i != '0); end
    end
  end
endmodule
