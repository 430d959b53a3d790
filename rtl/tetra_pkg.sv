// Generated from driver/include/tetra/hw_fields.def by driver/tools/gen_pkg.c; do not edit.
// Constants of the hardware interface: command fields (bit position in the 512-bit command), registers, codes.

// No single top level uses every constant:
/* verilator lint_off UNUSEDPARAM */

package tetra_pkg;

  /// 32-bit words in a command
  localparam int CmdWords = 16;
  /// bytes in a command
  localparam int CmdBytes = 64;
  /// bits in a command
  localparam int CmdBits = 512;
  /// bits of a command's number, counted from the reset on
  localparam int CmdIndexBits = 32;
  /// words that a buffer has at most, and bound of what one command does
  localparam int MaxBufWords = 65536;
  /// no AXI burst crosses a multiple of it
  localparam int PageBytes = 4096;
  /// beats of the longest burst
  localparam int BurstBeats = 64;
  /// columns from which on each has a lane of the requantizer; below, one for two: a row takes two cycles
  localparam int LaneAColumn = 8;
  /// commands that fetch reads at once, where the ring and a page let it
  localparam int FetchBurst = 4;
  /// DRAM to an on-chip buffer
  localparam int OpLoad = 1;
  /// image rows to densely packed im2col words; runs in the load engine
  localparam int OpPack = 2;
  /// k-steps over one tile of pixels into an accumulator buffer
  localparam int OpCompute = 3;
  /// post-process an accumulator tile and write it to DRAM
  localparam int OpStore = 4;
  /// wait until everything before has completed, then report a tag
  localparam int OpSync = 5;
  /// Command field: operation, OP_*
  localparam int OpLsb = 0;
  localparam int OpW = 4;
  /// Command field: enable of the four waits: bit 0 load, 1 compute, 2 drain, 3 store
  localparam int WaitEnLsb = 4;
  localparam int WaitEnW = 4;
  /// bits of the four wait values, which lie side by side
  localparam int WaitsW = 64;
  /// bits of a layer id
  localparam int LayerBits = 9;
  /// Command field: layer id, for counters and the completion log
  localparam int LayerLsb = 23;
  localparam int LayerW = 9;
  /// Command field: LOAD/PACK commands that must have completed
  localparam int WaitLoadLsb = 32;
  localparam int WaitLoadW = 16;
  /// Command field: COMPUTE commands that must have completed (accumulators written)
  localparam int WaitComputeLsb = 48;
  localparam int WaitComputeW = 16;
  /// Command field: STORE commands whose accumulators must have been read out
  localparam int WaitDrainLsb = 64;
  localparam int WaitDrainW = 16;
  /// Command field: STORE commands whose write responses must have arrived
  localparam int WaitStoreLsb = 80;
  localparam int WaitStoreW = 16;
  /// activation buffer, words of N bytes
  localparam int BufAct = 0;
  /// weight buffer, half-words of N bytes
  localparam int BufWgt = 1;
  /// residual and image-row buffer, words of N bytes
  localparam int BufRes = 2;
  /// parameter buffer, N-byte pieces; 16 pieces are one entry (N channel records)
  localparam int BufPar = 3;
  /// bytes stay as they are
  localparam int NarrowNone = 0;
  /// q in the byte's low half, 0 in the high one
  localparam int NarrowLow = 1;
  /// q in the high half; the buffer's byte keeps its low half
  localparam int NarrowHigh = 2;
  /// Command field: destination, BUF_*
  localparam int LoadDstLsb = 8;
  localparam int LoadDstW = 2;
  /// Command field: what becomes of weights' bytes, NARROW_*
  localparam int LoadNarrowLsb = 10;
  localparam int LoadNarrowW = 2;
  /// Command field: DRAM byte address, multiple of N
  localparam int LoadAddrLsb = 96;
  localparam int LoadAddrW = 32;
  /// Command field: first word in the buffer; addresses wrap modulo its size
  localparam int LoadDstAddrLsb = 128;
  localparam int LoadDstAddrW = 16;
  /// Command field: beats (N bytes) in a row, >= 1
  localparam int LoadBeatsLsb = 160;
  localparam int LoadBeatsW = 20;
  /// Command field: rows, >= 1
  localparam int LoadCountLsb = 192;
  localparam int LoadCountW = 16;
  /// Command field: words between rows in the buffer
  localparam int LoadDstStrideLsb = 208;
  localparam int LoadDstStrideW = 16;
  /// Command field: bytes between rows in DRAM, multiple of N
  localparam int LoadAddrStrideLsb = 224;
  localparam int LoadAddrStrideW = 32;
  /// Command field: elements are nibbles
  localparam int PackBits4Lsb = 8;
  localparam int PackBits4W = 1;
  /// Command field: residual-buffer word where ring slot 0 starts
  localparam int PackSrcLsb = 96;
  localparam int PackSrcW = 16;
  /// Command field: words between ring slots
  localparam int PackPitchLsb = 112;
  localparam int PackPitchW = 16;
  /// Command field: activation word of k-word 0, pixel 0
  localparam int PackDstAddrLsb = 128;
  localparam int PackDstAddrW = 16;
  /// Command field: words between k-words (>= pixels in the tile)
  localparam int PackDstStrideLsb = 144;
  localparam int PackDstStrideW = 16;
  /// Command field: slots in the ring, >= 1
  localparam int PackRingRowsLsb = 160;
  localparam int PackRingRowsW = 8;
  /// Command field: slot of row IY0: IY0 mod RING_ROWS, non-negative
  localparam int PackSlotLsb = 168;
  localparam int PackSlotW = 8;
  /// Command field: kernel rows, >= 1
  localparam int PackKhLsb = 176;
  localparam int PackKhW = 8;
  /// Command field: element outside the image (low nibble for 4 bits)
  localparam int PackPadLsb = 184;
  localparam int PackPadW = 8;
  /// Command field: elements in a kernel row: kw * cin, >= 1
  localparam int PackSegLsb = 192;
  localparam int PackSegW = 16;
  /// Command field: elements between neighbouring output pixels: stride_x * cin
  localparam int PackXStepLsb = 208;
  localparam int PackXStepW = 16;
  /// Command field: signed element offset of output column 0: -pad_left * cin
  localparam int PackX0Lsb = 224;
  localparam int PackX0W = 16;
  /// Command field: signed image row of the tile's first output row, kernel row 0
  localparam int PackIy0Lsb = 240;
  localparam int PackIy0W = 16;
  /// Command field: elements in an image row: width * cin, < 32768
  localparam int PackRowElemsLsb = 256;
  localparam int PackRowElemsW = 16;
  /// Command field: image height, < 32768
  localparam int PackHLsb = 272;
  localparam int PackHW = 16;
  /// Command field: output rows in the tile, >= 1
  localparam int PackOyLsb = 288;
  localparam int PackOyW = 16;
  /// Command field: output columns in the tile, >= 1
  localparam int PackOxLsb = 304;
  localparam int PackOxW = 16;
  /// Command field: stride_y, 1..RING_ROWS
  localparam int PackSyLsb = 320;
  localparam int PackSyW = 8;
  /// Command field: the first k-step overwrites the accumulators instead of adding
  localparam int CompFirstLsb = 8;
  localparam int CompFirstW = 1;
  /// Command field: accumulator buffer, 0 or 1
  localparam int CompAccBufLsb = 9;
  localparam int CompAccBufW = 1;
  /// Command field: activations are 8 bits wide, else 4
  localparam int CompAct8Lsb = 10;
  localparam int CompAct8W = 1;
  /// Command field: weights are 8 bits wide, else 4 (both tile halves at once)
  localparam int CompWgt8Lsb = 11;
  localparam int CompWgt8W = 1;
  /// Command field: activation codes are signed
  localparam int CompActSignedLsb = 12;
  localparam int CompActSignedW = 1;
  /// Command field: accumulate by signed maximum instead of sum
  localparam int CompMaxLsb = 13;
  localparam int CompMaxW = 1;
  /// Command field: load the weights once, at the first k-step, and keep them
  localparam int CompHoldLsb = 14;
  localparam int CompHoldW = 1;
  /// Command field: tile half (output channels half*N .. half*N+N-1) that 8-bit weights write
  localparam int CompHalfLsb = 15;
  localparam int CompHalfW = 1;
  /// Command field: activation word of kb=ky=kx=oy=ox=0 (may lie in the padding)
  localparam int CompActBaseLsb = 96;
  localparam int CompActBaseW = 16;
  /// Command field: weight half-word of k-step 0; even for 4-bit activations
  localparam int CompWgtBaseLsb = 112;
  localparam int CompWgtBaseW = 16;
  /// Command field: channel blocks, >= 1
  localparam int CompKbLsb = 128;
  localparam int CompKbW = 16;
  /// Command field: activation words between channel blocks
  localparam int CompKbStrideLsb = 144;
  localparam int CompKbStrideW = 16;
  /// Command field: kernel rows, >= 1
  localparam int CompKhLsb = 160;
  localparam int CompKhW = 8;
  /// Command field: kernel columns, >= 1
  localparam int CompKwLsb = 168;
  localparam int CompKwW = 8;
  /// Command field: accumulator entry of pixel 0
  localparam int CompAccBaseLsb = 176;
  localparam int CompAccBaseW = 16;
  /// Command field: output rows in the tile, >= 1
  localparam int CompOyLsb = 192;
  localparam int CompOyW = 16;
  /// Command field: output columns in the tile, >= 1
  localparam int CompOxLsb = 208;
  localparam int CompOxW = 16;
  /// Command field: activation words between kernel rows
  localparam int CompKyStrideLsb = 224;
  localparam int CompKyStrideW = 16;
  /// Command field: activation words between kernel columns
  localparam int CompKxStrideLsb = 240;
  localparam int CompKxStrideW = 16;
  /// Command field: activation words between output rows
  localparam int CompOyStrideLsb = 256;
  localparam int CompOyStrideW = 16;
  /// Command field: activation words between output columns
  localparam int CompOxStrideLsb = 272;
  localparam int CompOxStrideW = 16;
  /// Command field: signed input row of oy=ky=0
  localparam int CompIy0Lsb = 288;
  localparam int CompIy0W = 16;
  /// Command field: signed input column of ox=kx=0
  localparam int CompIx0Lsb = 304;
  localparam int CompIx0W = 16;
  /// Command field: input rows between kernel rows (dilation)
  localparam int CompDkyLsb = 320;
  localparam int CompDkyW = 8;
  /// Command field: input columns between kernel columns (dilation)
  localparam int CompDkxLsb = 328;
  localparam int CompDkxW = 8;
  /// Command field: input rows between output rows (stride)
  localparam int CompSyLsb = 336;
  localparam int CompSyW = 8;
  /// Command field: input columns between output columns (stride)
  localparam int CompSxLsb = 344;
  localparam int CompSxW = 8;
  /// Command field: input height, < 32768: rows outside 0..H-1 are padding
  localparam int CompHLsb = 352;
  localparam int CompHW = 16;
  /// Command field: input width, < 32768: columns outside 0..W-1 are padding
  localparam int CompWLsb = 368;
  localparam int CompWW = 16;
  /// Command field: byte that padding supplies to every array row (4 bits: code in both nibbles)
  localparam int CompPadLsb = 384;
  localparam int CompPadW = 8;
  /// Command field: accumulator buffer, 0 or 1
  localparam int StoreAccBufLsb = 8;
  localparam int StoreAccBufW = 1;
  /// Command field: a second output follows the first
  localparam int StoreTwoOutLsb = 9;
  localparam int StoreTwoOutW = 1;
  /// Command field: both tile halves hold channels (else half 0 only)
  localparam int StoreHalves2Lsb = 10;
  localparam int StoreHalves2W = 1;
  /// Command field: residual form, RES_FORM_*
  localparam int StoreResFormLsb = 11;
  localparam int StoreResFormW = 2;
  /// Command field: last STORE of its layer: log the layer when its write responses are in
  localparam int StoreLastLsb = 13;
  localparam int StoreLastW = 1;
  /// Command field: residual codes are 4 bits wide
  localparam int StoreRes4Lsb = 14;
  localparam int StoreRes4W = 1;
  /// Command field: residual codes are signed
  localparam int StoreResSignedLsb = 15;
  localparam int StoreResSignedW = 1;
  /// Command field: pixels in the tile, 1..ACC_PIXELS
  localparam int StorePixelsLsb = 96;
  localparam int StorePixelsW = 16;
  /// Command field: accumulator entry of pixel 0
  localparam int StoreAccBaseLsb = 112;
  localparam int StoreAccBaseW = 16;
  /// Command field: pixels that are contiguous in DRAM, >= 1; the last segment may be shorter; pool: pixels in a row
  localparam int StoreSegBeatsLsb = 128;
  localparam int StoreSegBeatsW = 16;
  /// Command field: 0: no pool; else the words that a section gives: see docs/commands.md
  localparam int StorePoolBeatsLsb = 144;
  localparam int StorePoolBeatsW = 16;
  /// Command field: bytes between such segments, multiple of N
  localparam int StoreSegStrideLsb = 160;
  localparam int StoreSegStrideW = 32;
  /// Command field: residual word of pixel 0, half 0
  localparam int StoreResBaseLsb = 192;
  localparam int StoreResBaseW = 16;
  /// Command field: 8-bit residual: words between the halves
  localparam int StoreResHalfStrideLsb = 208;
  localparam int StoreResHalfStrideW = 16;
  /// Command field: residual zero point, a code of its format
  localparam int StoreResZpLsb = 224;
  localparam int StoreResZpW = 8;
  /// Command field: pool: a column of padding on the left
  localparam int StorePoolPadXLsb = 232;
  localparam int StorePoolPadXW = 1;
  /// Command field: pool: the tile's first row is the middle of a window
  localparam int StorePoolOddYLsb = 233;
  localparam int StorePoolOddYW = 1;
  /// Command field: pool: the tile's first row is the plane's: nothing above it in the line buffer
  localparam int StorePoolTopLsb = 234;
  localparam int StorePoolTopW = 1;
  /// Command field: pool: a window whose middle is the tile's last row gives words, too
  localparam int StorePoolEndLsb = 235;
  localparam int StorePoolEndW = 1;
  /// Command field: pool: line-buffer word of the first section's first window; sections follow each other
  localparam int StorePoolLineLsb = 240;
  localparam int StorePoolLineW = 16;
  /// Command field: DRAM byte address of pixel 0, half 0, multiple of N
  localparam int StoreOut0AddrLsb = 256;
  localparam int StoreOut0AddrW = 32;
  /// Command field: 8-bit output: bytes between the halves
  localparam int StoreOut0HalfStrideLsb = 288;
  localparam int StoreOut0HalfStrideW = 32;
  /// Command field: zero point, a code of the output format
  localparam int StoreOut0ZpLsb = 320;
  localparam int StoreOut0ZpW = 8;
  /// Command field: smallest code
  localparam int StoreOut0LoLsb = 328;
  localparam int StoreOut0LoW = 8;
  /// Command field: largest code
  localparam int StoreOut0HiLsb = 336;
  localparam int StoreOut0HiW = 8;
  /// Command field: rounding mode, ROUND_*
  localparam int StoreOut0RndLsb = 344;
  localparam int StoreOut0RndW = 3;
  /// Command field: 4-bit codes
  localparam int StoreOut0Bits4Lsb = 347;
  localparam int StoreOut0Bits4W = 1;
  /// Command field: signed codes
  localparam int StoreOut0SignedLsb = 348;
  localparam int StoreOut0SignedW = 1;
  /// Command field: parameter entry of half 0; half 1 is the next entry
  localparam int StoreOut0ParLsb = 352;
  localparam int StoreOut0ParW = 16;
  /// Command field: the same for output 1
  localparam int StoreOut1ParLsb = 368;
  localparam int StoreOut1ParW = 16;
  /// Command field: as OUT0
  localparam int StoreOut1AddrLsb = 384;
  localparam int StoreOut1AddrW = 32;
  /// Command field: as OUT0
  localparam int StoreOut1HalfStrideLsb = 416;
  localparam int StoreOut1HalfStrideW = 32;
  /// Command field: as OUT0
  localparam int StoreOut1ZpLsb = 448;
  localparam int StoreOut1ZpW = 8;
  /// Command field: as OUT0
  localparam int StoreOut1LoLsb = 456;
  localparam int StoreOut1LoW = 8;
  /// Command field: as OUT0
  localparam int StoreOut1HiLsb = 464;
  localparam int StoreOut1HiW = 8;
  /// Command field: as OUT0
  localparam int StoreOut1RndLsb = 472;
  localparam int StoreOut1RndW = 3;
  /// Command field: as OUT0
  localparam int StoreOut1Bits4Lsb = 475;
  localparam int StoreOut1Bits4W = 1;
  /// Command field: as OUT0
  localparam int StoreOut1SignedLsb = 476;
  localparam int StoreOut1SignedW = 1;
  /// Command field: pool: rows in the tile; SEG_BEATS is their pixels, at least 2, and PIXELS the product
  localparam int StorePoolRowsLsb = 480;
  localparam int StorePoolRowsW = 16;
  /// Command field: value shown in COMPLETED
  localparam int SyncTagLsb = 96;
  localparam int SyncTagW = 32;
  /// toward minus infinity
  localparam int RoundFloor = 0;
  /// to nearest, ties toward plus infinity
  localparam int RoundHalfUp = 1;
  /// to nearest, ties to even
  localparam int RoundHalfEven = 2;
  /// to nearest, ties away from zero
  localparam int RoundHalfAway = 3;
  /// TensorFlow Lite's: half up at bit 31, then half away; one half up for shifts to 31
  localparam int RoundTflite = 4;
  /// greatest rounding mode; STORE refuses the codes above
  localparam int RoundLast = 4;
  /// no residual
  localparam int ResFormNone = 0;
  /// added to the product, rounded together
  localparam int ResFormJoint = 1;
  /// rounded by itself, added behind the rounding
  localparam int ResFormSeparate = 2;
  /// added to the accumulator before it is scaled
  localparam int ResFormPre = 3;
  /// bytes in a channel's parameter record
  localparam int ParamBytes = 16;
  /// word 3: bits of each shift
  localparam int ParamShiftW = 6;
  /// word 3: S
  localparam int ParamSLsb = 0;
  /// word 3: Sr or r
  localparam int ParamSrLsb = 6;
  /// word 3: Lr or La
  localparam int ParamLrLsb = 12;
  /// word 3: bits of Lr and La, at most 31; the one above them is nothing's
  localparam int ParamLrW = 5;
  /// word 3, up to its end: the signed fraction but for its two lowest bits, 31 of words 2 and 1
  localparam int ParamFracLsb = 18;
  /// the fraction times 2^this is added to acc*M (RES_PRE: shifted left by La as well)
  localparam int ParamFracShift = 15;
  /// Register (CAP): 0x54545241, 'TTRA'
  localparam logic [11:0] RegId = 12'h000;
  /// Register (CAP): hardware interface version
  localparam logic [11:0] RegVersion = 12'h004;
  /// Register (CAP): size of the array; rows and columns are N, and so are the bytes of an AXI beat
  localparam logic [11:0] RegArray = 12'h008;
  /// Register (CAP): activation buffer, N-byte words (a power of two)
  localparam logic [11:0] RegActWords = 12'h00c;
  /// Register (CAP): weight buffer, N-byte half-words (a power of two)
  localparam logic [11:0] RegWgtWords = 12'h010;
  /// Register (CAP): residual buffer, N-byte words (a power of two)
  localparam logic [11:0] RegResWords = 12'h014;
  /// Register (CAP): parameter buffer entries (a power of two)
  localparam logic [11:0] RegParEntries = 12'h018;
  /// Register (CAP): pixels in one accumulator buffer (a power of two)
  localparam logic [11:0] RegAccPixels = 12'h01c;
  /// Register (CAP): layer ids that have counters
  localparam logic [11:0] RegMaxLayers = 12'h020;
  /// Register (CAP): line buffer of the fused max pool, N-byte words (a power of two)
  localparam logic [11:0] RegPoolWords = 12'h024;
  /// Register (RW): enable and soft reset
  localparam logic [11:0] RegCtrl = 12'h040;
  localparam logic [31:0] RegCtrlBits = 32'h00000001;
  localparam logic [31:0] RegCtrlReset = 32'h00000000;
  /// Register (RO): what the engine is doing
  localparam logic [11:0] RegStatus = 12'h044;
  /// Register (RW): command ring, byte address; change only while HEAD is TAIL
  localparam logic [11:0] RegRingBase = 12'h048;
  localparam logic [31:0] RegRingBaseBits = 32'hffffffc0;
  localparam logic [31:0] RegRingBaseReset = 32'h00000000;
  /// Register (RW): commands in the ring, >= 2; change only while HEAD is TAIL
  localparam logic [11:0] RegRingSize = 12'h04c;
  localparam logic [31:0] RegRingSizeBits = 32'hffffffff;
  localparam logic [31:0] RegRingSizeReset = 32'h00000000;
  /// Register (RO): ring index of the next command to dispatch
  localparam logic [11:0] RegHead = 12'h050;
  /// Register (RW): doorbell: ring index after the last valid command, < RING_SIZE; 0 after reset, as HEAD
  localparam logic [11:0] RegTail = 12'h054;
  localparam logic [31:0] RegTailBits = 32'hffffffff;
  localparam logic [31:0] RegTailReset = 32'h00000000;
  /// Register (RW): lowest byte address that commands may touch
  localparam logic [11:0] RegMemBase = 12'h058;
  localparam logic [31:0] RegMemBaseBits = 32'hffffffff;
  localparam logic [31:0] RegMemBaseReset = 32'h00000000;
  /// Register (RW): highest byte address that commands may touch
  localparam logic [11:0] RegMemLimit = 12'h05c;
  localparam logic [31:0] RegMemLimitBits = 32'hffffffff;
  localparam logic [31:0] RegMemLimitReset = 32'hffffffff;
  /// Register (W1C): IRQ_* bits, write 1 to clear
  localparam logic [11:0] RegIrqStatus = 12'h060;
  /// Register (RW): 1 enables the interrupt line for that bit
  localparam logic [11:0] RegIrqMask = 12'h064;
  localparam logic [31:0] RegIrqMaskBits = 32'h00000007;
  localparam logic [31:0] RegIrqMaskReset = 32'h00000000;
  /// Register (RO): tag of the last SYNC that completed
  localparam logic [11:0] RegCompleted = 12'h068;
  /// Register (RW): cycles without any progress until ERR_TIMEOUT; 0 is never
  localparam logic [11:0] RegWatchdog = 12'h06c;
  localparam logic [31:0] RegWatchdogBits = 32'hffffffff;
  localparam logic [31:0] RegWatchdogReset = 32'h00100000;
  /// Register (RO): first error, ERR_*
  localparam logic [11:0] RegErrCause = 12'h070;
  /// Register (RO): commands dispatched since reset before the failing one
  localparam logic [11:0] RegErrIndex = 12'h074;
  /// Register (RO): address of the failing access; of the command in the ring where fetch found the error; 0 for a timeout
  localparam logic [11:0] RegErrAddr = 12'h078;
  /// Register (RO): fill of the completion log
  localparam logic [11:0] RegLogCount = 12'h080;
  /// Register (RO): oldest entry: layer id
  localparam logic [11:0] RegLogLayer = 12'h084;
  /// Register (RO): oldest entry: cycle counter at its last write response
  localparam logic [11:0] RegLogCycleLo = 12'h088;
  /// Register (RO): oldest entry, high word; writing anything pops the entry
  localparam logic [11:0] RegLogCycleHi = 12'h08c;
  /// Register (RW): layer whose counters, as of this write, are shown below (summed since reset)
  localparam logic [11:0] RegLayerSel = 12'h090;
  localparam logic [31:0] RegLayerSelBits = 32'h000001ff;
  localparam logic [31:0] RegLayerSelReset = 32'h00000000;
  /// Register (RO): cycles in which the array took a pixel of that layer
  localparam logic [11:0] RegLayerBusy = 12'h094;
  /// Register (RO): beats loaded for that layer
  localparam logic [11:0] RegLayerRead = 12'h098;
  /// Register (RO): beats stored for that layer
  localparam logic [11:0] RegLayerWrite = 12'h09c;
  /// Register (RO): 64-bit counters CNT_*, 8 bytes each; reading the low word captures the high word to read next
  localparam logic [11:0] RegCounters = 12'h100;
  /// cycles since the doorbell with work outstanding
  localparam int CntCycles = 0;
  /// the array took a pixel
  localparam int CntBusy = 1;
  /// weights moving into the array
  localparam int CntFill = 2;
  /// array draining before a change of mode
  localparam int CntMode = 3;
  /// operands on their way from DRAM
  localparam int CntWaitLoad = 4;
  /// loads waiting for an earlier layer's stores
  localparam int CntWaitDep = 5;
  /// accumulators not read out yet
  localparam int CntWaitDrain = 6;
  /// no compute command yet
  localparam int CntWaitCmd = 7;
  /// after the last compute: drain and stores
  localparam int CntTail = 8;
  /// cycles with a read data beat for the load engine
  localparam int CntLoadBusy = 9;
  /// load engine's next command waits for a token
  localparam int CntLoadWait = 10;
  /// post-processor took an accumulator row
  localparam int CntDrainBusy = 11;
  /// post-processor held back by the write path
  localparam int CntDrainStall = 12;
  /// bytes read by the load engine
  localparam int CntReadBytes = 13;
  /// bytes read by the command fetcher
  localparam int CntFetchBytes = 14;
  /// bytes written
  localparam int CntWriteBytes = 15;
  /// codes of output 0 that the clamp changed (a ReLU's lower clamp not counted)
  localparam int CntSat0 = 16;
  /// the same for output 1
  localparam int CntSat1 = 17;
  /// a SYNC completed
  localparam int IrqSync = 1;
  /// an error stopped the engine
  localparam int IrqError = 2;
  /// the completion log is not empty (level)
  localparam int IrqLayer = 4;
  /// no error
  localparam int ErrNone = 0;
  /// unknown operation
  localparam int ErrIllegalOp = 1;
  /// a count is zero or a field is out of range
  localparam int ErrIllegalField = 2;
  /// an address or stride is not a multiple of N bytes
  localparam int ErrMisaligned = 3;
  /// a transfer leaves MEM_BASE..MEM_LIMIT
  localparam int ErrRange = 4;
  /// AXI error response to a data read
  localparam int ErrAxiRead = 5;
  /// AXI error response to a write
  localparam int ErrAxiWrite = 6;
  /// AXI error response to a command fetch
  localparam int ErrAxiFetch = 7;
  /// no progress for WATCHDOG cycles
  localparam int ErrTimeout = 8;
  /// an AXI answer to nothing that was asked for, or RLAST in a wrong beat
  localparam int ErrAxiProtocol = 9;
  /// contents of REG_ID
  localparam int HwId = 1414812225;
  /// contents of REG_VERSION
  localparam int HwVersion = 4;
  /// activation buffer, words
  localparam int DefActWords = 16384;
  /// weight buffer, half-words
  localparam int DefWgtWords = 8192;
  /// residual buffer, words, where that is DEF_RES_BYTES or more: two tiles of residuals
  localparam int DefResWords = 1024;
  /// residual buffer, least bytes: the image rows under a 7-row kernel
  localparam int DefResBytes = 16384;
  /// parameter entries
  localparam int DefParEntries = 64;
  /// pixels in an accumulator buffer
  localparam int DefAccPixels = 256;
  /// layer ids that have counters: all that a command can name
  localparam int DefMaxLayers = 512;
  /// line buffer of the fused max pool, bytes: two outputs of 64 8-bit channels by 56 windows, rounded up
  localparam int DefPoolBytes = 8192;
  /// number of 64-bit counters
  localparam int CntNum = 18;

endpackage

/* verilator lint_on UNUSEDPARAM */
