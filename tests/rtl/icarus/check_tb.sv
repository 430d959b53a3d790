/// Command checker in Icarus: a command whose fields that do not count are X is judged all the same, and each of its faults
/// has the cause that docs/commands.md gives it, with a command of X behind a valid that is low.
module check_tb;
  logic valid;
  logic [511:0] cmd;
  wire  [3:0] cause;
  integer errors, judged;

  localparam AccPixels = 64;
  `include "tetra_products.svh"
  wire [AllProductsW-1:0] all = products(cmd);
  tetra_check #(.N(4), .AccPixels(AccPixels)) dut (.valid_i(valid), .cmd_i(cmd), .products_i(all), .cause_o(cause));

  task judge(input integer want);
    begin
      #1;
      judged = judged + 1;
      if (cause !== want) begin
        errors = errors + 1;
        $display("command %0d: cause %h instead of %0d", judged, cause, want);
      end
    end
  endtask
  task begin_op(input integer op);
    begin
      cmd = {512{1'bx}};
      cmd[tetra_pkg::OpLsb +: 4] = op;
    end
  endtask
  task load_command;
    begin
      begin_op(tetra_pkg::OpLoad);
      cmd[tetra_pkg::LoadDstLsb +: 2]         = tetra_pkg::BufWgt;
      cmd[tetra_pkg::LoadNarrowLsb +: 2]      = tetra_pkg::NarrowHigh;
      cmd[tetra_pkg::LoadAddrLsb +: 32]       = 32'h1004;
      cmd[tetra_pkg::LoadAddrStrideLsb +: 32] = 32'h40;
      cmd[tetra_pkg::LoadBeatsLsb +: 20]      = 20'd64;
      cmd[tetra_pkg::LoadCountLsb +: 16]      = 16'd1024;
    end
  endtask
  task pack_command;
    begin
      begin_op(tetra_pkg::OpPack);
      cmd[tetra_pkg::PackRingRowsLsb +: 8]  = 8'd7;
      cmd[tetra_pkg::PackSlotLsb +: 8]      = 8'd6;
      cmd[tetra_pkg::PackSyLsb +: 8]        = 8'd7;
      cmd[tetra_pkg::PackKhLsb +: 8]        = 8'd7;
      cmd[tetra_pkg::PackSegLsb +: 16]      = 16'd21;
      cmd[tetra_pkg::PackOyLsb +: 16]       = 16'd8;
      cmd[tetra_pkg::PackOxLsb +: 16]       = 16'd8;
      cmd[tetra_pkg::PackRowElemsLsb +: 16] = 16'd32767;
      cmd[tetra_pkg::PackHLsb +: 16]        = 16'd32767;
    end
  endtask

  initial begin
    errors = 0;
    judged = 0;
    valid = 1'b0;
    cmd = {512{1'bx}};
    judge(tetra_pkg::ErrNone);
    valid = 1'b1;
    begin_op(tetra_pkg::OpSync);
    judge(tetra_pkg::ErrNone);
    begin_op(0);
    judge(tetra_pkg::ErrIllegalOp);
    begin_op(15);
    judge(tetra_pkg::ErrIllegalOp);
    load_command;
    judge(tetra_pkg::ErrNone);
    cmd[tetra_pkg::LoadCountLsb +: 16] = 16'd1025;
    judge(tetra_pkg::ErrIllegalField);
    load_command;
    cmd[tetra_pkg::LoadDstLsb +: 2] = tetra_pkg::BufAct;
    judge(tetra_pkg::ErrIllegalField);
    load_command;
    cmd[tetra_pkg::LoadAddrStrideLsb +: 32] = 32'h42;
    judge(tetra_pkg::ErrMisaligned);
    pack_command;
    judge(tetra_pkg::ErrNone);
    cmd[tetra_pkg::PackSlotLsb +: 8] = 8'd7;
    judge(tetra_pkg::ErrIllegalField);
    pack_command;
    cmd[tetra_pkg::PackOxLsb +: 16] = 16'd9;
    judge(tetra_pkg::ErrIllegalField);
    if (errors == 0 && judged == 11) $display("PASS");
    $finish;
  end
endmodule
