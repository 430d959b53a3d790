/// tetra_board on a ULX3S with an ECP5-85F: its 25 MHz clock, the UART of its USB serial chip, eight LEDs and the button
/// that resets it. ulx3s.lpf has the pins.
module ulx3s #(
  /// of the UART: what the clock is near a multiple of (synth/fpga.sh has the rates), at most an 8th
  parameter int Baud = 115_200
) (
  input  logic       clk_25mhz,
  /// BTN_PWRn, low while it is pressed
  input  logic       btn_n,
  /// what the chip sends
  input  logic       ftdi_txd,
  /// what it receives
  output logic       ftdi_rxd,
  /// high: the board's radio module, which could load another bitstream, stays as it is
  output logic       wifi_gpio0,
  /// 0: out of reset; 1: the accelerator's interrupt; 2: bytes come in; 7: the clock runs, 0.67 s on, 0.67 s off
  output logic [7:0] led
);
  localparam int ClockHz = 25_000_000;

  // Out of reset 63 cycles after the bitstream is loaded, and after the button is released.
  logic [5:0] wait_q = '0;
  logic [1:0] btn_q = '0;
  logic       rst_nq = 1'b0;
  always_ff @(posedge clk_25mhz) begin
    btn_q  <= {btn_q[0], btn_n};
    wait_q <= !btn_q[1] ? '0 : wait_q == 6'd63 ? wait_q : wait_q + 1'b1;
    rst_nq <= wait_q == 6'd63;
  end

  logic irq, heard;
  tetra_board #(.ClockHz(ClockHz), .Divider((ClockHz + Baud / 2) / Baud)) u_board (
    .clk_i(clk_25mhz), .rst_ni(rst_nq), .rx_i(ftdi_txd), .tx_o(ftdi_rxd), .irq_o(irq), .heard_o(heard)
  );

  logic [24:0] beat_q;
  logic [19:0] heard_q;   // long enough to be seen
  always_ff @(posedge clk_25mhz or negedge rst_nq) begin
    if (!rst_nq) begin
      beat_q  <= '0;
      heard_q <= '0;
    end else begin
      beat_q  <= beat_q + 1'b1;
      heard_q <= heard ? {20{1'b1}} : heard_q == '0 ? heard_q : heard_q - 1'b1;
    end
  end
  assign wifi_gpio0 = 1'b1;
  assign led = {beat_q[24], 4'b0, heard_q != '0, irq, rst_nq};
endmodule
