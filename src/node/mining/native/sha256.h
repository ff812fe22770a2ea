/*
 * What every loop of the native mining kernel needs: SHA-256's constants (FIPS 180-4), and the part of the double SHA-256 of a
 * header of 80 bytes that is the same for every nonce.
 */
#ifndef CHAINSCOPE_SHA256_H
#define CHAINSCOPE_SHA256_H

#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

static const uint32_t K[64] __attribute__((aligned(32))) = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};
static const uint32_t INITIAL[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* The word after a message, and the lengths in bits of a header and of a hash. */
#define END 0x80000000u
#define HEADER_BITS 640u
#define HASH_BITS 256u

#define ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define SMALL0(x) (ROTR(x, 7) ^ ROTR(x, 18) ^ ((x) >> 3))
#define SMALL1(x) (ROTR(x, 17) ^ ROTR(x, 19) ^ ((x) >> 10))
/* rotr a ^ rotr b ^ rotr c, nested: as many operations, and fewer values alive at a time. */
#define BIG(x, a, b, c) ROTR((x) ^ ROTR((x) ^ ROTR(x, (c) - (b)), (b) - (a)), a)

#define SWAP_BYTES(x) (((x) << 24) | (((x) << 8) & 0xff0000) | (((x) >> 8) & 0xff00) | ((x) >> 24))

/* Rounds `from` to `to - 1`, with the message words `w`. */
static void rounds(uint32_t state[8], const uint32_t *w, int from, int to) {
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = from; i < to; i++) {
    uint32_t t = h + BIG(e, 6, 11, 25) + (g ^ (e & (f ^ g))) + K[i] + w[i];
    h = g; g = f; f = e; e = d + t; d = c;
    t += BIG(a, 2, 13, 22) + ((a & b) | (c & (a | b)));
    c = b; b = a; a = t;
  }
  state[0] = a; state[1] = b; state[2] = c; state[3] = d; state[4] = e; state[5] = f; state[6] = g; state[7] = h;
}

/* What is the same for all nonces of a header. */
struct job {
  uint32_t midstate[8]; /* after the first 64 bytes */
  uint32_t entered[8];  /* after the rounds 0 and 1 of the second chunk */
  uint32_t words[3];    /* of the second chunk, before the nonce */
};

static void prepare(struct job *job, const uint8_t header[80]) {
  uint32_t w[64];
  for (int i = 0; i < 19; i++) {
    w[i] = (uint32_t)header[4 * i] << 24 | (uint32_t)header[4 * i + 1] << 16 | (uint32_t)header[4 * i + 2] << 8 | header[4 * i + 3];
  }
  for (int i = 0; i < 3; i++) job->words[i] = w[16 + i];
  for (int i = 16; i < 64; i++) w[i] = w[i - 16] + SMALL0(w[i - 15]) + w[i - 7] + SMALL1(w[i - 2]);
  for (int i = 0; i < 8; i++) job->midstate[i] = INITIAL[i];
  rounds(job->midstate, w, 0, 64);
  for (int i = 0; i < 8; i++) job->entered[i] = job->midstate[i] += INITIAL[i];
  rounds(job->entered, job->words, 0, 2);
}

/*
 * Tries `groups` groups of consecutive nonces, from `nonce` on and wrapping at 2^32, until the highest word of a hash is at most
 * `limit`; gives how many groups were left then and writes the highest word of each hash of that group, or gives -1. The highest
 * word is the last one, read as a little-endian number: h after round 63, which is e after round 60. So no round is made for it
 * that it does not need.
 */
typedef int32_t scan_function(const struct job *job, uint32_t nonce, uint32_t groups, uint32_t limit, uint32_t *tops);

#endif
