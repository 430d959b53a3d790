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
  logic [19:0]     page_q;
  logic [OffW-1:0] off_q, off;
  logic [OffW:0]   room_q, room;
  logic [19:0]     left_q, left;
  logic [20:0]     end_q, run_end;
  logic            most_q, last_q, leave_q;   // it is of 64 beats; its run's last; the next is in the next page
  logic            in_q;                      // it lies inside
  logic            base_q;                    // not below the window
  logic            low_q, low, at_limit;      // in a page below the limit's; in the limit's
  logic [20:0]     gap_q;                     // pages to the limit's, signed
  logic [OffW:0]   limit_q, limit;            // beats of the limit's page, up to the limit

  logic unused_offset;
  assign unused_offset = ^addr_i[LogN-1:0];

  // {most, last, leave} of a burst.
  function automatic logic [2:0] shape(input logic [19:0] left_f, input logic [OffW:0] room_f, input logic [20:0] end_f);
    logic most;
    most  = left_f >= 20'(tetra_pkg::BurstBeats) && room_f >= Most;
    shape = {most, most ? left_f == 20'(tetra_pkg::BurstBeats) : end_f <= 21'(Page), !most || room_f == Most};
  endfunction

  // A burst ends in its page, so the limit matters in the limit's page only; what fills its page does if the limit ends it.
  function automatic logic below(input logic most_f, input logic last_f, input logic [OffW-1:0] off_f, input logic [20:0] end_f,
                                 input logic [OffW:0] limit_f);
    below = most_f ? {1'b0, off_f} + Most <= limit_f : last_f ? end_f <= 21'(limit_f) : limit_f == Page;
  endfunction

  // A run's first burst and the one behind that which shows are each made by themselves, and which of them it is decides
  // last: that a run is loaded or a burst taken is known late in the cycle. Both cost the simulation nothing in between.
  logic [2:0] kind;
  always_ff @(posedge clk_i) begin
    if (load_i || step_i) begin
      if (load_i) begin
        off      = addr_i[LogN +: OffW];
        room     = Page - {1'b0, off};
        left     = beats_i;
        run_end  = {1'b0, beats_i} + 21'(off);
        low      = addr_i[31:12] < mem_limit_i[31:12];
        at_limit = addr_i[31:12] == mem_limit_i[31:12];
        limit    = {1'b0, mem_limit_i[LogN +: OffW]} + (OffW + 1)'(mem_limit_i[LogN-1:0] == '1);
        kind     = shape(left, room, run_end);
        in_q    <= addr_i >= mem_base_i && (low || (at_limit && below(kind[2], kind[1], off, run_end, limit)));
        page_q  <= addr_i[31:12];
        gap_q   <= {1'b0, mem_limit_i[31:12]} - {1'b0, addr_i[31:12]};
        base_q  <= addr_i >= mem_base_i;
        limit_q <= limit;
      end else begin
        off      = off_q + OffW'(Most);
        room     = room_q - Most;
        left     = left_q - 20'(tetra_pkg::BurstBeats);
        run_end  = end_q;
        low      = low_q;
        at_limit = gap_q == '0;
        if (leave_q) begin
          off      = '0;
          room     = Page;
          run_end  = {end_q[20:OffW] - 1'b1, end_q[OffW-1:0]};
          left     = run_end[19:0];
          low      = low_q && gap_q != 21'd1;
          at_limit = gap_q == 21'd1;
          page_q  <= page_q + 1'b1;
          gap_q   <= gap_q - 1'b1;
        end
        kind  = shape(left, room, run_end);
        in_q <= base_q && (low || (at_limit && below(kind[2], kind[1], off, run_end, limit_q)));
      end
      off_q  <= off;
      room_q <= room;
      left_q <= left;
      end_q  <= run_end;
      low_q  <= low;
      {most_q, last_q, leave_q} <= kind;
    end
  end

  assign addr_o     = {page_q, off_q, {LogN{1'b0}}};
  assign beats_o    = most_q ? 7'(tetra_pkg::BurstBeats) : last_q ? left_q[6:0] : 7'(room_q);
  assign last_o     = last_q;
  assign in_range_o = in_q;

  always_ff @(posedge clk_i) begin : Checks
    if (load_i) begin
      begin : RunIsOfWholeBeats assert (addr_i[LogN-1:0] == '0 && beats_i != '0); end
    end
  end
endmodule
