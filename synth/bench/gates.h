// A mapped netlist, simulated gate by gate without delays: the file that synth/flow/gates.py writes. Only gates whose
// inputs changed are evaluated, level by level, so that each changes once a cycle; how often is counted.
#ifndef TETRA_SYNTH_GATES_H
#define TETRA_SYNTH_GATES_H

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

class Gates {
 public:
  // Registers and memories begin with random bits, as silicon's do. `fault`: the gate that computes its function's
  // complement, -1: none.
  Gates(const std::string &path, int fault) : fault_(fault), random_(1) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) Read(line);
    if (value_.empty()) throw std::runtime_error("cannot read " + path);
    Sort();
    for (Register &r : registers_) value_[r.state] = random_() & 1;
    for (size_t g = 0; g < gates_.size(); ++g) Queue(static_cast<int>(g));
    Settle();
  }

  void Set(const std::string &port, uint64_t v) {
    for (size_t i = 0; i < ports_.at(port).size(); ++i) Change(ports_.at(port)[i], v >> i & 1);
  }
  uint64_t Get(const std::string &port) const { return Word(ports_.at(port)); }

  // Everything that follows from inputs and registers; asynchronous clears and presets included.
  void Settle() {
    for (bool again = true; again;) {
      Propagate();
      again = false;
      for (const Register &r : registers_) {
        const bool clear = r.clear != 0 && value_[r.clear], preset = r.preset != 0 && value_[r.preset];
        if ((clear && value_[r.state]) || (!clear && preset && !value_[r.state])) {
          Change(r.state, !clear);
          again = true;
        }
      }
    }
    for (const auto &[net, old] : touched_) {
      counts_[net] += value_[net] != old;
      is_touched_[net] = 0;
    }
    touched_.clear();
  }

  // The clock's edge; what follows is settled by Settle().
  void Clock() {
    std::vector<uint8_t> next(registers_.size());
    for (size_t i = 0; i < registers_.size(); ++i) next[i] = value_[registers_[i].next];
    for (Sram &s : srams_) s.Clock(*this);
    for (size_t i = 0; i < registers_.size(); ++i) Change(registers_[i].state, next[i]);
    for (Sram &s : srams_) s.Show(this);
  }

  void ClearCounts() { std::fill(counts_.begin(), counts_.end(), 0); }
  // How often each of the netlist's nets has changed.
  std::vector<uint32_t> counts() const { return {counts_.begin(), counts_.begin() + static_cast<long>(measured_)}; }

 private:
  struct Gate {
    int out, level, first_input, inputs, first_word;
  };
  struct Register {
    int state, next, clear, preset;
  };
  struct Sram {
    int keep, we, re;
    std::vector<int> raddr, waddr, wdata, rdata;
    std::vector<std::vector<uint8_t>> words;
    std::vector<uint8_t> out;

    // The word that is being written is read as it was (rtl/common/tetra_sram.sv).
    void Clock(const Gates &g) {
      if (g.value_[re]) out = words[g.Word(raddr)];
      if (!g.value_[we]) return;
      std::vector<uint8_t> &w = words[g.Word(waddr)];
      for (size_t i = 0; i < wdata.size(); ++i)
        if (!g.value_[keep] || i % 8 >= 4) w[i] = g.value_[wdata[i]];
    }
    void Show(Gates *g) const {
      for (size_t i = 0; i < rdata.size(); ++i)
        if (rdata[i] > 1) g->Change(rdata[i], out[i]);
    }
  };

  static std::vector<int> Nets(std::istream *in) {
    std::vector<int> nets;
    for (std::string word; *in >> word && word != "/";) nets.push_back(std::stoi(word));
    return nets;
  }

  void Read(const std::string &line) {
    std::istringstream in(line);
    std::string what, name;
    in >> what;
    if (what == "nets") {
      size_t n;
      in >> n >> measured_;
      value_.assign(n, 0);
      value_[1] = 1;
      is_touched_.assign(n, 0);
      counts_.assign(n, 0);
    } else if (what == "input" || what == "output") {
      in >> name;
      ports_[name] = Nets(&in);
    } else if (what == "gate") {
      int out;
      std::string table;
      in >> out >> table;
      AddGate(out, table, Nets(&in));
    } else if (what == "register") {
      Register r;
      in >> r.state >> r.next >> r.clear >> r.preset;
      registers_.push_back(r);
    } else if (what == "sram") {
      AddSram(&in);
    } else {
      throw std::runtime_error("a netlist's line is not understood: " + line);
    }
  }

  void AddGate(int out, const std::string &table, const std::vector<int> &inputs) {
    const int words = inputs.size() <= 6 ? 1 : 1 << (inputs.size() - 6);
    const int first = static_cast<int>(tables_.size());
    tables_.resize(tables_.size() + static_cast<size_t>(words), 0);
    for (size_t i = 0; i < table.size(); ++i) {
      const uint64_t digit = std::stoull(table.substr(table.size() - 1 - i, 1), nullptr, 16);
      tables_[static_cast<size_t>(first) + i / 16] |= digit << (4 * (i % 16));
    }
    if (static_cast<int>(gates_.size()) == fault_)
      for (int w = 0; w < words; ++w)
        tables_[static_cast<size_t>(first + w)] = ~tables_[static_cast<size_t>(first + w)];
    gates_.push_back({out, -1, static_cast<int>(inputs_.size()), static_cast<int>(inputs.size()), first});
    inputs_.insert(inputs_.end(), inputs.begin(), inputs.end());
  }

  void AddSram(std::istream *in) {
    Sram s;
    size_t depth;
    *in >> depth >> s.keep >> s.we >> s.re;
    s.raddr = Nets(in);
    s.waddr = Nets(in);
    s.wdata = Nets(in);
    s.rdata = Nets(in);
    s.words.assign(depth, std::vector<uint8_t>(s.wdata.size()));
    for (auto &w : s.words)
      for (uint8_t &bit : w) bit = random_() & 1;
    s.out = s.words[0];
    srams_.push_back(std::move(s));
  }

  // Levels of gates: above those of all gates that drive their inputs.
  void Sort() {
    std::vector<int> waiting(gates_.size(), 0), driver(value_.size(), -1);
    users_.assign(value_.size(), {});
    for (size_t g = 0; g < gates_.size(); ++g) driver[gates_[g].out] = static_cast<int>(g);
    for (size_t g = 0; g < gates_.size(); ++g) {
      for (int i = 0; i < gates_[g].inputs; ++i) {
        const int net = inputs_[gates_[g].first_input + i];
        users_[net].push_back(static_cast<int>(g));
        waiting[g] += driver[net] >= 0;
      }
    }
    std::vector<int> ready;
    for (size_t g = 0; g < gates_.size(); ++g)
      if (waiting[g] == 0) ready.push_back(static_cast<int>(g));
    for (const int g : ready) gates_[g].level = 0;
    size_t levels = 1;
    for (size_t k = 0; k < ready.size(); ++k) {
      const Gate gate = gates_[ready[k]];
      levels = std::max(levels, static_cast<size_t>(gate.level) + 1);
      for (const int user : users_[gate.out]) {
        gates_[user].level = std::max(gates_[user].level, gate.level + 1);
        if (--waiting[user] == 0) ready.push_back(user);
      }
    }
    if (ready.size() != gates_.size()) throw std::runtime_error("the netlist has a loop of gates");
    queue_.assign(levels, {});
    is_queued_.assign(gates_.size(), 0);
  }

  void Queue(int g) {
    if (is_queued_[g]) return;
    is_queued_[g] = 1;
    queue_[gates_[g].level].push_back(g);
  }

  void Change(int net, uint8_t v) {
    if (value_[net] == v || net < 2) return;
    if (!is_touched_[net]) {
      is_touched_[net] = 1;
      touched_.emplace_back(net, value_[net]);
    }
    value_[net] = v;
    for (const int g : users_[net]) Queue(g);
  }

  void Propagate() {
    for (auto &level : queue_) {
      for (const int g : level) {
        const Gate &gate = gates_[g];
        unsigned index = 0;
        for (int i = 0; i < gate.inputs; ++i)
          index |= static_cast<unsigned>(value_[inputs_[gate.first_input + i]]) << i;
        is_queued_[g] = 0;
        Change(gate.out, tables_[gate.first_word + index / 64] >> (index % 64) & 1);
      }
      level.clear();
    }
  }

  uint64_t Word(const std::vector<int> &nets) const {
    uint64_t v = 0;
    for (size_t i = 0; i < nets.size(); ++i) v |= static_cast<uint64_t>(value_[nets[i]]) << i;
    return v;
  }

  int fault_;
  size_t measured_ = 0;
  std::mt19937 random_;
  std::map<std::string, std::vector<int>> ports_;
  std::vector<Gate> gates_;
  std::vector<Register> registers_;
  std::vector<Sram> srams_;
  std::vector<int> inputs_;
  std::vector<uint64_t> tables_;
  std::vector<std::vector<int>> users_, queue_;
  std::vector<uint8_t> value_, is_touched_, is_queued_;
  std::vector<std::pair<int, uint8_t>> touched_;
  std::vector<uint32_t> counts_;
};

#endif
