/// The host's address space: the accelerator's registers at 0, the memory at MemBase, the board's own registers at BoardBase.
///
///     BoardBase +  0   "TBRD" (r)
///               +  4   protocol and register map, version 1 (r)
///               +  8   first byte of the memory (r)
///               + 12   its bytes (r)
///               + 16   clock, Hz (r)
///               + 20   bit 0: the accelerator's interrupt line (r)
///               + 24   a write resets accelerator and memory port for 16 cycles; the memory keeps its words (w)
///
/// A request stays until ack_o, which comes for one cycle; addresses without anything are answered with err_o. The memory
/// takes its time where the accelerator uses it; such a request may be taken back.
module board_space #(
  /// first byte's address of the memory
  parameter int MemBase = 0,
  /// words of the memory, a power of two
  parameter int MemWords = 0,
  /// of clk_i
  parameter int ClockHz = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        req_i,
  input  logic        we_i,
  /// byte address
  input  logic [31:0] addr_i,
  input  logic [31:0] data_i,
  output logic        ack_o,
  output logic        err_o,
  output logic [31:0] data_o,
  // The accelerator's registers
  output logic        lite_req_o,
  input  logic        lite_ack_i,
  input  logic        lite_err_i,
  input  logic [31:0] lite_data_i,
  // The memory
  output logic        mem_valid_o,
  input  logic        mem_ready_i,
  input  logic [31:0] mem_data_i,
  input  logic        irq_i,
  /// low: reset of what is not the bridge
  output logic        core_rst_no
);
  localparam int BoardBase = 32'h2000_0000;
  localparam int MemW = $clog2(MemWords) + 2;
  localparam logic [31:0] Id = 32'h4452_4254;
  localparam logic [31:0] Version = 32'd1;

  logic        lite, mem, board, done, mem_read_q;
  logic [31:0] board_data;
  logic        board_known;
  logic [3:0]  reset_q;
  logic        core_rst_nq;

  assign lite  = addr_i[31:12] == '0;
  assign mem   = addr_i[31:MemW] == MemBase[31:MemW];
  assign board = addr_i[31:5] == BoardBase[31:5];

  assign lite_req_o  = req_i && lite && core_rst_nq;       // AXI's VALIDs are low in reset
  assign mem_valid_o = req_i && mem && !mem_read_q;

  // A read of the memory shows its word a cycle after it was taken.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) mem_read_q <= 1'b0;
    else mem_read_q <= mem_valid_o && mem_ready_i && !we_i;
  end

  always_comb begin
    board_known = 1'b1;
    case (addr_i[4:0])
      5'd0:    board_data = Id;
      5'd4:    board_data = Version;
      5'd8:    board_data = MemBase;
      5'd12:   board_data = 4 * MemWords;
      5'd16:   board_data = ClockHz;
      5'd20:   board_data = {31'b0, irq_i};
      5'd24:   board_data = '0;
      default: begin
        board_known = 1'b0;
        board_data  = '0;
      end
    endcase
  end

  assign done = lite ? lite_ack_i : mem ? (we_i ? mem_valid_o && mem_ready_i : mem_read_q) : 1'b1;
  assign ack_o  = req_i && done;
  assign err_o  = lite ? lite_err_i : !mem && !(board && board_known);
  assign data_o = lite ? lite_data_i : mem ? mem_data_i : board_data;

  // 16 cycles from the write on, and after the board's own reset.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reset_q     <= '0;
      core_rst_nq <= 1'b0;
    end else if (req_i && we_i && board && addr_i[4:0] == 5'd24) begin
      reset_q     <= '0;
      core_rst_nq <= 1'b0;
    end else if (!core_rst_nq) begin
      reset_q     <= reset_q + 1'b1;
      core_rst_nq <= reset_q == 4'd15;
    end
  end
  assign core_rst_no = core_rst_nq;

  always_ff @(posedge clk_i) begin : Checks
    if (rst_ni) begin
      begin : NothingIsAtTwoAddresses assert ({1'b0, lite} + {1'b0, mem} + {1'b0, board} <= 2'd1); end
    end
  end

  logic unused_data;
  assign unused_data = ^data_i;
endmodule
