/// A host's frames of bytes to accesses of words: synth/fpga/host/link.h describes them.
///
/// A frame is kept until its checksum is known to be right and then carried out, so that a broken one does nothing; a read's
/// words are all there before the answer begins, so that its status comes first. Every frame has an answer, but for one that
/// comes while another is being carried out or answered: the host waits for it.
///
/// What is no frame (another first byte, an unknown command, a bad length, a wrong checksum, a broken byte, a pause of Quiet
/// cycles) is answered once the line has been quiet for Quiet cycles: whatever is left of it has gone by, and the next byte
/// begins a frame.
///
/// req_o with address and data stays until ack_i, which comes for one cycle with err_i and a read's word; without it the
/// access is given up after 2^16 cycles.
module board_bridge #(
  /// cycles without a byte that end a frame, >= 20 bits' time
  parameter int Quiet = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        rx_valid_i,
  input  logic        rx_broken_i,
  input  logic [7:0]  rx_data_i,
  output logic        tx_valid_o,
  input  logic        tx_ready_i,
  output logic [7:0]  tx_data_o,
  output logic        req_o,
  output logic        we_o,
  /// byte address, a multiple of 4
  output logic [31:0] addr_o,
  output logic [31:0] data_o,
  input  logic        ack_i,
  input  logic        err_i,
  input  logic [31:0] data_i
);
  localparam int MaxWords = 128;
  localparam int WordW = $clog2(MaxWords);
  localparam int QuietW = $clog2(Quiet + 1);
  localparam int PatienceW = 16;
  localparam logic [7:0] Start = 8'h54, Answer = 8'h72;       // T, r
  localparam logic [7:0] CmdRead = 8'h52, CmdWrite = 8'h57;   // R, W

  typedef enum logic [2:0] {Good, BadCommand, BadLength, BadAddress, BadCheck, Broken, NoAnswer} status_e;
  typedef enum logic [3:0] {
    StIdle, StCommand, StLength, StAddress, StData, StCheck, StFetch, StAccess, StAnswer, StStatus, StWord, StBytes, StSum,
    StDrain
  } state_e;

  // CRC-16/CCITT: x^16 + x^12 + x^5 + 1, highest bit first.
  function automatic logic [15:0] crc(input logic [15:0] old, input logic [7:0] data);
    logic [15:0] c;
    c = old ^ {data, 8'h00};
    for (int i = 0; i < 8; i++) c = {c[14:0], 1'b0} ^ (c[15] ? 16'h1021 : 16'h0000);
    crc = c;
  endfunction

  state_e               state_q;
  status_e              status_q;
  logic                 write_q, late;
  logic [7:0]           words_q;      // of the frame, 1..MaxWords
  logic [WordW-1:0]     word_q;       // the one that comes, is accessed or goes
  logic [1:0]           byte_q;       // of the address, the word or the checksum
  logic [31:0]          addr_q, shifted;
  logic [23:0]          shift_q;      // the last three bytes
  logic [15:0]          crc_q;
  logic [QuietW-1:0]    quiet_q;
  logic [PatienceW-1:0] patience_q;
  logic                 last_word, rx_any, in_frame, sent, buf_we, buf_re;
  logic [31:0]          buf_in, buf_out;

  assign rx_any    = rx_valid_i || rx_broken_i;
  assign shifted   = {rx_data_i, shift_q};
  assign last_word = {1'b0, word_q} == words_q - 8'd1;
  assign in_frame  = state_q == StCommand || state_q == StLength || state_q == StAddress || state_q == StData ||
                     state_q == StCheck;
  assign late      = quiet_q == QuietW'(Quiet);
  assign sent      = tx_valid_o && tx_ready_i;

  // ---- The frame's words ----
  assign buf_we = (state_q == StData && rx_valid_i && byte_q == 2'd3) || (state_q == StAccess && ack_i && !write_q);
  assign buf_re = state_q == StFetch || state_q == StWord;
  assign buf_in = state_q == StData ? shifted : data_i;
  tetra_sram #(.Width(32), .Depth(MaxWords)) u_words (
    .clk_i, .we_i(buf_we), .keep_low_i(1'b0), .waddr_i(word_q), .wdata_i(buf_in), .re_i(buf_re), .raddr_i(word_q),
    .rdata_o(buf_out)
  );

  assign req_o  = state_q == StAccess;
  assign we_o   = write_q;
  assign addr_o = addr_q;
  assign data_o = buf_out;

  logic [7:0] out_byte;
  assign out_byte = buf_out[{byte_q, 3'b000} +: 8];
  always_comb begin
    case (state_q)
      StAnswer: tx_data_o = Answer;
      StStatus: tx_data_o = {5'b0, status_q};
      StBytes:  tx_data_o = out_byte;
      default:  tx_data_o = byte_q[0] ? crc_q[15:8] : crc_q[7:0];
    endcase
  end
  assign tx_valid_o = state_q == StAnswer || state_q == StStatus || state_q == StBytes || state_q == StSum;

  // ---- Line: how long it has been quiet ----
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) quiet_q <= '0;
    else if (rx_any || state_q == StIdle) quiet_q <= '0;
    else if (!late) quiet_q <= quiet_q + 1'b1;
  end

  // ---- Frames ----
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= StIdle;
      status_q   <= Good;
      write_q    <= 1'b0;
      words_q    <= '0;
      word_q     <= '0;
      byte_q     <= '0;
      addr_q     <= '0;
      shift_q    <= '0;
      crc_q      <= '0;
      patience_q <= '0;
    end else begin
      if (rx_valid_i && in_frame) begin
        shift_q <= shifted[31:8];
        if (state_q != StCheck) crc_q <= crc(crc_q, rx_data_i);
      end
      case (state_q)
        StIdle: begin
          status_q <= Good;
          word_q   <= '0;
          byte_q   <= '0;
          crc_q    <= 16'hffff;
          if (rx_valid_i && rx_data_i == Start) begin
            state_q <= StCommand;
          end else if (rx_any) begin
            status_q <= Broken;
            state_q  <= StDrain;
          end
        end
        StCommand: if (rx_valid_i) begin
          write_q <= rx_data_i == CmdWrite;
          state_q <= StLength;
          if (rx_data_i != CmdRead && rx_data_i != CmdWrite) begin
            status_q <= BadCommand;
            state_q  <= StDrain;
          end
        end
        StLength: if (rx_valid_i) begin
          words_q <= rx_data_i;
          state_q <= StAddress;
          if (rx_data_i == '0 || rx_data_i > 8'(MaxWords)) begin
            status_q <= BadLength;
            state_q  <= StDrain;
          end
        end
        StAddress: if (rx_valid_i) begin
          byte_q <= byte_q + 1'b1;
          if (byte_q == 2'd3) begin
            addr_q  <= shifted;
            state_q <= write_q ? StData : StCheck;
          end
        end
        StData: if (rx_valid_i) begin
          byte_q <= byte_q + 1'b1;
          if (byte_q == 2'd3) begin
            word_q <= last_word ? '0 : word_q + 1'b1;
            if (last_word) state_q <= StCheck;
          end
        end
        StCheck: if (rx_valid_i) begin
          byte_q <= byte_q + 1'b1;
          if (byte_q[0]) begin
            byte_q  <= '0;
            state_q <= StFetch;
            if (shifted[31:16] != crc_q) begin
              status_q <= BadCheck;
              state_q  <= StDrain;
            end else if (addr_q[1:0] != '0) begin
              status_q <= BadAddress;
              state_q  <= StAnswer;
            end
          end
        end
        StFetch: begin
          patience_q <= '0;
          state_q    <= StAccess;
        end
        StAccess: begin
          patience_q <= patience_q + 1'b1;
          if (ack_i && !err_i) begin
            addr_q  <= addr_q + 32'd4;
            word_q  <= last_word ? '0 : word_q + 1'b1;
            state_q <= last_word ? StAnswer : StFetch;
          end else if (ack_i || patience_q == {PatienceW{1'b1}}) begin
            status_q <= ack_i ? BadAddress : NoAnswer;
            state_q  <= StAnswer;
          end
        end
        StAnswer: if (sent) begin
          word_q  <= '0;
          byte_q  <= '0;
          crc_q   <= 16'hffff;
          state_q <= StStatus;
        end
        StStatus: if (sent) begin
          crc_q   <= crc(crc_q, tx_data_o);
          state_q <= status_q == Good && !write_q ? StWord : StSum;
        end
        StWord: state_q <= StBytes;
        StBytes: if (sent) begin
          crc_q  <= crc(crc_q, tx_data_o);
          byte_q <= byte_q + 1'b1;
          if (byte_q == 2'd3) begin
            word_q  <= word_q + 1'b1;
            state_q <= last_word ? StSum : StWord;
          end
        end
        StSum: if (sent) begin
          byte_q <= byte_q + 1'b1;
          if (byte_q[0]) state_q <= StIdle;
        end
        default: if (late) state_q <= StAnswer;   // StDrain
      endcase
      // A byte that came broken is one that is missing.
      if (in_frame && late) begin
        status_q <= Broken;
        state_q  <= StDrain;
      end
    end
  end

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      if (ack_i) begin
        begin : AnswerToARequest assert (req_o); end
      end
      if (req_o) begin
        begin : OnlyGoodFramesAreCarriedOut assert (status_q == Good && addr_q[1:0] == '0 && words_q <= 8'(MaxWords)); end
      end
    end
  end
endmodule
