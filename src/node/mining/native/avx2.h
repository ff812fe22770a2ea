/* The loop for x86 processors with vectors of 256 bits and no SHA-256 instructions: eight nonces at a time, one in each lane. */
#ifndef CHAINSCOPE_AVX2_H
#define CHAINSCOPE_AVX2_H

#include "sha256.h"

#define AVX2 __attribute__((target("avx2")))
/* Written out, so that the places of the schedule are known to the compiler and `w` is no array. */
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#define LOOP _Pragma("nounroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define LOOP _Pragma("GCC unroll 1")
#endif
typedef uint32_t v8 __attribute__((vector_size(32)));

/*
 * Sixteen rounds, with the constants `k`. `expand`: the schedule goes on by sixteen words first. Rounds before `from` are not made, nor is
 * anything from `to` on. What is zero or constant in `w` is folded by the compiler where this is expanded with it.
 */
AVX2 INLINE void sixteen(v8 state[8], v8 w[16], const uint32_t *k, const int expand, const int from, const int to) {
  v8 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  v8 bc = b ^ c;
  UNROLL
  for (int i = 0; i < 16; i++) {
    if (i >= to) break;
    if (expand) w[i] = w[i] + SMALL0(w[(i + 1) & 15]) + w[(i + 9) & 15] + SMALL1(w[(i + 14) & 15]);
    if (i < from) continue;
    const v8 t = h + (w[i] + k[i]) + (g ^ (e & (f ^ g))) + BIG(e, 6, 11, 25);
    /* maj(a, b, c), and a ^ b is b ^ c in the next round. */
    const v8 ab = a ^ b, u = t + BIG(a, 2, 13, 22) + (b ^ (ab & bc));
    h = g; g = f; f = e; e = d + t; d = c; c = b; b = a; a = u; bc = ab;
  }
  state[0] = a; state[1] = b; state[2] = c; state[3] = d; state[4] = e; state[5] = f; state[6] = g; state[7] = h;
}

AVX2 static int32_t scan_avx2(const struct job *job, uint32_t nonce, uint32_t groups, uint32_t limit, uint32_t *tops) {
  const v8 zero = {0};
  for (; groups > 0; groups--, nonce += 8) {
    v8 state[8], w[16];
    for (int i = 0; i < 16; i++) w[i] = zero;
    for (int i = 0; i < 3; i++) w[i] = zero + job->words[i];
    const v8 nonces = (v8){0, 1, 2, 3, 4, 5, 6, 7} + nonce;
    w[3] = SWAP_BYTES(nonces);
    w[4] = zero + END;
    w[15] = zero + HEADER_BITS;
    for (int i = 0; i < 8; i++) state[i] = zero + job->entered[i];
    sixteen(state, w, K, 0, 2, 16);
    sixteen(state, w, K + 16, 1, 0, 16);
    /* A loop: all the code of a try has to fit into the processor's instruction cache. */
    LOOP
    for (int i = 32; i < 64; i += 16) sixteen(state, w, K + i, 1, 0, 16);
    for (int i = 0; i < 8; i++) w[i] = state[i] + job->midstate[i];
    w[8] = zero + END;
    for (int i = 9; i < 15; i++) w[i] = zero;
    w[15] = zero + HASH_BITS;
    for (int i = 0; i < 8; i++) state[i] = zero + INITIAL[i];
    sixteen(state, w, K, 0, 0, 16);
    LOOP
    for (int i = 16; i < 48; i += 16) sixteen(state, w, K + i, 1, 0, 16);
    sixteen(state, w, K + 48, 1, 0, 13);
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
