/* The tables of docs/sweep.md in SQL. */
#ifndef TETRA_SIM_SWEEP_STORE_SCHEMA_H
#define TETRA_SIM_SWEEP_STORE_SCHEMA_H

#define SWEEP_FORMAT "1"

#define SWEEP_POINT_COLUMNS                                                                                   \
  "network, precision, bits, width, size, batch, array, act_kib, wgt_kib, res_kib, par_entries, acc_pixels, " \
  "pool_words, dram_bytes_per_cycle, dram_latency, sram_bytes"

#define SWEEP_RESULT_COLUMNS                                                                            \
  "cycles, compute_bound, memory_bound, macs, utilization, layers, commands, read_bytes, write_bytes, " \
  "command_bytes, constant_bytes, busy, fill, mode, wait_load, wait_dep, wait_drain, wait_cmd, tail, energy_pj"

#define SWEEP_SCHEMA                                                                                               \
  "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"                                    \
  "CREATE TABLE points(id INTEGER PRIMARY KEY, network TEXT NOT NULL, precision TEXT, bits TEXT, width REAL, "     \
  "size INTEGER, batch INTEGER NOT NULL, array INTEGER NOT NULL, act_kib INTEGER NOT NULL, "                       \
  "wgt_kib INTEGER NOT NULL, res_kib INTEGER NOT NULL, par_entries INTEGER NOT NULL, "                             \
  "acc_pixels INTEGER NOT NULL, pool_words INTEGER NOT NULL, dram_bytes_per_cycle INTEGER NOT NULL, "              \
  "dram_latency INTEGER NOT NULL, sram_bytes INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'todo', "              \
  "reason TEXT);"                                                                                                  \
  "CREATE TABLE results(point INTEGER PRIMARY KEY REFERENCES points(id), cycles INTEGER, compute_bound INTEGER, "  \
  "memory_bound INTEGER, macs INTEGER, utilization REAL, layers INTEGER, commands INTEGER, read_bytes INTEGER, "   \
  "write_bytes INTEGER, command_bytes INTEGER, constant_bytes INTEGER, busy INTEGER, fill INTEGER, mode INTEGER, " \
  "wait_load INTEGER, wait_dep INTEGER, wait_drain INTEGER, wait_cmd INTEGER, tail INTEGER, energy_pj REAL, "      \
  "rtl_cycles INTEGER);"                                                                                           \
  "CREATE TABLE layers(point INTEGER NOT NULL REFERENCES points(id), layer INTEGER NOT NULL, name TEXT, "          \
  "cycles INTEGER, busy INTEGER, read_bytes INTEGER, write_bytes INTEGER, macs INTEGER, compute_bound INTEGER, "   \
  "PRIMARY KEY (point, layer)) WITHOUT ROWID;"                                                                     \
  "CREATE TABLE accuracy(network TEXT NOT NULL, bits TEXT NOT NULL, images INTEGER, top1 INTEGER, top5 INTEGER, "  \
  "reason TEXT, data TEXT NOT NULL, PRIMARY KEY (network, bits)) WITHOUT ROWID;"                                   \
  "CREATE VIEW answers AS SELECT p.id, p.network, p.precision, p.bits, p.width, p.size, p.batch, p.array, "        \
  "p.act_kib, p.wgt_kib, p.res_kib, p.par_entries, p.acc_pixels, p.pool_words, p.dram_bytes_per_cycle, "           \
  "p.dram_latency, p.sram_bytes, p.status, p.reason, " SWEEP_RESULT_COLUMNS_OF_R                                   \
  ", r.rtl_cycles, a.images, a.top1, a.top5, CAST(a.top1 AS REAL) / a.images AS accuracy "                         \
  "FROM points p LEFT JOIN results r ON r.point = p.id "                                                           \
  "LEFT JOIN accuracy a ON a.network = p.network AND a.bits = COALESCE(p.bits, '');"

#define SWEEP_RESULT_COLUMNS_OF_R                                                                          \
  "r.cycles, r.compute_bound, r.memory_bound, r.macs, r.utilization, r.layers, r.commands, r.read_bytes, " \
  "r.write_bytes, r.command_bytes, r.constant_bytes, r.busy, r.fill, r.mode, r.wait_load, r.wait_dep, "    \
  "r.wait_drain, r.wait_cmd, r.tail, r.energy_pj"

#endif
