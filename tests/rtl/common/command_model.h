// The commands' loop nests (docs/commands.md) executed one after the other in C++, and the tokens that make any
// interleaving of the engines give the same result.
#ifndef TETRA_TESTS_RTL_COMMAND_MODEL_H
#define TETRA_TESTS_RTL_COMMAND_MODEL_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "tetra/hw.h"

namespace tetra_test {

using Word = std::vector<uint8_t>;

struct Sizes {
  int n, act, wgt, res, par, acc, pool;
};

class Machine {
 public:
  struct Desc {
    uint32_t addr, beats;
    bool last;
  };
  struct LayerSum {
    uint64_t pixels = 0, read_beats = 0, write_beats = 0;
  };

  Machine(const Sizes &s, uint32_t dram_base, size_t dram_bytes);

  // Executes a command and sets its waits to exactly what its operands need.
  void Execute(tetra_cmd *c);

  // The counts that the last command's operands need, by token; 0: none.
  const uint32_t *need() const { return need_; }

  // One command each, without its waits.
  void Compute(const tetra_cmd &c);
  void Store(const tetra_cmd &c);

  uint8_t *At(int b, uint32_t addr);
  int32_t &Acc(int b, int h, int col, uint32_t e);

  std::vector<uint8_t> buf[4];  // by BUF_*
  std::vector<uint8_t> dram;    // from dram_base
  std::vector<int32_t> acc;
  std::vector<Word> line;           // of the fused pool; a word that was never written is empty
  uint32_t done[4] = {0, 0, 0, 0};  // load, compute, drain, store
  uint64_t sat[2] = {0, 0}, pixels = 0;
  std::map<uint32_t, LayerSum> layers;
  std::vector<Word> words;  // stored words and segments of all STOREs, in order
  std::vector<Desc> descs;
  bool store_to_dram = true;

 private:
  enum { kAcc = 4, kDram = 5 };
  // Last writer and readers of a word, as token and count.
  struct Use {
    int writer = 0;
    uint32_t written = 0, read[4] = {0, 0, 0, 0};
  };
  void Load(const tetra_cmd &c);
  void Pack(const tetra_cmd &c);
  void StorePooled(const tetra_cmd &c);
  Word StoreWord(class StoreModel *out, bool two_halves, int h, int p);
  void Write(const tetra_cmd &c, uint32_t addr, const Word &w);
  void Touch(int space, size_t word, bool write, int token);
  void TouchBuf(int b, uint32_t addr, bool write, int token);

  Sizes s_;
  uint32_t dram_base_, need_[4] = {0, 0, 0, 0};
  std::vector<Use> use_[6];
  friend class StoreModel;
};

}  // namespace tetra_test
#endif
