// What ./vp says of a run: text, JSON, a timeline.
#ifndef TETRA_SYSTEMC_VP_REPORT_H
#define TETRA_SYSTEMC_VP_REPORT_H

#include "systemc/vp/run.h"

namespace tetra {

void PrintResult(const VpOptions &o, const Job &job, const VpResult &r);
/// A line of the table over numbers of accelerators; `one`: the cycles of an image on the first run's.
void PrintScalingHeader();
void PrintScaling(const VpOptions &o, const VpResult &r, double one);
/// TETRA_EIO, TETRA_ENOMEM.
int WriteJson(const VpOptions &o, const Job &job, const VpResult &r, tetra_error *err);
int WriteTimeline(const VpOptions &o, const Job &job, const VpResult &r, tetra_error *err);
/// Share of what the DRAM could have moved that it did, 0 to 1.
double MemoryShare(const VpOptions &o, const VpResult &r);

}  // namespace tetra

#endif
