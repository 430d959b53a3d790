// Runs many random cases, each in a process of its own, and makes the first that fails small: what the fuzzers of the
// accelerator share.
#ifndef TETRA_TESTS_FUZZ_RUNNER_H
#define TETRA_TESTS_FUZZ_RUNNER_H

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "choices.h"

namespace tetra_fuzz {

// What became of a case: how many units of work it was (0: refused before anything ran), and what is wrong with it.
struct Outcome {
  int work = 0;
  bool failed = false;
  std::vector<uint32_t> made;  // the numbers that were drawn
};
// Runs a case; with `tell` it prints what it is and what is wrong.
using Run = std::function<Outcome(Choices *choices, bool tell)>;

constexpr int kSeconds = 300;  // of processor time for a case

struct Options {
  uint64_t seed = 0;
  long first = 0, work = 1000, seconds = 0;
  std::string choices;  // a file of them: that case alone
};

inline uint64_t SeedOf(uint64_t seed, long index) {
  uint64_t z = seed + 0x9e3779b97f4a7c15u * (static_cast<uint64_t>(index) + 1);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  return (z ^ z >> 27) * 0x94d049bb133111ebu;
}

// A case in a process of its own: a crash and an endless loop are failures like others.
inline Outcome RunApart(const Run &run, Choices *choices, bool tell) {
  const size_t bytes = (Choices::kLog + 1) * sizeof(uint32_t);
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::perror("mmap"), std::exit(2);
  uint32_t *log = static_cast<uint32_t *>(memory);
  int to[2];
  if (pipe(to) != 0) std::perror("pipe"), std::exit(2);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) std::perror("fork"), std::exit(2);
  if (child == 0) {
    if (!tell && (freopen("/dev/null", "w", stdout) == nullptr || freopen("/dev/null", "w", stderr) == nullptr))
      _exit(2);
    const itimerval limit = {{0, 0}, {kSeconds, 0}};
    setitimer(ITIMER_VIRTUAL, &limit, nullptr);
    choices->LogTo(log);
    const Outcome o = run(choices, tell);
    const int answer[2] = {o.work, o.failed};
    const bool told = write(to[1], answer, sizeof answer) == static_cast<ssize_t>(sizeof answer);
    std::fflush(stdout);
    _exit(told ? 0 : 2);
  }
  close(to[1]);
  int answer[2] = {1, 1}, status = 0;
  const bool answered = read(to[0], answer, sizeof answer) == static_cast<ssize_t>(sizeof answer);
  close(to[0]);
  waitpid(child, &status, 0);
  if (!answered && tell)
    std::printf("the process was ended by signal %d%s\n", WTERMSIG(status),
                WTERMSIG(status) == SIGVTALRM ? ": it does not end" : "");
  const Outcome o = {answered ? answer[0] : 1, !answered || answer[1],
                     std::vector<uint32_t>(log + 1, log + 1 + log[0])};
  munmap(memory, bytes);
  return o;
}

inline std::vector<uint32_t> ReadChoices(const std::string &path) {
  std::ifstream in(path);
  if (!in) std::fprintf(stderr, "%s cannot be read\n", path.c_str()), std::exit(2);
  std::vector<uint32_t> choices;
  for (uint32_t c; in >> c;) choices.push_back(c);
  return choices;
}

// Makes a case that failed small, writes it to a file and says how to run it again.
inline void Report(const char *program, const Run &run, const std::string &name, const std::vector<uint32_t> &made) {
  int tried = 0;
  const auto fails = [&](const std::vector<uint32_t> &c) {
    tried++;
    Choices again(c);
    return RunApart(run, &again, false).failed;
  };
  const std::vector<uint32_t> small = Shrink(made, fails, 1000);
  const std::string path = "fuzz-" + name + ".txt";
  std::ofstream out(path);
  for (const uint32_t c : small) out << c << ' ';
  out << std::endl;
  std::printf("made smaller in %d tries, from %zu numbers to %zu; again: %s --choices %s\n", tried, made.size(),
              small.size(), program, path.c_str());
  Choices again(small);
  RunApart(run, &again, true);
}

// Cases from options.first on, until options.work is done or options.seconds are over. 0: all good; 1: one failed.
inline int RunAll(const char *program, const char *unit, const Run &run, const Options &o) {
  if (!o.choices.empty()) {
    Choices again(ReadChoices(o.choices));
    return RunApart(run, &again, true).failed;
  }
  const unsigned long long seed = o.seed;
  std::printf("%s --seed %llu\n", program, seed);
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return static_cast<long>(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start).count());
  };
  long work = 0, refused = 0, index = o.first, told = 0;
  for (; work < o.work && (o.seconds == 0 || seconds() < o.seconds); index++) {
    Choices fresh(SeedOf(seed, index));
    const Outcome one = RunApart(run, &fresh, false);
    if (one.failed) {
      std::printf("\ncase %ld of seed %llu fails; it alone: %s --seed %llu --first %ld --work 1\n", index, seed,
                  program, seed, index);
      Report(program, run, std::to_string(seed) + "-" + std::to_string(index), one.made);
      return 1;
    }
    work += one.work;
    refused += one.work == 0;
    if (work / 500 > told) {
      told = work / 500;
      std::printf("%ld %s, %ld s\n", work, unit, seconds());
      std::fflush(stdout);
    }
  }
  std::printf("%ld %s in %ld cases, %ld of them refused: all good\n", work, unit, index - o.first, refused);
  return 0;
}

// --seed, --first, --work, --seconds and --choices; without a seed one from the clock. What it does not know goes to
// `other`.
inline Options ReadOptions(int argc, char **argv, const std::function<bool(const std::string &, const char *)> &other) {
  Options o;
  o.seed = static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) / 1000;
  for (int i = 1; i < argc; i++) {
    const std::string name = argv[i];
    const char *value = i + 1 < argc ? argv[++i] : "";
    std::istringstream text(value);
    uint64_t number = 0;
    const bool good = text >> number && text.eof();
    if (name == "--choices" && *value != 0)
      o.choices = value;
    else if (name == "--seed" && good)
      o.seed = number;
    else if ((name == "--first" || name == "--work" || name == "--seconds") && good)
      (name == "--first" ? o.first : name == "--work" ? o.work : o.seconds) = static_cast<long>(number);
    else if (!other(name, value))
      std::fprintf(stderr,
                   "'%s %s': accepted are --seed, --first, --work and --seconds with a number, --choices with a file\n",
                   name.c_str(), value),
          std::exit(2);
  }
  return o;
}

}  // namespace tetra_fuzz
#endif
