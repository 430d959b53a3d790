/// Compares a command's waits with the engines' completion counts. Combinational.
///
/// A wait is satisfied when (signed 16-bit)(done - wait) >= 0; a disabled wait always is.
module tetra_token (
  /// command's WAIT_EN field: load, compute, drain, store
  input  logic [3:0]  en_i,
  /// command's wait values {store, drain, compute, load}
  input  logic [63:0] wait_i,
  /// completion counts {store, drain, compute, load}
  input  logic [63:0] done_i,
  /// waits not satisfied yet: {store, drain, compute, load}
  output logic [3:0]  pending_o
);
  logic [15:0] diff_load, diff_compute, diff_drain, diff_store;

  assign diff_load    = done_i[15:0] - wait_i[15:0];
  assign diff_compute = done_i[31:16] - wait_i[31:16];
  assign diff_drain   = done_i[47:32] - wait_i[47:32];
  assign diff_store   = done_i[63:48] - wait_i[63:48];
  always_comb begin
    pending_o = '0;
    if (en_i != '0) pending_o = en_i & {diff_store[15], diff_drain[15], diff_compute[15], diff_load[15]};
  end
endmodule
