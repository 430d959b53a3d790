/* Random numbers that depend on their place only. */
#ifndef TRAIN_RANDOM_H
#define TRAIN_RANDOM_H

#include <stdint.h>

/* 64 uniform bits of (seed, place). */
uint64_t train_bits(uint64_t seed, uint64_t place);
/* Normally distributed, mean 0, variance 1. */
double train_normal(uint64_t seed, uint64_t place);

#endif
