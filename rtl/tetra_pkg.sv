// Generated from driver/include/tetra/hw_fields.def by driver/tools/gen_pkg.c; do not edit.
// Constants of the hardware interface: command fields (bit position in the 512-bit command), registers, codes.

package tetra_pkg;

  /// 32-bit words in a command
  localparam int unsigned CmdWords = 16;
  /// bytes in a command
  localparam int unsigned CmdBytes = 64;
  /// DRAM to an on-chip buffer
  localparam int unsigned OpLoad = 1;
  /// image rows to densely packed im2col words; runs in the load engine
  localparam int unsigned OpPack = 2;
  /// k-steps over one tile of pixels into an accumulator buffer
  localparam int unsigned OpCompute = 3;
  /// post-process an accumulator tile and write it to DRAM
  localparam int unsigned OpStore = 4;
  /// wait until everything before has completed, then report a tag
  localparam int unsigned OpSync = 5;
  /// Command field: operation, OP_*
  localparam int unsigned OpLsb = 0;
  localparam int unsigned OpW = 4;
  /// Command field: enable of the four waits: bit 0 load, 1 compute, 2 drain, 3 store
  localparam int unsigned WaitEnLsb = 4;
  localparam int unsigned WaitEnW = 4;
  /// Command field: layer id, for counters and the completion log
  localparam int unsigned LayerLsb = 23;
  localparam int unsigned LayerW = 9;
  /// Command field: LOAD/PACK commands that must have completed
  localparam int unsigned WaitLoadLsb = 32;
  localparam int unsigned WaitLoadW = 16;
  /// Command field: COMPUTE commands that must have completed (accumulators written)
  localparam int unsigned WaitComputeLsb = 48;
  localparam int unsigned WaitComputeW = 16;
  /// Command field: STORE commands whose accumulators must have been read out
  localparam int unsigned WaitDrainLsb = 64;
  localparam int unsigned WaitDrainW = 16;
  /// Command field: STORE commands whose write responses must have arrived
  localparam int unsigned WaitStoreLsb = 80;
  localparam int unsigned WaitStoreW = 16;
  /// activation buffer, words of N bytes
  localparam int unsigned BufAct = 0;
  /// weight buffer, half-words of N bytes
  localparam int unsigned BufWgt = 1;
  /// residual and image-row buffer, words of N bytes
  localparam int unsigned BufRes = 2;
  /// parameter buffer, N-byte pieces; 16 pieces are one entry (N channel records)
  localparam int unsigned BufPar = 3;
  /// Command field: destination, BUF_*
  localparam int unsigned LoadDstLsb = 8;
  localparam int unsigned LoadDstW = 2;
  /// Command field: DRAM byte address, multiple of N
  localparam int unsigned LoadAddrLsb = 96;
  localparam int unsigned LoadAddrW = 32;
  /// Command field: first word in the buffer; addresses wrap modulo its size
  localparam int unsigned LoadDstAddrLsb = 128;
  localparam int unsigned LoadDstAddrW = 16;
  /// Command field: beats (N bytes) in a row, >= 1
  localparam int unsigned LoadBeatsLsb = 160;
  localparam int unsigned LoadBeatsW = 20;
  /// Command field: rows, >= 1
  localparam int unsigned LoadCountLsb = 192;
  localparam int unsigned LoadCountW = 16;
  /// Command field: words between rows in the buffer
  localparam int unsigned LoadDstStrideLsb = 208;
  localparam int unsigned LoadDstStrideW = 16;
  /// Command field: bytes between rows in DRAM, multiple of N
  localparam int unsigned LoadAddrStrideLsb = 224;
  localparam int unsigned LoadAddrStrideW = 32;
  /// Command field: elements are nibbles
  localparam int unsigned PackBits4Lsb = 8;
  localparam int unsigned PackBits4W = 1;
  /// Command field: residual-buffer word where ring slot 0 starts
  localparam int unsigned PackSrcLsb = 96;
  localparam int unsigned PackSrcW = 16;
  /// Command field: words between ring slots
  localparam int unsigned PackPitchLsb = 112;
  localparam int unsigned PackPitchW = 16;
  /// Command field: activation word of k-word 0, pixel 0
  localparam int unsigned PackDstAddrLsb = 128;
  localparam int unsigned PackDstAddrW = 16;
  /// Command field: words between k-words (>= pixels in the tile)
  localparam int unsigned PackDstStrideLsb = 144;
  localparam int unsigned PackDstStrideW = 16;
  /// Command field: slots in the ring, >= 1
  localparam int unsigned PackRingRowsLsb = 160;
  localparam int unsigned PackRingRowsW = 8;
  /// Command field: slot of row IY0: IY0 mod RING_ROWS, non-negative
  localparam int unsigned PackSlotLsb = 168;
  localparam int unsigned PackSlotW = 8;
  /// Command field: kernel rows, >= 1
  localparam int unsigned PackKhLsb = 176;
  localparam int unsigned PackKhW = 8;
  /// Command field: element outside the image (low nibble for 4 bits)
  localparam int unsigned PackPadLsb = 184;
  localparam int unsigned PackPadW = 8;
  /// Command field: elements in a kernel row: kw * cin, >= 1
  localparam int unsigned PackSegLsb = 192;
  localparam int unsigned PackSegW = 16;
  /// Command field: elements between neighbouring output pixels: stride_x * cin
  localparam int unsigned PackXStepLsb = 208;
  localparam int unsigned PackXStepW = 16;
  /// Command field: signed element offset of output column 0: -pad_left * cin
  localparam int unsigned PackX0Lsb = 224;
  localparam int unsigned PackX0W = 16;
  /// Command field: signed image row of the tile's first output row, kernel row 0
  localparam int unsigned PackIy0Lsb = 240;
  localparam int unsigned PackIy0W = 16;
  /// Command field: elements in an image row: width * cin
  localparam int unsigned PackRowElemsLsb = 256;
  localparam int unsigned PackRowElemsW = 16;
  /// Command field: image height
  localparam int unsigned PackHLsb = 272;
  localparam int unsigned PackHW = 16;
  /// Command field: output rows in the tile, >= 1
  localparam int unsigned PackOyLsb = 288;
  localparam int unsigned PackOyW = 16;
  /// Command field: output columns in the tile, >= 1
  localparam int unsigned PackOxLsb = 304;
  localparam int unsigned PackOxW = 16;
  /// Command field: stride_y, >= 1
  localparam int unsigned PackSyLsb = 320;
  localparam int unsigned PackSyW = 8;
  /// Command field: the first k-step overwrites the accumulators instead of adding
  localparam int unsigned CompFirstLsb = 8;
  localparam int unsigned CompFirstW = 1;
  /// Command field: accumulator buffer, 0 or 1
  localparam int unsigned CompAccBufLsb = 9;
  localparam int unsigned CompAccBufW = 1;
  /// Command field: activations are 8 bits wide, else 4
  localparam int unsigned CompAct8Lsb = 10;
  localparam int unsigned CompAct8W = 1;
  /// Command field: weights are 8 bits wide, else 4 (both tile halves at once)
  localparam int unsigned CompWgt8Lsb = 11;
  localparam int unsigned CompWgt8W = 1;
  /// Command field: activation codes are signed
  localparam int unsigned CompActSignedLsb = 12;
  localparam int unsigned CompActSignedW = 1;
  /// Command field: accumulate by signed maximum instead of sum
  localparam int unsigned CompMaxLsb = 13;
  localparam int unsigned CompMaxW = 1;
  /// Command field: load the weights once, at the first k-step, and keep them
  localparam int unsigned CompHoldLsb = 14;
  localparam int unsigned CompHoldW = 1;
  /// Command field: tile half (output channels half*N .. half*N+N-1) that 8-bit weights write
  localparam int unsigned CompHalfLsb = 15;
  localparam int unsigned CompHalfW = 1;
  /// Command field: activation word of kb=ky=kx=oy=ox=0 (may lie in the padding)
  localparam int unsigned CompActBaseLsb = 96;
  localparam int unsigned CompActBaseW = 16;
  /// Command field: weight half-word of k-step 0; even for 4-bit activations
  localparam int unsigned CompWgtBaseLsb = 112;
  localparam int unsigned CompWgtBaseW = 16;
  /// Command field: channel blocks, >= 1
  localparam int unsigned CompKbLsb = 128;
  localparam int unsigned CompKbW = 16;
  /// Command field: activation words between channel blocks
  localparam int unsigned CompKbStrideLsb = 144;
  localparam int unsigned CompKbStrideW = 16;
  /// Command field: kernel rows, >= 1
  localparam int unsigned CompKhLsb = 160;
  localparam int unsigned CompKhW = 8;
  /// Command field: kernel columns, >= 1
  localparam int unsigned CompKwLsb = 168;
  localparam int unsigned CompKwW = 8;
  /// Command field: accumulator entry of pixel 0
  localparam int unsigned CompAccBaseLsb = 176;
  localparam int unsigned CompAccBaseW = 16;
  /// Command field: output rows in the tile, >= 1
  localparam int unsigned CompOyLsb = 192;
  localparam int unsigned CompOyW = 16;
  /// Command field: output columns in the tile, >= 1; OY*OX <= ACC_PIXELS
  localparam int unsigned CompOxLsb = 208;
  localparam int unsigned CompOxW = 16;
  /// Command field: activation words between kernel rows
  localparam int unsigned CompKyStrideLsb = 224;
  localparam int unsigned CompKyStrideW = 16;
  /// Command field: activation words between kernel columns
  localparam int unsigned CompKxStrideLsb = 240;
  localparam int unsigned CompKxStrideW = 16;
  /// Command field: activation words between output rows
  localparam int unsigned CompOyStrideLsb = 256;
  localparam int unsigned CompOyStrideW = 16;
  /// Command field: activation words between output columns
  localparam int unsigned CompOxStrideLsb = 272;
  localparam int unsigned CompOxStrideW = 16;
  /// Command field: signed input row of oy=ky=0
  localparam int unsigned CompIy0Lsb = 288;
  localparam int unsigned CompIy0W = 16;
  /// Command field: signed input column of ox=kx=0
  localparam int unsigned CompIx0Lsb = 304;
  localparam int unsigned CompIx0W = 16;
  /// Command field: input rows between kernel rows (dilation)
  localparam int unsigned CompDkyLsb = 320;
  localparam int unsigned CompDkyW = 8;
  /// Command field: input columns between kernel columns (dilation)
  localparam int unsigned CompDkxLsb = 328;
  localparam int unsigned CompDkxW = 8;
  /// Command field: input rows between output rows (stride)
  localparam int unsigned CompSyLsb = 336;
  localparam int unsigned CompSyW = 8;
  /// Command field: input columns between output columns (stride)
  localparam int unsigned CompSxLsb = 344;
  localparam int unsigned CompSxW = 8;
  /// Command field: input height: rows outside 0..H-1 are padding
  localparam int unsigned CompHLsb = 352;
  localparam int unsigned CompHW = 16;
  /// Command field: input width: columns outside 0..W-1 are padding
  localparam int unsigned CompWLsb = 368;
  localparam int unsigned CompWW = 16;
  /// Command field: byte that padding supplies to every array row (4 bits: code in both nibbles)
  localparam int unsigned CompPadLsb = 384;
  localparam int unsigned CompPadW = 8;
  /// Command field: accumulator buffer, 0 or 1
  localparam int unsigned StoreAccBufLsb = 8;
  localparam int unsigned StoreAccBufW = 1;
  /// Command field: a second output follows the first
  localparam int unsigned StoreTwoOutLsb = 9;
  localparam int unsigned StoreTwoOutW = 1;
  /// Command field: both tile halves hold channels (else half 0 only)
  localparam int unsigned StoreHalves2Lsb = 10;
  localparam int unsigned StoreHalves2W = 1;
  /// Command field: residual form, enum tetra_res_form
  localparam int unsigned StoreResFormLsb = 11;
  localparam int unsigned StoreResFormW = 2;
  /// Command field: last STORE of its layer: log the layer when its write responses are in
  localparam int unsigned StoreLastLsb = 13;
  localparam int unsigned StoreLastW = 1;
  /// Command field: residual codes are 4 bits wide
  localparam int unsigned StoreRes4Lsb = 14;
  localparam int unsigned StoreRes4W = 1;
  /// Command field: residual codes are signed
  localparam int unsigned StoreResSignedLsb = 15;
  localparam int unsigned StoreResSignedW = 1;
  /// Command field: pixels in the tile, 1..ACC_PIXELS
  localparam int unsigned StorePixelsLsb = 96;
  localparam int unsigned StorePixelsW = 16;
  /// Command field: accumulator entry of pixel 0
  localparam int unsigned StoreAccBaseLsb = 112;
  localparam int unsigned StoreAccBaseW = 16;
  /// Command field: pixels that are contiguous in DRAM; PIXELS is a multiple of it
  localparam int unsigned StoreSegBeatsLsb = 128;
  localparam int unsigned StoreSegBeatsW = 16;
  /// Command field: bytes between such segments, multiple of N
  localparam int unsigned StoreSegStrideLsb = 160;
  localparam int unsigned StoreSegStrideW = 32;
  /// Command field: residual word of pixel 0, half 0
  localparam int unsigned StoreResBaseLsb = 192;
  localparam int unsigned StoreResBaseW = 16;
  /// Command field: 8-bit residual: words between the halves
  localparam int unsigned StoreResHalfStrideLsb = 208;
  localparam int unsigned StoreResHalfStrideW = 16;
  /// Command field: residual zero point, a code of its format
  localparam int unsigned StoreResZpLsb = 224;
  localparam int unsigned StoreResZpW = 8;
  /// Command field: DRAM byte address of pixel 0, half 0, multiple of N
  localparam int unsigned StoreOut0AddrLsb = 256;
  localparam int unsigned StoreOut0AddrW = 32;
  /// Command field: 8-bit output: bytes between the halves
  localparam int unsigned StoreOut0HalfStrideLsb = 288;
  localparam int unsigned StoreOut0HalfStrideW = 32;
  /// Command field: zero point, a code of the output format
  localparam int unsigned StoreOut0ZpLsb = 320;
  localparam int unsigned StoreOut0ZpW = 8;
  /// Command field: smallest code
  localparam int unsigned StoreOut0LoLsb = 328;
  localparam int unsigned StoreOut0LoW = 8;
  /// Command field: largest code
  localparam int unsigned StoreOut0HiLsb = 336;
  localparam int unsigned StoreOut0HiW = 8;
  /// Command field: enum tetra_round
  localparam int unsigned StoreOut0RndLsb = 344;
  localparam int unsigned StoreOut0RndW = 3;
  /// Command field: 4-bit codes
  localparam int unsigned StoreOut0Bits4Lsb = 347;
  localparam int unsigned StoreOut0Bits4W = 1;
  /// Command field: signed codes
  localparam int unsigned StoreOut0SignedLsb = 348;
  localparam int unsigned StoreOut0SignedW = 1;
  /// Command field: parameter entry of half 0; half 1 is the next entry
  localparam int unsigned StoreOut0ParLsb = 352;
  localparam int unsigned StoreOut0ParW = 16;
  /// Command field: the same for output 1
  localparam int unsigned StoreOut1ParLsb = 368;
  localparam int unsigned StoreOut1ParW = 16;
  /// Command field: as OUT0
  localparam int unsigned StoreOut1AddrLsb = 384;
  localparam int unsigned StoreOut1AddrW = 32;
  /// Command field: as OUT0
  localparam int unsigned StoreOut1HalfStrideLsb = 416;
  localparam int unsigned StoreOut1HalfStrideW = 32;
  /// Command field: as OUT0
  localparam int unsigned StoreOut1ZpLsb = 448;
  localparam int unsigned StoreOut1ZpW = 8;
  /// Command field: as OUT0
  localparam int unsigned StoreOut1LoLsb = 456;
  localparam int unsigned StoreOut1LoW = 8;
  /// Command field: as OUT0
  localparam int unsigned StoreOut1HiLsb = 464;
  localparam int unsigned StoreOut1HiW = 8;
  /// Command field: as OUT0
  localparam int unsigned StoreOut1RndLsb = 472;
  localparam int unsigned StoreOut1RndW = 3;
  /// Command field: as OUT0
  localparam int unsigned StoreOut1Bits4Lsb = 475;
  localparam int unsigned StoreOut1Bits4W = 1;
  /// Command field: as OUT0
  localparam int unsigned StoreOut1SignedLsb = 476;
  localparam int unsigned StoreOut1SignedW = 1;
  /// Command field: value shown in COMPLETED
  localparam int unsigned SyncTagLsb = 96;
  localparam int unsigned SyncTagW = 32;
  /// bytes in a channel's parameter record
  localparam int unsigned ParamBytes = 16;
  /// word 3: S, 6 bits
  localparam int unsigned ParamSLsb = 0;
  /// word 3: Sr or r, 6 bits
  localparam int unsigned ParamSrLsb = 6;
  /// word 3: Lr or La, 6 bits
  localparam int unsigned ParamLrLsb = 12;
  /// Register: RO 0x54545241, 'TTRA'
  localparam logic [11:0] RegId = 12'h000;
  /// Register: RO hardware interface version
  localparam logic [11:0] RegVersion = 12'h004;
  /// Register: RO rows [15:0], columns [31:16]; both are N, and so are the bytes of an AXI beat
  localparam logic [11:0] RegArray = 12'h008;
  /// Register: RO activation buffer, N-byte words (a power of two)
  localparam logic [11:0] RegActWords = 12'h00c;
  /// Register: RO weight buffer, N-byte half-words (a power of two)
  localparam logic [11:0] RegWgtWords = 12'h010;
  /// Register: RO residual buffer, N-byte words (a power of two)
  localparam logic [11:0] RegResWords = 12'h014;
  /// Register: RO parameter buffer entries (a power of two)
  localparam logic [11:0] RegParEntries = 12'h018;
  /// Register: RO pixels in one accumulator buffer (a power of two)
  localparam logic [11:0] RegAccPixels = 12'h01c;
  /// Register: RO layer ids that have counters
  localparam logic [11:0] RegMaxLayers = 12'h020;
  /// Register: bit 0 enable, bit 1 soft reset (reads 1 until the reset is through)
  localparam logic [11:0] RegCtrl = 12'h040;
  /// Register: RO bit 0 busy, bit 1 stopped by an error, bit 2 resetting
  localparam logic [11:0] RegStatus = 12'h044;
  /// Register: command ring, byte address, multiple of 64
  localparam logic [11:0] RegRingBase = 12'h048;
  /// Register: commands in the ring, >= 2
  localparam logic [11:0] RegRingSize = 12'h04c;
  /// Register: RO ring index of the next command to dispatch
  localparam logic [11:0] RegHead = 12'h050;
  /// Register: doorbell: ring index after the last valid command
  localparam logic [11:0] RegTail = 12'h054;
  /// Register: lowest byte address that commands may touch
  localparam logic [11:0] RegMemBase = 12'h058;
  /// Register: highest byte address that commands may touch
  localparam logic [11:0] RegMemLimit = 12'h05c;
  /// Register: IRQ_* bits, write 1 to clear
  localparam logic [11:0] RegIrqStatus = 12'h060;
  /// Register: 1 enables the interrupt line for that bit
  localparam logic [11:0] RegIrqMask = 12'h064;
  /// Register: RO tag of the last SYNC that completed
  localparam logic [11:0] RegCompleted = 12'h068;
  /// Register: cycles without any progress until ERR_TIMEOUT; 0 is never; reset value 1048576
  localparam logic [11:0] RegWatchdog = 12'h06c;
  /// Register: RO first error, ERR_*
  localparam logic [11:0] RegErrCause = 12'h070;
  /// Register: RO commands dispatched since reset before the failing one
  localparam logic [11:0] RegErrIndex = 12'h074;
  /// Register: RO address of the failing access, where there is one
  localparam logic [11:0] RegErrAddr = 12'h078;
  /// Register: RO layers in the completion log; bit 31: the log overflowed
  localparam logic [11:0] RegLogCount = 12'h080;
  /// Register: RO oldest entry: layer id
  localparam logic [11:0] RegLogLayer = 12'h084;
  /// Register: RO oldest entry: cycle counter at its last write response
  localparam logic [11:0] RegLogCycleLo = 12'h088;
  /// Register: RO oldest entry, high word; writing anything pops the entry
  localparam logic [11:0] RegLogCycleHi = 12'h08c;
  /// Register: layer whose counters are shown below; valid two cycles after the write
  localparam logic [11:0] RegLayerSel = 12'h090;
  /// Register: RO cycles in which the array took a pixel of that layer
  localparam logic [11:0] RegLayerBusy = 12'h094;
  /// Register: RO beats loaded for that layer
  localparam logic [11:0] RegLayerRead = 12'h098;
  /// Register: RO beats stored for that layer
  localparam logic [11:0] RegLayerWrite = 12'h09c;
  /// Register: RO 64-bit counters CNT_*, low word then high word, 8 bytes each
  localparam logic [11:0] RegCounters = 12'h100;
  /// cycles since the doorbell with work outstanding
  localparam int unsigned CntCycles = 0;
  /// the array took a pixel
  localparam int unsigned CntBusy = 1;
  /// weights moving into the array (k-steps shorter than N pixels, first k-step)
  localparam int unsigned CntFill = 2;
  /// array draining before a change of mode
  localparam int unsigned CntMode = 3;
  /// operands still on their way from DRAM
  localparam int unsigned CntWaitLoad = 4;
  /// operands not loaded because the load engine waits for an earlier layer's stores
  localparam int unsigned CntWaitDep = 5;
  /// accumulator buffer not read out yet
  localparam int unsigned CntWaitDrain = 6;
  /// no COMPUTE command there yet
  localparam int unsigned CntWaitCmd = 7;
  /// all COMPUTE commands fetched are done; drain, store or load still running
  localparam int unsigned CntTail = 8;
  /// cycles with a read data beat for the load engine
  localparam int unsigned CntLoadBusy = 9;
  /// load engine's next command waits for a token
  localparam int unsigned CntLoadWait = 10;
  /// post-processor took an accumulator row
  localparam int unsigned CntDrainBusy = 11;
  /// post-processor held back by the write path
  localparam int unsigned CntDrainStall = 12;
  /// bytes read by the load engine
  localparam int unsigned CntReadBytes = 13;
  /// bytes read by the command fetcher
  localparam int unsigned CntFetchBytes = 14;
  /// bytes written
  localparam int unsigned CntWriteBytes = 15;
  /// codes of output 0 that the clamp changed (a ReLU's lower clamp not counted)
  localparam int unsigned CntSat0 = 16;
  /// the same for output 1
  localparam int unsigned CntSat1 = 17;
  /// number of 64-bit counters
  localparam int unsigned CntNum = 18;
  /// a SYNC completed
  localparam int unsigned IrqSync = 1;
  /// an error stopped the engine
  localparam int unsigned IrqError = 2;
  /// the completion log is not empty (level)
  localparam int unsigned IrqLayer = 4;
  /// no error
  localparam int unsigned ErrNone = 0;
  /// unknown operation
  localparam int unsigned ErrIllegalOp = 1;
  /// a count is zero or a field is out of range
  localparam int unsigned ErrIllegalField = 2;
  /// an address or stride is not a multiple of N bytes
  localparam int unsigned ErrMisaligned = 3;
  /// a transfer leaves MEM_BASE..MEM_LIMIT
  localparam int unsigned ErrRange = 4;
  /// AXI error response to a data read
  localparam int unsigned ErrAxiRead = 5;
  /// AXI error response to a write
  localparam int unsigned ErrAxiWrite = 6;
  /// AXI error response to a command fetch
  localparam int unsigned ErrAxiFetch = 7;
  /// no progress for WATCHDOG cycles (a token nobody gives, a slave that does not answer)
  localparam int unsigned ErrTimeout = 8;
  /// contents of REG_ID
  localparam int unsigned HwId = 1414812225;
  /// contents of REG_VERSION
  localparam int unsigned HwVersion = 1;

endpackage
