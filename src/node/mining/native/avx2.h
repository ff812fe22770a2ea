/* The loop for x86 processors with vectors of 256 bits and no SHA-256 instructions: eight nonces at a time, one in each lane. */
#ifndef CHAINSCOPE_AVX2_H
#define CHAINSCOPE_AVX2_H

#include "sha256.h"

#define AVX2 __attribute__((target("avx2")))
/* What is written out, and what stays a loop. */
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#define LOOP _Pragma("nounroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#define LOOP _Pragma("GCC unroll 1")
#endif
typedef uint32_t v8 __attribute__((vector_size(32)));

/*
 * Eight rounds from `first` on, after which the state is back in its places: a loop of them is small enough for the processor's cache of
 * decoded instructions, where that matters more than the work saved by leaving out the constant parts of the schedule. `expand`: the words
 * of the schedule are made first. Rounds before `from` are not made, nor is anything from `to` on.
 */
AVX2 INLINE void eight(v8 state[8], v8 w[64], const int first, const int expand, const int from, const int to) {
  v8 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  v8 bc = b ^ c;
  UNROLL
  for (int n = 0; n < 8; n++) {
    const int i = first + n;
    if (n >= to) break;
    if (expand) w[i] = w[i - 16] + SMALL0(w[i - 15]) + w[i - 7] + SMALL1(w[i - 2]);
    if (n < from) continue;
    const v8 t = h + (w[i] + K[i]) + (g ^ (e & (f ^ g))) + BIG(e, 6, 11, 25);
    /* maj(a, b, c), and a ^ b is b ^ c in the next round. */
    const v8 ab = a ^ b, u = t + BIG(a, 2, 13, 22) + (b ^ (ab & bc));
    h = g; g = f; f = e; e = d + t; d = c; c = b; b = a; a = u; bc = ab;
  }
  state[0] = a; state[1] = b; state[2] = c; state[3] = d; state[4] = e; state[5] = f; state[6] = g; state[7] = h;
}

AVX2 static int32_t scan_avx2(const struct job *job, uint32_t nonce, uint32_t groups, uint32_t limit, uint32_t *tops) {
  const v8 zero = {0};
  v8 first[64], second[64];
  for (int i = 0; i < 16; i++) first[i] = zero + (i < 3 ? job->words[i] : i == 4 ? END : i == 15 ? HEADER_BITS : 0);
  for (int i = 8; i < 16; i++) second[i] = zero + (i == 8 ? END : i == 15 ? HASH_BITS : 0);
  for (; groups > 0; groups--, nonce += 8) {
    v8 state[8];
    const v8 nonces = (v8){0, 1, 2, 3, 4, 5, 6, 7} + nonce;
    first[3] = SWAP_BYTES(nonces);
    for (int i = 0; i < 8; i++) state[i] = zero + job->entered[i];
    eight(state, first, 0, 0, 2, 8);
    eight(state, first, 8, 0, 0, 8);
    LOOP
    for (int i = 16; i < 64; i += 8) eight(state, first, i, 1, 0, 8);
    for (int i = 0; i < 8; i++) second[i] = state[i] + job->midstate[i];
    for (int i = 0; i < 8; i++) state[i] = zero + INITIAL[i];
    LOOP
    for (int i = 0; i < 16; i += 8) eight(state, second, i, 0, 0, 8);
    LOOP
    for (int i = 16; i < 56; i += 8) eight(state, second, i, 1, 0, 8);
    eight(state, second, 56, 1, 0, 5);
    /* e after round 60. */
    const v8 last = state[4] + INITIAL[7], top = SWAP_BYTES(last);
    uint32_t hit = 0;
    for (int i = 0; i < 8; i++) hit |= top[i] <= limit;
    if (__builtin_expect(hit != 0, 0)) {
      for (int i = 0; i < 8; i++) tops[i] = top[i];
      return (int32_t)(groups - 1);
    }
  }
  return -1;
}

#endif
