// Plans of whole networks, bit for bit: a change that is meant to leave them as they are shows where it does not. Where
// it is meant to change them the new numbers are entered here, as new cycle totals are in ../timing/pins.h.
#include <gtest/gtest.h>

#include "plan_digest.h"
#include "tetra/network.h"

namespace {

struct Pinned {
  const char *network;
  tetra_precision precision;
  int size, batch, fuse;
  uint32_t n;
  int small, reuse;
  uint64_t digest;
};

using Build = int(const tetra_network_options *, tetra_graph *, tetra_error *);

// The digest of the plan that `build`'s network becomes, with or without its constants.
void Digest(Build *build, const tetra_network_options &o, const tetra_compile_options &c, const tetra_caps &caps,
            bool constants, uint64_t *digest) {
  tetra_graph g = {};
  tetra_plan plan = {};
  tetra_error err = {};
  ASSERT_EQ(build(&o, &g, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_compile(&g, &caps, &c, &plan, &err), TETRA_OK) << err.msg;
  *digest = AddPlan(TETRA_HASH_START, plan, constants);
  tetra_plan_free(&plan);
  tetra_graph_free(&g);
}

TEST(PlanDigest, NetworksArePlannedTheSameOnEveryMachine) {
  const Pinned all[] = {
      {"resnet18", TETRA_W4A8, 33, 1, 1, 8, 0, 1, 13088661576385885854u},
      {"resnet18", TETRA_W8A8, 64, 2, 0, 16, 0, 0, 6272935797505048812u},
      {"resnet18", TETRA_W4A4_INIT8_DENSE8, 40, 1, 1, 4, 1, 1, 5893271193939138204u},
      {"resnet50", TETRA_W4A4, 33, 3, 0, 32, 0, 1, 15639506473195278312u},
  };
  for (const Pinned &p : all) {
    tetra_network_options o;
    tetra_compile_options c;
    uint64_t digest = 0;
    tetra_network_defaults(&o);
    tetra_compile_defaults(&c);
    o.network = p.network, o.precision = p.precision, o.image_size = p.size, o.batch = p.batch, o.fuse = p.fuse;
    o.width = 0.125;
    c.reuse_memory = p.reuse, c.dram_base = p.reuse ? 0x2000 : c.dram_base;
    const tetra_caps small = {p.n, 2048, 1024, 512, 128, 64, 512, 256 / p.n};
    const tetra_caps caps = p.small ? small : tetra_caps_default(p.n);
    ASSERT_NO_FATAL_FAILURE(Digest(tetra_network_build, o, c, caps, true, &digest));
    EXPECT_EQ(digest, p.digest) << p.network << " " << p.size;
  }
}

// Full size, where layers interleave: commands only.
TEST(PlanDigest, FullNetworksArePlannedTheSameOnEveryMachine) {
  for (uint32_t n : {16u, 32u}) {
    tetra_network_options o;
    tetra_compile_options c;
    uint64_t digest = 0;
    tetra_network_defaults(&o);
    tetra_compile_defaults(&c);
    c.timing_only = 1;
    const tetra_caps caps = tetra_caps_default(n);
    ASSERT_NO_FATAL_FAILURE(Digest(tetra_network_build_shapes, o, c, caps, false, &digest));
    EXPECT_EQ(digest, n == 16 ? 12575522104689541609u : 11213232903460083851u) << n;
  }
}

}  // namespace
