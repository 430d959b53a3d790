/// One 32-bit sum for each layer id, in an SRAM: adds n to layer id's sum for every event, one event a cycle.
///
/// clear_i (level) overwrites one sum a cycle; cleared_o follows when all are zero. A host read waits for a cycle
/// without an event; its value is there, and stays, once rd_pending_o is low.
module tetra_layer_cnt #(
  /// layer ids, a power of two
  parameter int MaxLayers = 0
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  /// set all sums to zero; events are ignored
  input  logic                         clear_i,
  /// they are
  output logic                         cleared_o,
  /// event
  input  logic                         valid_i,
  /// its layer
  input  logic [$clog2(MaxLayers)-1:0] id_i,
  /// number to add
  input  logic [31:0]                  n_i,
  /// read the sum of rd_id_i (one cycle)
  input  logic                         rd_start_i,
  /// layer to read; stable until it is there
  input  logic [$clog2(MaxLayers)-1:0] rd_id_i,
  /// not there yet
  output logic                         rd_pending_o,
  /// the sum
  output logic [31:0]                  rd_value_o
);
  localparam int IdW = $clog2(MaxLayers);

  // An event's sum is read in the cycle of the event, held in the next (get), added to and written in the third (add).
  logic           get_q, add_q, get_last_q, get_sum_q, rd_want_q, rd_taken_q, rd_go, under_way;
  logic [IdW-1:0] id_q, add_id_q;
  logic [IdW:0]   clear_q;
  logic [31:0]    n_q, add_n_q, old, old_q, sum, last_q;

  // Otherwise nothing here changes.
  assign under_way    = get_q || add_q || rd_want_q || rd_taken_q || clear_q != '0;
  assign rd_go        = rd_want_q && !valid_i && !get_q && !add_q && !clear_i;
  assign rd_pending_o = rd_want_q || rd_taken_q;
  assign cleared_o    = clear_q[IdW];
  assign sum          = old_q + add_n_q;

  tetra_sram #(.NibbleWrite(0), .Width(32), .Depth(MaxLayers)) u_sram (
    .clk_i, .we_i(clear_i || add_q), .keep_low_i(1'b0), .waddr_i(clear_i ? clear_q[IdW-1:0] : add_id_q),
    .wdata_i(clear_i ? '0 : sum), .re_i(valid_i || rd_go), .raddr_i(valid_i ? id_i : rd_id_i), .rdata_o(old)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      get_q      <= 1'b0;
      add_q      <= 1'b0;
      get_last_q <= 1'b0;
      get_sum_q  <= 1'b0;
      rd_want_q  <= 1'b0;
      rd_taken_q <= 1'b0;
      clear_q    <= '0;
      id_q       <= '0;
      add_id_q   <= '0;
      n_q        <= '0;
      add_n_q    <= '0;
      old_q      <= '0;
      last_q     <= '0;
      rd_value_o <= '0;
    end else if (clear_i || valid_i || rd_start_i || under_way) begin
      clear_q <= !clear_i ? '0 : cleared_o ? clear_q : clear_q + 1'b1;
      get_q   <= valid_i && !clear_i;
      add_q   <= get_q && !clear_i;
      if (valid_i) begin
        // A sum that was not written yet when it was read again: it is made while this one is held, or was just written.
        get_sum_q  <= get_q && id_q == id_i;
        get_last_q <= add_q && add_id_q == id_i;
        id_q       <= id_i;
        n_q        <= n_i;
      end
      if (get_q) begin
        old_q    <= get_sum_q ? sum : get_last_q ? last_q : old;
        add_id_q <= id_q;
        add_n_q  <= n_q;
      end
      if (add_q) last_q <= sum;
      rd_taken_q <= rd_go;
      if (rd_go) rd_want_q <= 1'b0;
      if (rd_start_i) rd_want_q <= 1'b1;
      if (rd_taken_q) rd_value_o <= old;
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (rd_go) begin
        begin : ReadMeetsNoUpdate assert (!valid_i && !get_q && !add_q && !clear_i); end
      end
    end
  end
endmodule
