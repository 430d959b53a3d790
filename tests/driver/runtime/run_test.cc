// Jobs on a fake engine: order of writes, ring refill, completion log, interrupts, errors and timeouts.
#include <gtest/gtest.h>

#include <cstring>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "engine.h"

namespace {

using Writes = std::vector<std::pair<uint32_t, uint32_t>>;

struct Events {
  std::vector<tetra_layer_event> list;
  static void Add(void *arg, const tetra_layer_event *e) { static_cast<Events *>(arg)->list.push_back(*e); }
};

tetra_device Start(FakeEngine *engine, uint32_t timeout_us = 1000) {
  const tetra_hal hal = engine->Hal();
  tetra_device dev;
  EXPECT_EQ(tetra_device_init(&dev, &hal, timeout_us), TETRA_OK);
  engine->writes.clear();
  return dev;
}

// Everything was executed once, in order, and every layer was reported with its cycle.
void ExpectComplete(const FakeEngine &engine, const FakeJob &job, const Events &events) {
  ASSERT_EQ(engine.executed.size(), job.cmds.size());
  for (size_t i = 0; i < job.cmds.size(); i++) {
    EXPECT_EQ(std::memcmp(&engine.executed[i], &job.cmds[i], sizeof(tetra_cmd)), 0) << "command " << i;
  }
  const size_t layers = job.cmds.size() / 3;
  ASSERT_EQ(events.list.size(), layers);
  for (size_t i = 0; i < layers; i++) {
    EXPECT_EQ(events.list[i].layer, i);
    EXPECT_EQ(events.list[i].cycle, (3 * i + 3) * 0x40000001ull) << "layer " << i;
  }
}

// Faults that the driver finds have no address.
void ExpectFault(const tetra_fault &f, uint32_t cause, uint32_t index) {
  EXPECT_EQ(f.cause, cause);
  EXPECT_EQ(f.index, index);
  EXPECT_EQ(f.addr, 0u);
}

TEST(RuntimeRun, OrderOfWrites) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  FakeJob job(1);
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
  const Writes want = {{TETRA_REG_CTRL, 2},
                       {TETRA_REG_MEM_BASE, 0x10000000},
                       {TETRA_REG_MEM_LIMIT, 0x100fffff},
                       {TETRA_REG_RING_BASE, 0x10001000},
                       {TETRA_REG_RING_SIZE, 64},
                       {TETRA_REG_TAIL, 0},
                       {TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC | TETRA_IRQ_ERROR},
                       {TETRA_REG_IRQ_MASK, TETRA_IRQ_SYNC | TETRA_IRQ_ERROR | TETRA_IRQ_LAYER},
                       {TETRA_REG_CTRL, 1},
                       {TETRA_REG_TAIL, 4},
                       {TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC},
                       {TETRA_REG_LOG_CYCLE_HI, 0},
                       {TETRA_REG_IRQ_MASK, 0}};
  EXPECT_EQ(engine.writes, want);
}

TEST(RuntimeRun, EveryRingSizeAndRate) {
  for (uint32_t entries : {2u, 3u, 4u, 5u, 7u, 16u, 30u, 31u, 32u, 33u, 1000u}) {
    for (uint32_t rate : {1u, 2u, 3u, 1000u}) {
      SCOPED_TRACE("ring " + std::to_string(entries) + ", commands a wait " + std::to_string(rate));
      FakeEngine engine;
      engine.rate = rate;
      tetra_device dev = Start(&engine);
      FakeJob job(10, entries);  // 31 commands
      Events events;
      tetra_fault fault = {1, 1, 1};
      EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, &fault), TETRA_OK);
      ExpectFault(fault, TETRA_ERR_NONE, 0);
      ExpectComplete(engine, job, events);
      uint32_t doorbells = 0;
      for (const auto &w : engine.writes) {
        if (w.first != TETRA_REG_TAIL) continue;
        EXPECT_LT(w.second, entries);
        doorbells++;
      }
      EXPECT_EQ(doorbells == 2, entries >= 32) << doorbells << " writes of TAIL, the first of them its reset";
    }
  }
}

TEST(RuntimeRun, SeveralLayersPerInterrupt) {
  FakeEngine engine;
  engine.rate = 12;
  tetra_device dev = Start(&engine);
  FakeJob job(20);
  Events events;
  EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, nullptr), TETRA_OK);
  ExpectComplete(engine, job, events);
  EXPECT_EQ(engine.log_entries(), 0u);
  EXPECT_EQ(engine.timed_out_waits, 0u);
}

// All remaining work happens right before the k-th access, for every k: between any read, clear and re-read. A lost
// interrupt would show as a wait that times out.
TEST(RuntimeRun, NoInterruptIsLostWhereverCompletionFalls) {
  FakeEngine plain;
  tetra_device plain_dev = Start(&plain);
  FakeJob job(3);
  const uint32_t before = plain.accesses;
  ASSERT_EQ(tetra_device_run(&plain_dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
  const uint32_t accesses = plain.accesses - before + 10;
  for (uint32_t step : {1u, 3u, 1000u}) {
    for (uint32_t k = 0; k < accesses; k++) {
      SCOPED_TRACE("step " + std::to_string(step) + " before access " + std::to_string(k));
      FakeEngine engine;
      tetra_device dev = Start(&engine);
      engine.rate = 3;
      uint32_t n = 0;
      engine.before_access = [&](uint32_t, bool) {
        if (n++ >= k) engine.Work(step);
      };
      Events events;
      EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, nullptr), TETRA_OK);
      ExpectComplete(engine, job, events);
      EXPECT_EQ(engine.timed_out_waits, 0u);
    }
  }
}

TEST(RuntimeRun, EarlierSyncDoesNotEndTheJob) {
  for (uint32_t rate : {1u, 1000u}) {
    FakeEngine engine;
    engine.rate = rate;
    tetra_device dev = Start(&engine);
    FakeJob job(2);
    tetra_cmd sync = job.cmds.back();
    tetra_cmd_set(&sync, TETRA_F_SYNC_TAG, 7);
    job.cmds.insert(job.cmds.begin() + 3, sync);
    job.job.cmds = job.cmds.data();
    job.job.n_cmds++;
    EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
    EXPECT_EQ(engine.executed.size(), job.cmds.size()) << "rate " << rate;
  }
}

TEST(RuntimeRun, SecondRunWithTheSameTagWaitsForItsOwnSync) {
  FakeEngine engine;
  engine.rate = 1;
  tetra_device dev = Start(&engine);
  FakeJob job(2);
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
  engine.executed.clear();
  Events events;
  EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, nullptr), TETRA_OK);
  ExpectComplete(engine, job, events);
}

TEST(RuntimeError, EveryCauseIsReportedAndTheNextRunIsGood) {
  for (uint32_t cause = TETRA_ERR_ILLEGAL_OP; cause <= TETRA_ERR_AXI_PROTOCOL; cause++) {
    SCOPED_TRACE(tetra_fault_name(cause));
    FakeEngine engine;
    engine.fail_index = 7;
    engine.fail_cause = cause;
    engine.fail_addr = 0x10002340 + cause;
    tetra_device dev = Start(&engine);
    FakeJob job(5, 4);
    Events events;
    tetra_fault fault = {};
    EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, &fault), TETRA_EHW);
    EXPECT_EQ(fault.cause, cause);
    EXPECT_EQ(fault.index, 7u);
    EXPECT_EQ(fault.addr, 0x10002340 + cause);
    EXPECT_EQ(events.list.size(), 2u) << "layers finished before the error";
    EXPECT_EQ(engine.writes.back(), Writes::value_type(TETRA_REG_IRQ_MASK, 0));

    engine.fail_index = 0xffffffff;
    engine.executed.clear();
    events.list.clear();
    EXPECT_EQ(tetra_device_reset(&dev), TETRA_OK);
    EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, &fault), TETRA_OK);
    EXPECT_EQ(fault.cause, +TETRA_ERR_NONE);
    ExpectComplete(engine, job, events);
  }
}

// The engine works on, command by command, at every access from the k-th on, until it fails: whatever the driver is
// looking at when that happens, it reports the layers that completed before, all of them, and none after.
TEST(RuntimeError, LayersBeforeTheErrorAndNoneAfterWhereverItFalls) {
  for (uint32_t fail_index : {0u, 2u, 3u, 5u, 7u, 11u}) {
    for (uint32_t k = 0; k < 60; k++) {
      SCOPED_TRACE("command " + std::to_string(fail_index) + ", access " + std::to_string(k));
      FakeEngine engine;
      engine.rate = 1;
      engine.fail_index = fail_index;
      engine.fail_cause = TETRA_ERR_AXI_WRITE;
      tetra_device dev = Start(&engine);
      FakeJob job(5);
      uint32_t n = 0;
      engine.before_access = [&](uint32_t, bool) {
        if (n++ >= k) engine.Work(1);
      };
      Events events;
      tetra_fault fault = {};
      EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, &fault), TETRA_EHW);
      EXPECT_EQ(fault.cause, +TETRA_ERR_AXI_WRITE);
      EXPECT_EQ(fault.index, fail_index);
      ASSERT_EQ(events.list.size(), fail_index / 3);
      for (size_t i = 0; i < events.list.size(); i++) EXPECT_EQ(events.list[i].layer, i);
    }
  }
}

// A write that fails can be answered in the very cycle in which the SYNC completes: the run has failed.
TEST(RuntimeError, ErrorThatComesWithTheSyncIsReported) {
  FakeEngine engine;
  engine.fail_at_sync = true;
  engine.fail_cause = TETRA_ERR_AXI_WRITE;
  engine.fail_addr = 0x10002340;
  tetra_device dev = Start(&engine);
  FakeJob job(2);
  Events events;
  tetra_fault fault = {};
  EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, +TETRA_ERR_AXI_WRITE);
  EXPECT_EQ(fault.addr, 0x10002340u);
  EXPECT_EQ(events.list.size(), 2u) << "both layers are complete";
}

TEST(RuntimeError, WithoutFaultPointer) {
  FakeEngine engine;
  engine.fail_index = 0;
  engine.fail_cause = TETRA_ERR_RANGE;
  tetra_device dev = Start(&engine);
  FakeJob job(1);
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_EHW);
}

TEST(RuntimeError, ContradictingRegisters) {
  const std::pair<uint32_t, uint32_t> lies[] = {{TETRA_REG_HEAD, 64},
                                                {TETRA_REG_HEAD, 0xffffffff},
                                                {TETRA_REG_HEAD, 5},  // past the tail
                                                {TETRA_REG_LOG_COUNT, 5},
                                                {TETRA_REG_LOG_COUNT, 0x7fffffff}};
  for (const auto &lie : lies) {
    FakeEngine engine;
    engine.rate = 1;
    tetra_device dev = Start(&engine);
    engine.override_read = {lie};
    FakeJob job(1);
    tetra_fault fault = {};
    EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, &fault), TETRA_EHW) << std::hex << lie.first;
    EXPECT_EQ(fault.cause, +TETRA_FAULT_REGISTERS);
    EXPECT_EQ(fault.addr, 0u);
  }
}

// More entries than the commands that are left can log: none of them is taken.
TEST(RuntimeError, MoreLogEntriesThanCommandsLeft) {
  FakeEngine engine;
  engine.rate = 3;
  tetra_device dev = Start(&engine);
  FakeJob job(5);  // 16 commands
  engine.before_access = [&](uint32_t, bool) {
    if (engine.executed.size() == 12 && engine.log_entries() == 0) engine.override_read = {{TETRA_REG_LOG_COUNT, 13}};
  };
  Events events;
  tetra_fault fault = {};
  EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, +TETRA_FAULT_REGISTERS);
  EXPECT_EQ(events.list.size(), 4u);
}

// Not far from the tail, modulo the ring's size, and yet no index.
TEST(RuntimeError, HeadEqualToTheRingSize) {
  FakeEngine engine;
  engine.rate = 1;
  tetra_device dev = Start(&engine);
  FakeJob job(5, 4);
  engine.before_access = [&](uint32_t, bool) {
    if (engine.executed.size() == 3) engine.override_read = {{TETRA_REG_HEAD, 4}};
  };
  tetra_fault fault = {};
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, +TETRA_FAULT_REGISTERS);
}

TEST(RuntimeError, LogOverflowIsReportedAfterAGoodRun) {
  FakeEngine engine;
  engine.log_depth = 4;
  tetra_device dev = Start(&engine);
  FakeJob job(6);
  Events events;
  EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, nullptr), TETRA_ERANGE);
  EXPECT_EQ(events.list.size(), 4u);
  EXPECT_EQ(engine.executed.size(), job.cmds.size());
  // Who does not ask for layers lacks none.
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
  engine.log_depth = 512;
  EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, nullptr), TETRA_OK);
}

TEST(RuntimeTimeout, SilentEngine) {
  for (uint32_t entries : {3u, 64u}) {
    for (uint32_t timeout_us : {1u, 20u, 21u, 1000u}) {
      FakeEngine engine;
      engine.dead = true;
      tetra_device dev = Start(&engine, timeout_us);
      FakeJob job(2, entries);
      tetra_fault fault = {};
      EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, &fault), TETRA_ETIMEOUT);
      ExpectFault(fault, TETRA_FAULT_SILENT, 0);
      EXPECT_GE(engine.waited_us, timeout_us);
      EXPECT_LT(engine.waited_us, timeout_us + 20);
    }
  }
}

TEST(RuntimeTimeout, EngineThatStopsMidwayTellsHowFarItCame) {
  FakeEngine engine;
  tetra_device dev = Start(&engine, 981);
  FakeJob job(3, 4);
  engine.rate = 1;
  size_t waits_at_stop = 0;
  engine.before_access = [&](uint32_t, bool) {
    if (engine.executed.size() == 5 && engine.rate != 0) engine.rate = 0, waits_at_stop = engine.asked_us.size();
  };
  tetra_fault fault = {9, 9, 9};
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, &fault), TETRA_ETIMEOUT);
  ExpectFault(fault, TETRA_FAULT_SILENT, 5);
  // From its last sign of life on 50 waits of 20 us, the first that are not less than 981.
  EXPECT_EQ(engine.asked_us.size(), waits_at_stop + 50);
}

TEST(RuntimeTimeout, SlowEngineIsNotTimedOut) {
  FakeEngine engine;
  tetra_device dev = Start(&engine, 50);
  FakeJob job(30);
  engine.rate = 1;  // most waits time out, each with one command done
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
  EXPECT_GT(engine.waited_us, 50u * 30);
}

// More silence in all than timeout_us, never that much in a row.
TEST(RuntimeTimeout, SilencesBetweenCommandsDoNotAddUp) {
  FakeEngine engine;
  tetra_device dev = Start(&engine, 1000);
  dev.hal.wait_irq = [](void *ctx, uint32_t timeout_us) {
    auto *e = static_cast<FakeEngine *>(ctx);
    e->asked_us.push_back(timeout_us);
    if (e->asked_us.size() % 2 == 0 || e->executed.size() > 80) e->Work(1);
    return 1;
  };
  FakeJob job(30, 4);
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
  EXPECT_GT(engine.asked_us.size(), 160u);
}

TEST(RuntimeTimeout, SpuriousInterruptsBetweenCommandsDoNotAddUp) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  dev.hal.wait_irq = [](void *ctx, uint32_t timeout_us) {
    auto *e = static_cast<FakeEngine *>(ctx);
    e->asked_us.push_back(timeout_us);
    if (e->asked_us.size() % 1000 == 0) e->Work(1);
    return 0;
  };
  FakeJob job(3);
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
  EXPECT_EQ(engine.asked_us.size(), 10000u);
}

// Layers that complete are life, also where the head stands still: an engine may fetch all commands, and then work.
TEST(RuntimeTimeout, LayersAreProgressWithoutAMovingHead) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  engine.rate = 3;
  FakeJob job(1200, 4096);
  engine.override_read = {{TETRA_REG_HEAD, 0}};
  Events events;
  EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, nullptr), TETRA_OK);
  EXPECT_EQ(events.list.size(), 1200u);
}

// No interrupt tells of space in the ring, so waits are short until the last command is in it.
TEST(RuntimeTimeout, WaitsAreShortWhileCommandsAreLeft) {
  for (uint32_t entries : {4u, 64u}) {
    FakeEngine engine;
    engine.rate = 1;
    tetra_device dev = Start(&engine, 1000);
    FakeJob job(5, entries);  // 16 commands
    EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
    ASSERT_EQ(engine.asked_us.size(), 16u);
    for (size_t i = 0; i < 16; i++) EXPECT_EQ(engine.asked_us[i], entries == 4 && i < 13 ? 20u : 1000u) << "wait " << i;
  }
}

TEST(RuntimeTimeout, InterruptLineStuckHigh) {
  FakeEngine engine;
  engine.dead = engine.stuck_irq = true;
  tetra_device dev = Start(&engine);
  FakeJob job(2);
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_ETIMEOUT);
  EXPECT_EQ(engine.asked_us.size(), 1000u);
}

TEST(RuntimeTimeout, MissingInterruptLineIsSurvived) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  dev.hal.wait_irq = [](void *ctx, uint32_t) {
    static_cast<FakeEngine *>(ctx)->Work(2);
    return 1;
  };
  FakeJob job(4);
  Events events;
  EXPECT_EQ(tetra_device_run(&dev, &job.job, Events::Add, &events, nullptr), TETRA_OK);
  ExpectComplete(engine, job, events);
}

TEST(RuntimeTimeout, ResetThatNeverEnds) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  FakeJob job(1);
  engine.override_read = {{TETRA_REG_CTRL, 2}};
  EXPECT_EQ(tetra_device_reset(&dev), TETRA_ETIMEOUT);
  tetra_fault fault = {9, 9, 9};
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, &fault), TETRA_ETIMEOUT);
  ExpectFault(fault, TETRA_FAULT_SILENT, 0);
  EXPECT_EQ(engine.executed.size(), 0u);
  const tetra_hal hal = engine.Hal();
  EXPECT_EQ(tetra_device_init(&dev, &hal, 1000), TETRA_ETIMEOUT);
  EXPECT_EQ(dev.caps.n, 0u);
  EXPECT_EQ(dev.hal.ctx, nullptr);
}

// It is asked so often, and no more.
TEST(RuntimeTimeout, ResetIsWaitedForSoLong) {
  for (const uint32_t reads : {131071u, 131072u}) {
    FakeEngine engine;
    tetra_device dev = Start(&engine);
    const uint32_t before = engine.accesses;
    engine.reset_reads = reads;
    EXPECT_EQ(tetra_device_reset(&dev), reads == 131071 ? TETRA_OK : TETRA_ETIMEOUT);
    EXPECT_EQ(engine.accesses - before, 1 + 131072u);
  }
}

// The longest reset the hardware can need: 65,535 cycles and a few, one read a cycle.
TEST(RuntimeTimeout, SlowestPossibleResetIsWaitedFor) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  engine.reset_reads = 65560;
  EXPECT_EQ(tetra_device_reset(&dev), TETRA_OK);
}

TEST(RuntimeRun, MalformedJobsTouchNothing) {
  const FakeJob good(2);
  std::vector<std::pair<const char *, tetra_job>> jobs;
  auto add = [&](const char *what, void (*change)(tetra_job *)) {
    jobs.push_back({what, good.job});
    change(&jobs.back().second);
  };
  add("no commands", [](tetra_job *j) { j->cmds = nullptr; });
  add("0 commands", [](tetra_job *j) { j->n_cmds = 0; });
  add("last command no SYNC", [](tetra_job *j) { j->n_cmds--; });
  add("another tag", [](tetra_job *j) { j->sync_tag++; });
  add("ring of 1", [](tetra_job *j) { j->ring_entries = 1; });
  add("ring misaligned", [](tetra_job *j) { j->ring_addr += 32; });
  add("ring past 4 GiB", [](tetra_job *j) { j->ring_addr = 0xffffffc0u; });
  add("ring size overflows 32 bits", [](tetra_job *j) { j->ring_entries = 0x04000002; });
  add("ring outside of memory", [](tetra_job *j) { j->ring_addr = 0x20000000; });
  add("limit below base", [](tetra_job *j) { j->limit = j->base - 1; });
  for (const auto &bad : jobs) {
    FakeEngine engine;
    tetra_device dev = Start(&engine);
    tetra_fault fault = {9, 9, 9};
    EXPECT_EQ(tetra_device_run(&dev, &bad.second, nullptr, nullptr, &fault), TETRA_EINVAL) << bad.first;
    ExpectFault(fault, TETRA_ERR_NONE, 0);
    EXPECT_TRUE(engine.writes.empty()) << bad.first;
  }
}

// The ring's last byte is the last of 4 GiB, or one beyond, or 2^32 bytes further: memory that can be mapped or not.
TEST(RuntimeRun, RingsEndWithin4GiB) {
  struct Ring {
    uint32_t addr, entries;
    bool good;
  };
  for (const Ring &ring : {Ring{0xffffff00u, 4, true}, Ring{0xffffff00u, 3, true}, Ring{0xffffff00u, 5, false},
                           Ring{0xffffffc0u, 2, false}, Ring{0xffffff00u, 0x04000003, false},
                           Ring{0, 0x04000000, false}, Ring{0x40, 0x03ffffff, true}}) {
    SCOPED_TRACE(std::to_string(ring.entries) + " entries at " + std::to_string(ring.addr));
    static size_t mapped;
    mapped = 0;
    FakeEngine engine;
    tetra_device dev = Start(&engine);
    dev.hal.map = [](void *, uint32_t, size_t bytes) -> void * { return mapped = bytes, nullptr; };
    FakeJob job(1);
    job.job.ring_addr = ring.addr;
    job.job.ring_entries = ring.entries;
    EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_EINVAL);
    EXPECT_EQ(mapped, ring.good ? size_t{64} * ring.entries : 0u);
  }
}

TEST(RuntimeRun, TagOfAnEarlierSyncIsRefused) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  for (const size_t i : {0u, 2u, 5u}) {
    FakeJob job(2);
    job.cmds[i] = job.cmds.back();
    EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_EINVAL) << i;
  }
}

// As little as there can be: one command, one byte.
TEST(RuntimeRun, ASyncAlone) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  FakeJob job(0);
  job.job.limit = job.job.base;
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_OK);
  tetra_cmd_set(&job.cmds[0], TETRA_F_OP, TETRA_OP_LOAD);
  EXPECT_EQ(tetra_device_run(&dev, &job.job, nullptr, nullptr, nullptr), TETRA_EINVAL);
}

TEST(RuntimeRun, NullArguments) {
  FakeEngine engine;
  tetra_device dev = Start(&engine);
  FakeJob job(1);
  tetra_device none = {};
  EXPECT_EQ(tetra_device_run(nullptr, &job.job, nullptr, nullptr, nullptr), TETRA_EINVAL);
  EXPECT_EQ(tetra_device_run(&none, &job.job, nullptr, nullptr, nullptr), TETRA_EINVAL);
  EXPECT_EQ(tetra_device_run(&dev, nullptr, nullptr, nullptr, nullptr), TETRA_EINVAL);
  EXPECT_TRUE(engine.writes.empty());
}

}  // namespace
