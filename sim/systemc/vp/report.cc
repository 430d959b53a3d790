// Text, JSON and trace events.
#include "systemc/vp/report.h"

#include <cinttypes>

#include "base/outfile.h"

namespace tetra {

namespace {

/// A text in quotes for JSON: names of networks and layers, which may come from files.
std::string Quoted(const char *text) {
  std::string s = "\"";
  for (; *text != '\0'; text++) {
    const auto c = static_cast<unsigned char>(*text);
    char code[8];
    if (c == '"' || c == '\\') {
      s += '\\';
      s += *text;
    } else if (c < 0x20) {
      std::snprintf(code, sizeof code, "\\u%04x", c);
      s += code;
    } else {
      s += *text;
    }
  }
  return s + '"';
}

uint64_t Bytes(const VpResult &r) {
  uint64_t bytes = 0;
  for (const VpAccelerator &a : r.accelerators) bytes += a.read_bytes + a.write_bytes;
  return bytes;
}

int Batch(const Job &job) { return job.graph().values[job.graph().input].d.n; }

}  // namespace

double MemoryShare(const VpOptions &o, const VpResult &r) {
  return r.cycles == 0 ? 0 : static_cast<double>(Bytes(r)) / (static_cast<double>(r.cycles) * o.sim.bytes_per_cycle);
}

void PrintResult(const VpOptions &o, const Job &job, const VpResult &r) {
  std::printf("%s, engine %s, %zu accelerator%s of %u x %u, %u DRAM bytes a cycle, latency %u\n", job.graph().name,
              EngineName(o.engine), r.accelerators.size(), r.accelerators.size() == 1 ? "" : "s", job.caps().n,
              job.caps().n, o.sim.bytes_per_cycle, o.sim.latency);
  std::printf("%-12s %-22s %6s %14s %8s %12s %12s %12s\n", "accelerator", "layers", "images", "cycles", "busy",
              "read MB", "written MB", "held back");
  for (size_t i = 0; i < r.accelerators.size(); i++) {
    const VpAccelerator &a = r.accelerators[i];
    const std::string layers = std::string(job.graph().ops[a.first].name) + ".." + job.graph().ops[a.last].name;
    std::printf("%-12zu %-22s %6d %14" PRIu64 " %7.1f%% %12.2f %12.2f %12" PRIu64 "\n", i, layers.c_str(),
                a.images * Batch(job), a.cycles,
                a.cycles == 0 ? 0 : 100.0 * static_cast<double>(a.busy) / static_cast<double>(a.cycles),
                static_cast<double>(a.read_bytes) / 1e6, static_cast<double>(a.write_bytes) / 1e6, a.held);
  }
  std::printf("%d image%s in %" PRIu64 " cycles of the platform: %.0f an image; ", r.images * Batch(job),
              r.images * Batch(job) == 1 ? "" : "s", r.cycles, static_cast<double>(r.cycles) / (r.images * Batch(job)));
  if (o.engine == TlmEngine::kLt) {
    std::printf("a rough sum: lt has no timing\n");
  } else {
    std::printf("DRAM moved %.1f %% of what it can\n", 100 * MemoryShare(o, r));
  }
  std::printf("simulated in %.3f s of processor time; ", r.seconds);
  std::printf(r.failure.empty() ? "every layer is the C model's, bit for bit\n" : "%s\n", r.failure.c_str());
  if (!r.classes.empty()) std::printf("top class of the first image: %d\n", r.classes[0]);
}

void PrintScalingHeader() {
  std::printf("%12s %10s %16s %10s %12s %12s\n", "accelerators", "images", "cycles an image", "speed-up", "of DRAM",
              "processor s");
}

void PrintScaling(const VpOptions &o, const VpResult &r, double one) {
  const double each = static_cast<double>(r.cycles) / r.images;
  const bool timed = o.engine != TlmEngine::kLt;
  char share[16] = "-";
  if (timed) std::snprintf(share, sizeof share, "%.1f %%", 100 * MemoryShare(o, r));
  std::printf("%12zu %10d %16.0f %10.2f %12s %12.2f%s%s\n", r.accelerators.size(), r.images, each, one / each, share,
              r.seconds, r.failure.empty() ? "" : "  ", r.failure.c_str());
}

int WriteJson(const VpOptions &o, const Job &job, const VpResult &r, tetra_error *err) {
  sim_outfile f;
  const int rc = sim_outfile_open(&f, "--json", o.json, err);
  if (rc != TETRA_OK) return rc;
  char share[32] = "null";  // lt has no timing, and of the firmware's run the platform does not know
  if (o.engine != TlmEngine::kLt && !o.riscv) std::snprintf(share, sizeof share, "%.6f", MemoryShare(o, r));
  std::fprintf(f.f,
               "{\"schema\":\"tetra-vp-1\",\"version\":\"%s\",\"network\":%s,\"engine\":\"%s\",\"cpu\":\"%s\","
               "\n\"match\":%s,\"images\":%d,\"cycles\":%" PRIu64
               ",\"seconds\":%.6f,\"dram_share\":%s,\n\"accelerators\":[",
               TETRA_VERSION, Quoted(job.graph().name).c_str(), EngineName(o.engine), o.riscv ? "riscv64" : "native",
               r.failure.empty() ? "true" : "false", r.images, r.cycles, r.seconds, share);
  for (size_t i = 0; i < r.accelerators.size(); i++) {
    const VpAccelerator &a = r.accelerators[i];
    std::fprintf(f.f,
                 "%s\n{\"first_layer\":%d,\"last_layer\":%d,\"images\":%d,\"cycles\":%" PRIu64
                 ",\"busy_cycles\":%" PRIu64 ",\"read_bytes\":%" PRIu64 ",\"write_bytes\":%" PRIu64
                 ",\"held_cycles\":%" PRIu64 "}",
                 i == 0 ? "" : ",", a.first, a.last, a.images, a.cycles, a.busy, a.read_bytes, a.write_bytes, a.held);
  }
  std::fprintf(f.f, "],\n\"layers\":[");
  for (size_t i = 0; i < r.layers.size(); i++) {
    const VpLayer &l = r.layers[i];
    std::fprintf(f.f, "%s\n{\"name\":%s,\"accelerator\":%u,\"image\":%d,\"end\":%" PRIu64 ",\"cycles\":%" PRIu64 "}",
                 i == 0 ? "" : ",", Quoted(job.graph().ops[l.layer].name).c_str(), l.accelerator, l.image, l.end,
                 l.cycles);
  }
  std::fprintf(f.f, "],\n\"predictions\":[");
  for (size_t i = 0; i < r.classes.size(); i++) std::fprintf(f.f, "%s%d", i == 0 ? "" : ",", r.classes[i]);
  std::fprintf(f.f, "]}\n");
  return sim_outfile_commit(&f, err);
}

int WriteTimeline(const VpOptions &o, const Job &job, const VpResult &r, tetra_error *err) {
  sim_outfile f;
  const int rc = sim_outfile_open(&f, "--timeline", o.timeline, err);
  if (rc != TETRA_OK) return rc;
  std::fprintf(f.f,
               "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"unit\":\"1 us shown is 1 cycle\"},\"traceEvents\":[\n");
  for (size_t i = 0; i < r.accelerators.size(); i++) {
    std::fprintf(
        f.f, "{\"ph\":\"M\",\"pid\":1,\"tid\":%zu,\"name\":\"thread_name\",\"args\":{\"name\":\"accelerator %zu\"}},\n",
        i + 1, i);
  }
  std::fprintf(f.f, "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":%s}}",
               Quoted(job.graph().name).c_str());
  for (const VpLayer &l : r.layers) {
    std::fprintf(f.f,
                 ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"ts\":%" PRIu64 ",\"dur\":%" PRIu64
                 ",\"name\":%s,\"args\":{\"image\":%d}}",
                 l.accelerator + 1, l.begin, l.end - l.begin, Quoted(job.graph().ops[l.layer].name).c_str(), l.image);
  }
  std::fprintf(f.f, "\n]}\n");
  return sim_outfile_commit(&f, err);
}

}  // namespace tetra
