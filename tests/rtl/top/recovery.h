// What follows an error: how it shows, a soft reset, a good run; and commands to fail in.
#ifndef TETRA_TESTS_RTL_TOP_RECOVERY_H
#define TETRA_TESTS_RTL_TOP_RECOVERY_H

#include "bench.h"

namespace tetra_test {

// A good program, from reset, with the right answers. The buffers' contents survive a reset, but are loaded again.
inline void GoodRun(TopBench *b, uint64_t seed) {
  SCOPED_TRACE("good run after the error");
  Program p(b, seed);
  p.Prologue();
  p.AddRandom(25);
  b->Configure(24);
  b->Run(p.cmds);
  p.Check(b);
}

inline void ExpectError(TopBench *b, uint32_t cause, uint32_t index) {
  EXPECT_TRUE(b->Irq());
  EXPECT_EQ(b->Read(TETRA_REG_ERR_CAUSE), cause);
  EXPECT_EQ(b->Read(TETRA_REG_ERR_INDEX), index);
  EXPECT_EQ(b->Read(TETRA_REG_STATUS) & 3, 2u) << "stopped, not busy";
  EXPECT_EQ(b->Read(TETRA_REG_IRQ_STATUS) & TETRA_IRQ_ERROR, static_cast<uint32_t>(TETRA_IRQ_ERROR));
  // Acknowledging the interrupt lowers the line, but neither restarts nor forgets.
  b->Write(TETRA_REG_IRQ_STATUS, TETRA_IRQ_ERROR | TETRA_IRQ_SYNC);
  EXPECT_FALSE(b->Irq());
  for (int i = 0; i < 300; i++) b->Tick();
  EXPECT_EQ(b->Read(TETRA_REG_ERR_CAUSE), cause);
  EXPECT_EQ(b->Read(TETRA_REG_STATUS) & 3, 2u);
  Program::CheckClasses(b);
}

inline void ExpectClean(TopBench *b) {
  for (uint32_t r : {TETRA_REG_ERR_CAUSE, TETRA_REG_ERR_INDEX, TETRA_REG_ERR_ADDR, TETRA_REG_HEAD, TETRA_REG_TAIL,
                     TETRA_REG_LOG_COUNT, TETRA_REG_IRQ_STATUS, TETRA_REG_COMPLETED})
    EXPECT_EQ(b->Read(r), 0u) << "register 0x" << std::hex << r << " after reset";
  for (int c = 0; c < TETRA_CNT_NUM; c++) EXPECT_EQ(b->Counter(c), 0u) << "counter " << c;
  EXPECT_TRUE(b->mem.Quiet()) << "bursts outstanding after reset";
}

inline tetra_cmd GoodLoad() {
  tetra_cmd c = LoadCommand(8);
  Set(&c, TETRA_F_LOAD_COUNT, 2);
  Set(&c, TETRA_F_LOAD_ADDR_STRIDE, 64);
  return c;
}
inline tetra_cmd GoodStore(TopBench *b) {
  tetra_cmd c = RandomStore(b->rnd, b->sizes, 0, 10, 10, 0);
  Set(&c, TETRA_F_STORE_TWO_OUT, 1);
  Set(&c, TETRA_F_STORE_OUT0_ADDR, kBase + Program::kSource);
  Set(&c, TETRA_F_STORE_OUT1_ADDR, kBase + Program::kSource + 0x8000);
  return c;
}

}  // namespace tetra_test
#endif
