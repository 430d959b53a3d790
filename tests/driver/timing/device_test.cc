// The cycle model as a device: what it says of random commands is what the model of a plan says of them, however its
// cycles are asked for; what it tells its owner, and when.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "commands.h"
#include "tetra/timing.h"
#include "tetra/timing_device.h"

namespace {

constexpr tetra_memory_params kMemory = {12, 40};

// Whoever owns a device: gives it commands out of a ring in memory, and writes down what it is told.
struct Owner {
  std::vector<tetra_cmd> commands;
  uint32_t latency = kMemory.latency, ring = 1 << 16;
  tetra_timing_device *d = nullptr;
  std::vector<uint64_t> stored;  // STOREs: cycle of the log
  std::vector<uint32_t> loads, computes, stores, syncs;
  std::vector<std::pair<uint32_t, uint32_t>> read, addressed, written;  // bursts: command, beats
  std::vector<std::pair<uint32_t, uint32_t>> fetched;                   // slot, commands
  uint32_t dispatched = 0, refused = UINT32_MAX;                        // a command that the owner does not take
  bool refuse_read = false, refuse_address = false;
  uint64_t told = 0;

  explicit Owner(std::vector<tetra_cmd> c, uint32_t n, uint32_t rate = kMemory.bytes_per_cycle)
      : commands(std::move(c)) {
    const tetra_memory_params mem = {rate, 1};
    const tetra_timing_hooks hooks = Hooks();
    tetra_error err = {};
    EXPECT_EQ(tetra_timing_device_new(&d, n, &mem, &hooks, &err), TETRA_OK) << err.msg;
    tetra_timing_device_ring(d, 0, ring);
  }
  Owner(const Owner &) = delete;
  Owner &operator=(const Owner &) = delete;
  ~Owner() { tetra_timing_device_free(d); }

  static Owner *Me(void *arg) {
    Owner *o = static_cast<Owner *>(arg);
    o->told++;
    return o;
  }
  tetra_timing_hooks Hooks() {
    tetra_timing_hooks h = {};
    h.arg = this;
    h.fetch = [](void *a, uint32_t slot, uint32_t n, tetra_cmd *to) {
      Owner *o = Me(a);
      size_t first = 0;
      for (const auto &f : o->fetched) first += f.second;
      EXPECT_EQ(slot, first % o->ring);
      for (uint32_t i = 0; i < n; i++) to[i] = o->commands.at(first + i);
      o->fetched.emplace_back(slot, n);
      return o->latency;
    };
    h.dispatch = [](void *a, const tetra_cmd *c, uint32_t index) {
      Owner *o = Me(a);
      EXPECT_EQ(index, o->dispatched);
      EXPECT_EQ(std::vector<uint32_t>(c->word, c->word + TETRA_CMD_WORDS),
                std::vector<uint32_t>(o->commands[index].word, o->commands[index].word + TETRA_CMD_WORDS));
      if (index == o->refused) return 0;
      o->dispatched++;
      return 1;
    };
    h.read = [](void *a, const tetra_timing_command *c, uint32_t, uint32_t beats) {
      Me(a)->read.emplace_back(c->index, beats);
      return Me(a)->refuse_read ? 0 : Me(a)->latency;
    };
    h.load = [](void *a, const tetra_timing_command *c) { Me(a)->loads.push_back(c->index); };
    h.compute = [](void *a, const tetra_timing_command *c) { Me(a)->computes.push_back(c->index); };
    h.store = [](void *a, const tetra_timing_command *c) { Me(a)->stores.push_back(c->index); };
    h.address = [](void *a, const tetra_timing_command *c, uint32_t, uint32_t beats) {
      Me(a)->addressed.emplace_back(c->index, beats);
      return Me(a)->refuse_address ? 0 : 1;
    };
    h.write = [](void *a, const tetra_timing_command *c, uint32_t, uint32_t beats) {
      Me(a)->written.emplace_back(c->index, beats);
      return Me(a)->latency;
    };
    h.stored = [](void *a, const tetra_timing_command *, uint64_t cycle) { Me(a)->stored.push_back(cycle); };
    h.sync = [](void *a, uint32_t tag) { Me(a)->syncs.push_back(tag); };
    return h;
  }

  tetra_timing_state State() const { return tetra_timing_device_state(d); }
  void Doorbell() { tetra_timing_device_commands(d, static_cast<uint32_t>(commands.size())); }
  // All of them, `cycles` at once at most.
  void Run(const std::function<uint64_t()> &cycles) {
    const int stop = 0;
    for (int i = 0; i < 10000000 && State() == TETRA_TIMING_WORKS; i++) tetra_timing_device_run(d, cycles(), &stop);
  }
  void Run() {
    Run([] { return uint64_t{1} << 40; });
  }
  std::vector<uint64_t> Classes() const {
    std::vector<uint64_t> c(TETRA_TIMING_CLASSES);
    tetra_timing_device_classes(d, c.data());
    return c;
  }
};

// Random commands, each STORE a layer of its own, and what the model of a plan says of them.
struct Stream : RandomStream {
  std::vector<uint64_t> stored, classes;
  uint64_t total = 0;
  Stream(uint32_t seed, uint32_t rate = kMemory.bytes_per_cycle) : RandomStream(seed) {
    std::vector<tetra_plan_layer> layers;
    for (tetra_cmd &c : h.cmds) {
      if (tetra_cmd_get(&c, TETRA_F_OP) != TETRA_OP_STORE) continue;
      tetra_cmd_set(&c, TETRA_F_LAYER, static_cast<uint32_t>(layers.size()));
      tetra_cmd_set(&c, TETRA_F_STORE_LAST, 1);
      layers.emplace_back();
    }
    tetra_plan plan = h.Plan();
    plan.caps = tetra_caps_default(n);
    plan.layers = layers.data(), plan.n_layers = static_cast<int>(layers.size());
    const tetra_memory_params mem = {rate, kMemory.latency};
    tetra_timing t = {};
    tetra_error err = {};
    EXPECT_EQ(tetra_timing_run(&plan, &mem, TETRA_TIMING_EVERY_CYCLE, &t, &err), TETRA_OK) << err.msg;
    for (int i = 0; i < t.n_layers; i++) stored.push_back(t.layers[i].completion);
    classes.assign(t.classes, t.classes + TETRA_TIMING_CLASSES);
    total = t.total;
    tetra_timing_free(&t);
  }
  void ExpectTold(const Owner &o, uint64_t later = 0) const {
    std::vector<uint64_t> want = stored;
    for (uint64_t &cycle : want) cycle += later;
    EXPECT_EQ(o.stored, want);
    EXPECT_EQ(o.State(), TETRA_TIMING_IDLE);
    EXPECT_EQ(tetra_timing_device_now(o.d), total + later);
  }
};

TEST(TimingDevice, SaysWhatTheModelOfAPlanSays) {
  for (uint32_t seed = 100; seed < 124; seed++) {
    SCOPED_TRACE(seed);
    Stream s(seed);
    Owner whole(s.h.cmds, s.n), pieces(s.h.cmds, s.n), granted(s.h.cmds, s.n);
    whole.Doorbell();
    whole.Run();
    s.ExpectTold(whole);
    EXPECT_EQ(whole.Classes(), s.classes);
    pieces.Doorbell();
    pieces.Run([&s] { return s.Length(3, 200); });
    s.ExpectTold(pieces);
    EXPECT_EQ(pieces.Classes(), s.classes);
    // A cycle at a time, with the beats that a bucket outside grants.
    granted.Doorbell();
    tetra_bucket bucket = tetra_timing_device_bucket(granted.d);
    EXPECT_EQ(bucket.tokens, bucket.size);
    while (granted.State() == TETRA_TIMING_WORKS) {
      const tetra_grant wants = tetra_timing_device_wants(granted.d);
      tetra_timing_device_step(granted.d,
                               tetra_bucket_grant(&bucket, static_cast<int32_t>(s.n), wants.read, wants.write));
    }
    s.ExpectTold(granted);
    EXPECT_EQ(granted.Classes(), s.classes);
    if (HasFailure()) return;
  }
}

TEST(TimingDevice, TellsOfEveryCommandOnceAndOfItsBeats) {
  for (uint32_t seed = 200; seed < 208; seed++) {
    SCOPED_TRACE(seed);
    const Stream s(seed);
    Owner o(s.h.cmds, s.n);
    o.Doorbell();
    o.Run();
    std::vector<uint32_t> loads, computes, stores;
    std::vector<uint32_t> reads(s.h.cmds.size()), writes = reads, read = reads, addressed = reads, written = reads;
    for (uint32_t i = 0; i < s.h.cmds.size(); i++) {
      const tetra_cmd &c = s.h.cmds[i];
      const uint32_t op = tetra_cmd_get(&c, TETRA_F_OP);
      if (op == TETRA_OP_LOAD || op == TETRA_OP_PACK) loads.push_back(i);
      if (op == TETRA_OP_COMPUTE) computes.push_back(i);
      if (op == TETRA_OP_STORE) stores.push_back(i), writes[i] = tetra_cmd_store_beats(&c);
      if (op == TETRA_OP_LOAD) reads[i] = tetra_cmd_get(&c, TETRA_F_LOAD_BEATS) * tetra_cmd_get(&c, TETRA_F_LOAD_COUNT);
    }
    for (const auto &b : o.read) read[b.first] += b.second;
    for (const auto &b : o.addressed) addressed[b.first] += b.second;
    for (const auto &b : o.written) written[b.first] += b.second;
    EXPECT_EQ(o.loads, loads);
    EXPECT_EQ(o.computes, computes);
    EXPECT_EQ(o.stores, stores);
    EXPECT_EQ(o.stored.size(), stores.size());
    EXPECT_EQ(o.dispatched, s.h.cmds.size());
    EXPECT_EQ(tetra_timing_device_dispatched(o.d), s.h.cmds.size());
    EXPECT_EQ(o.syncs.size(), 1u);
    EXPECT_EQ(read, reads);
    EXPECT_EQ(addressed, writes);
    EXPECT_EQ(o.written, o.addressed);
  }
}

// A beat that moves, a hook that is called and a pixel are progress; cycles in which all wait for the memory are not.
TEST(TimingDevice, ProgressIsWhatMoves) {
  const Stream s(301);
  Owner o(s.h.cmds, s.n);
  o.latency = 300;
  o.Doorbell();
  tetra_bucket bucket = tetra_timing_device_bucket(o.d);
  uint32_t still = 0;
  while (o.State() == TETRA_TIMING_WORKS) {
    const uint64_t before = tetra_timing_device_progress(o.d), told = o.loads.size() + o.stored.size() + o.dispatched;
    const tetra_grant wants = tetra_timing_device_wants(o.d);
    const tetra_grant g = tetra_bucket_grant(&bucket, static_cast<int32_t>(s.n), wants.read, wants.write);
    tetra_timing_device_step(o.d, g);
    const bool moved = g.read || g.write || told != o.loads.size() + o.stored.size() + o.dispatched;
    const bool progress = before != tetra_timing_device_progress(o.d);
    ASSERT_TRUE(progress || !moved) << "cycle " << tetra_timing_device_now(o.d);
    still += !progress;
  }
  EXPECT_GT(still, 2 * (o.latency - 60)) << "before the first command and after the last STORE";
}

TEST(TimingDevice, EveryPixelIsProgress) {
  tetra_cmd c = Command(TETRA_OP_COMPUTE);
  for (const tetra_field f : {TETRA_F_COMP_KB, TETRA_F_COMP_KH, TETRA_F_COMP_KW, TETRA_F_COMP_OY})
    tetra_cmd_set(&c, f, 1);
  tetra_cmd_set(&c, TETRA_F_COMP_OX, 500);
  Owner o({c}, 4);
  o.Doorbell();
  const int stop = 0;
  uint32_t changes = 0;
  uint64_t before = tetra_timing_device_progress(o.d);
  while (o.State() == TETRA_TIMING_WORKS) {
    tetra_timing_device_run(o.d, 1, &stop);
    changes += before != tetra_timing_device_progress(o.d);
    before = tetra_timing_device_progress(o.d);
  }
  EXPECT_GE(changes, 500u);
  EXPECT_LT(changes, 540u) << "the command's way here, and the array";
}

// PACKs that are alike, one behind the other: each makes progress in every cycle until it ends, and its end is none.
TEST(TimingDevice, PackIsProgressUntilItsEnd) {
  tetra_cmd c = Command(TETRA_OP_PACK);
  tetra_cmd_set(&c, TETRA_F_PACK_OY, 1);
  tetra_cmd_set(&c, TETRA_F_PACK_OX, 9);
  tetra_cmd_set(&c, TETRA_F_PACK_KH, 5);
  tetra_cmd_set(&c, TETRA_F_PACK_SEG, 3);
  Owner o({c, c, c}, 4);
  o.Doorbell();
  const int stop = 0;
  std::vector<uint64_t> still, ends;
  uint64_t before = tetra_timing_device_progress(o.d);
  while (o.State() == TETRA_TIMING_WORKS) {
    const size_t ended = o.loads.size();
    tetra_timing_device_run(o.d, 1, &stop);
    if (o.loads.size() != ended) ends.push_back(tetra_timing_device_now(o.d));
    if (o.dispatched != 0 && tetra_timing_device_progress(o.d) == before) still.push_back(tetra_timing_device_now(o.d));
    before = tetra_timing_device_progress(o.d);
  }
  ASSERT_EQ(ends.size(), 3u);
  ends.pop_back();  // the last one leaves the engine without a command, which shows
  EXPECT_EQ(still, ends);
}

// Commands that wait for what never comes: the oldest of all queues is named, else the next to be dispatched.
TEST(TimingDevice, NamesTheOldestThatWaits) {
  const auto waits = [](tetra_cmd c) {
    tetra_cmd_set(&c, TETRA_F_WAIT_EN, 1);
    tetra_cmd_set(&c, TETRA_F_WAIT_LOAD, 1000);
    return c;
  };
  tetra_cmd compute = Command(TETRA_OP_COMPUTE);
  for (const tetra_field f : {TETRA_F_COMP_KB, TETRA_F_COMP_KH, TETRA_F_COMP_KW, TETRA_F_COMP_OY, TETRA_F_COMP_OX})
    tetra_cmd_set(&compute, f, 1);
  const tetra_cmd load = Load(3), store = Store(1), one = waits(load), two = waits(compute), three = waits(store);
  const std::vector<std::pair<std::vector<tetra_cmd>, uint32_t>> cases = {
      {{load, one, two, three}, 1},    {{load, two, one, three}, 1},       {{load, three, two, one}, 1},
      {{load, load, load, two}, 3},    {{compute, store, load, three}, 3}, {{store, compute, load, one}, 3},
      {{two, compute, one, store}, 0}, {{load, store, compute}, 3}};
  for (const auto &c : cases) {
    Owner o(c.first, 8);
    o.Doorbell();
    const int stop = 0;
    for (int i = 0; i < 5000 && o.State() == TETRA_TIMING_WORKS; i++) tetra_timing_device_run(o.d, 1, &stop);
    EXPECT_EQ(o.State(), c.second == c.first.size() ? TETRA_TIMING_IDLE : TETRA_TIMING_WAITS);
    EXPECT_EQ(tetra_timing_device_oldest(o.d), c.second);
    // Nothing moves any more, and the model says so at once.
    const uint64_t now = tetra_timing_device_now(o.d), progress = tetra_timing_device_progress(o.d);
    EXPECT_EQ(tetra_timing_device_run(o.d, 100, &stop), 0u);
    tetra_timing_device_wait(o.d, 100);
    EXPECT_EQ(tetra_timing_device_now(o.d), now + 100);
    EXPECT_EQ(tetra_timing_device_progress(o.d), progress);
  }
}

// Rest, pause and reset move what follows, and nothing else.
TEST(TimingDevice, BeginsLaterAfterRestPauseAndReset) {
  const Stream s(400);
  const int stop = 0;
  {
    Owner o(s.h.cmds, s.n);
    tetra_timing_device_rest(o.d, 1234);
    o.Doorbell();
    o.Run();
    s.ExpectTold(o, 1234);
    EXPECT_EQ(o.Classes(), s.classes) << "cycles of rest are in no class";
  }
  {
    Owner o(s.h.cmds, s.n);
    tetra_timing_device_enable(o.d, 0);
    o.Doorbell();
    EXPECT_EQ(o.State(), TETRA_TIMING_WORKS) << "until somebody has looked";
    EXPECT_EQ(tetra_timing_device_run(o.d, 100, &stop), 0u);
    EXPECT_EQ(o.State(), TETRA_TIMING_WAITS);
    tetra_timing_device_wait(o.d, 77);
    tetra_timing_device_enable(o.d, 1);
    tetra_timing_device_run(o.d, 1, &stop);
    o.Run();
    s.ExpectTold(o, 77);
    std::vector<uint64_t> classes = s.classes;
    classes[TETRA_CNT_WAIT_CMD - TETRA_CNT_BUSY] += 77;
    EXPECT_EQ(o.Classes(), classes);
  }
  for (uint64_t cycles : {1u, 50u, 300u, 1000u}) {
    Owner o(s.h.cmds, s.n);
    o.Doorbell();
    tetra_bucket bucket = tetra_timing_device_bucket(o.d);
    EXPECT_EQ(tetra_timing_device_run(o.d, cycles, &stop), std::min(cycles, s.total));
    o.fetched.clear(), o.stored.clear(), o.dispatched = 0;
    tetra_timing_device_reset(o.d);
    tetra_timing_device_ring(o.d, 0, o.ring);
    EXPECT_EQ(tetra_timing_device_now(o.d), 0u);
    EXPECT_EQ(o.State(), TETRA_TIMING_IDLE);
    tetra_timing_device_set_bucket(o.d, &bucket);  // whose turn it is, the memory's
    o.Doorbell();
    o.Run();
    s.ExpectTold(o);
    EXPECT_EQ(o.Classes(), s.classes);
  }
}

TEST(TimingDevice, TakesTheMemorysBandwidthFromItsOwner) {
  const Stream s(500, 5);
  Owner o(s.h.cmds, s.n, 64);
  tetra_bucket bucket = tetra_timing_device_bucket(o.d);
  EXPECT_EQ(bucket.rate, 64);
  bucket.rate = 5;
  tetra_timing_device_set_bucket(o.d, &bucket);
  EXPECT_EQ(tetra_timing_device_bucket(o.d).rate, 5);
  o.Doorbell();
  o.Run();
  s.ExpectTold(o);
  tetra_timing_device_reset(o.d);
  EXPECT_EQ(tetra_timing_device_bucket(o.d).rate, 5);
  EXPECT_EQ(tetra_timing_device_bucket(o.d).tokens, bucket.size);
}

// A ring of few slots: requests end where it does, at a page's end and where commands do.
TEST(TimingDevice, RequestsStayInsideRingAndPage) {
  for (const uint32_t addr : {0u, 62 * 64u}) {
    Owner o(std::vector<tetra_cmd>(11, Load(1)), 16);
    o.ring = 6;
    tetra_timing_device_ring(o.d, addr, o.ring);
    for (const uint32_t tail : {5u, 8u, 11u}) {
      tetra_timing_device_commands(o.d, tail);
      o.Run();
      EXPECT_EQ(o.dispatched, tail);
    }
    const auto wrapped = addr == 0 ? decltype(o.fetched){{0, 4}, {4, 1}, {5, 1}, {0, 2}, {2, 3}}
                                   : decltype(o.fetched){{0, 2}, {2, 3}, {5, 1}, {0, 2}, {2, 3}};
    EXPECT_EQ(o.fetched, wrapped);
  }
  Owner least({Load(1), Load(1)}, 16);
  least.ring = 2;
  tetra_timing_device_ring(least.d, 0, 1);  // of at least two
  least.Doorbell();
  least.Run();
  EXPECT_EQ(least.dispatched, 2u);
}

TEST(TimingDevice, StopsWhereItsOwnerDoes) {
  const std::vector<tetra_cmd> cmds = {Load(8), Load(8), Store(8), Load(8)};
  for (const int what : {0, 1, 2, 3}) {
    Owner o(cmds, 8);
    if (what == 0) o.refused = 1;
    o.refuse_read = what == 1;
    o.refuse_address = what == 2;
    o.Doorbell();
    o.Run();
    EXPECT_EQ(o.State(), what == 3 ? TETRA_TIMING_IDLE : TETRA_TIMING_HALTED) << what;
    if (what == 0) {
      EXPECT_EQ(o.dispatched, 1u);
      EXPECT_EQ(tetra_timing_device_dispatched(o.d), 1u);
    }
    if (what == 1) {
      EXPECT_EQ(o.read.size(), 1u);
    }
    if (what == 2) {
      EXPECT_EQ(o.addressed.size(), 1u);
      EXPECT_TRUE(o.written.empty());
    }
    if (what == 3) continue;
    const int stop = 0;
    EXPECT_EQ(tetra_timing_device_run(o.d, 100, &stop), 0u);
    o.refused = UINT32_MAX, o.refuse_read = o.refuse_address = false;
    o.fetched.clear(), o.dispatched = 0, o.loads.clear();
    tetra_timing_device_reset(o.d);
    tetra_timing_device_ring(o.d, 0, o.ring);
    o.Doorbell();
    o.Run();
    EXPECT_EQ(o.State(), TETRA_TIMING_IDLE) << what;
    EXPECT_EQ(o.loads.size(), 3u);
  }
  Owner o(cmds, 8);
  o.Doorbell();
  const int stop = 1;
  EXPECT_EQ(tetra_timing_device_run(o.d, 100, &stop), 0u);
}

TEST(TimingDevice, RefusesWhatIsNoDevice) {
  Owner o({}, 4);
  const tetra_timing_hooks good = o.Hooks();
  tetra_timing_device *d = nullptr;
  const auto make = [&d](uint32_t n, tetra_memory_params mem, const tetra_timing_hooks *hooks) {
    tetra_error err = {};
    return tetra_timing_device_new(&d, n, &mem, hooks, &err);
  };
  std::vector<tetra_timing_hooks> lacking(10, good);
  lacking[0].fetch = nullptr, lacking[1].dispatch = nullptr, lacking[2].read = nullptr, lacking[3].load = nullptr;
  lacking[4].compute = nullptr, lacking[5].store = nullptr, lacking[6].address = nullptr, lacking[7].write = nullptr;
  lacking[8].stored = nullptr, lacking[9].sync = nullptr;
  for (const tetra_timing_hooks &h : lacking) EXPECT_EQ(make(8, kMemory, &h), TETRA_EINVAL);
  EXPECT_EQ(make(8, kMemory, nullptr), TETRA_EINVAL);
  EXPECT_EQ(make(6, kMemory, &good), TETRA_EINVAL);
  EXPECT_EQ(make(8, {0, 1}, &good), TETRA_EINVAL);
  EXPECT_EQ(d, nullptr);
  tetra_error err = {};
  EXPECT_EQ(tetra_timing_device_new(nullptr, 8, &kMemory, &good, &err), TETRA_EINVAL);
  tetra_timing_device_free(nullptr);
}

}  // namespace
