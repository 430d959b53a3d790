/// UART, 8 data bits, no parity, one stop bit, both directions at once.
///
/// A received byte shows for one cycle, in the middle of its stop bit, and must be taken there: rx_valid_o, or rx_broken_o
/// where the stop bit is low, and the byte is worth nothing. tx_data_i is taken in a cycle with tx_valid_i and tx_ready_o,
/// and is on the line for 10 * Divider cycles.
module board_uart #(
  /// clock cycles a bit, >= 2; 8 and more for a line that is not in step with clk_i
  parameter int Divider = 0
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       rx_i,
  output logic       tx_o,
  output logic       rx_valid_o,
  output logic       rx_broken_o,
  output logic [7:0] rx_data_o,
  input  logic       tx_valid_i,
  output logic       tx_ready_o,
  input  logic [7:0] tx_data_i
);
  localparam int CountW = $clog2(Divider);
  localparam logic [CountW-1:0] Whole = CountW'(Divider - 1);
  localparam logic [CountW-1:0] Half  = CountW'(Divider / 2 - 1);

  // ---- Receiver: bit 0 is the start bit, 9 the stop bit; each is looked at in its middle ----
  logic              rx_meta_q, rx_q, rx_busy_q, rx_now;
  logic [CountW-1:0] rx_count_q;
  logic [3:0]        rx_bit_q;
  logic [7:0]        rx_shift_q;

  assign rx_now      = rx_busy_q && rx_count_q == '0;
  assign rx_valid_o  = rx_now && rx_bit_q == 4'd9 && rx_q;
  assign rx_broken_o = rx_now && rx_bit_q == 4'd9 && !rx_q;
  assign rx_data_o   = rx_shift_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rx_meta_q  <= 1'b1;
      rx_q       <= 1'b1;
      rx_busy_q  <= 1'b0;
      rx_count_q <= '0;
      rx_bit_q   <= '0;
      rx_shift_q <= '0;
    end else begin
      rx_meta_q <= rx_i;
      rx_q      <= rx_meta_q;
      if (!rx_busy_q) begin
        rx_busy_q  <= !rx_q;
        rx_count_q <= Half;
        rx_bit_q   <= '0;
      end else if (!rx_now) begin
        rx_count_q <= rx_count_q - 1'b1;
      end else begin
        rx_count_q <= Whole;
        rx_bit_q   <= rx_bit_q + 1'b1;
        if (rx_bit_q != 4'd9) rx_shift_q <= {rx_q, rx_shift_q[7:1]};
        // A start bit that is over in its middle was none.
        if (rx_bit_q == 4'd9 || (rx_bit_q == '0 && rx_q)) rx_busy_q <= 1'b0;
      end
    end
  end

  // ---- Sender ----
  logic [CountW-1:0] tx_count_q;
  logic [3:0]        tx_bits_q;    // still to begin, the one on the line included
  logic [8:0]        tx_shift_q;   // behind the bit on the line
  logic              tx_q;

  assign tx_o       = tx_q;
  assign tx_ready_o = tx_bits_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tx_count_q <= '0;
      tx_bits_q  <= '0;
      tx_shift_q <= '0;
      tx_q       <= 1'b1;
    end else if (tx_ready_o) begin
      if (tx_valid_i) begin
        tx_q       <= 1'b0;
        tx_shift_q <= {1'b1, tx_data_i};
        tx_bits_q  <= 4'd10;
        tx_count_q <= Whole;
      end
    end else if (tx_count_q != '0) begin
      tx_count_q <= tx_count_q - 1'b1;
    end else begin
      tx_count_q <= Whole;
      tx_bits_q  <= tx_bits_q - 1'b1;
      tx_q       <= tx_shift_q[0];
      tx_shift_q <= {1'b1, tx_shift_q[8:1]};
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      begin : LineIsHighBetweenBytes assert (!tx_ready_o || tx_q); end
      begin : BitsOfAByte assert (rx_bit_q <= 4'd10 && tx_bits_q <= 4'd10); end
    end
  end
endmodule
