/* What the command line accepts and the simulated machine checks again, beside tetra/memory.h. */
#ifndef TETRA_SIM_LIMITS_H
#define TETRA_SIM_LIMITS_H

#define SIM_STALL_MAX 0.95 /* probability of withholding a ready or valid, from 0 */

#endif
