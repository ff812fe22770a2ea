/*
 * The same work as the SIMD kernel (midstate, folded constants, no last rounds) in C with four lanes of 32 bits (or LANES of them), for
 * comparison. Built with `cc -O3 -mavx` (or `-mavx2 -DLANES=8`), run as: sha256d <header, 160 hex digits> <first nonce> <count>.
 * Prints the seconds it took and the lowest highest word with its nonce.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifndef LANES
#define LANES 4
#endif
typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

static const uint32_t K[64] = {
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

#define ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define SMALL0(x) (ROTR(x, 7) ^ ROTR(x, 18) ^ ((x) >> 3))
#define SMALL1(x) (ROTR(x, 17) ^ ROTR(x, 19) ^ ((x) >> 10))
#define BIG0(x) (ROTR(x, 2) ^ ROTR(x, 13) ^ ROTR(x, 22))
#define BIG1(x) (ROTR(x, 6) ^ ROTR(x, 11) ^ ROTR(x, 25))
#define STEP(a, b, c, d, e, f, g, h, kw) do { \
    __typeof__(a) t = h + BIG1(e) + (g ^ (e & (f ^ g))) + (kw); \
    d += t; \
    h = t + BIG0(a) + ((a & b) | (c & (a | b))); \
  } while (0)
#define EIGHT(w, i) do { \
    STEP(a, b, c, d, e, f, g, h, K[i] + w[i]); STEP(h, a, b, c, d, e, f, g, K[i + 1] + w[i + 1]); \
    STEP(g, h, a, b, c, d, e, f, K[i + 2] + w[i + 2]); STEP(f, g, h, a, b, c, d, e, K[i + 3] + w[i + 3]); \
    STEP(e, f, g, h, a, b, c, d, K[i + 4] + w[i + 4]); STEP(d, e, f, g, h, a, b, c, K[i + 5] + w[i + 5]); \
    STEP(c, d, e, f, g, h, a, b, K[i + 6] + w[i + 6]); STEP(b, c, d, e, f, g, h, a, K[i + 7] + w[i + 7]); \
  } while (0)

static void compress(uint32_t state[8], const uint32_t chunk[16], int from, int to) {
  uint32_t w[64];
  for (int i = 0; i < 64; i++) w[i] = i < 16 ? chunk[i] : w[i - 16] + SMALL0(w[i - 15]) + w[i - 7] + SMALL1(w[i - 2]);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = from; i < to; i++) {
    STEP(a, b, c, d, e, f, g, h, K[i] + w[i]);
    uint32_t last = h; h = g; g = f; f = e; e = d; d = c; c = b; b = a; a = last;
  }
  state[0] = a; state[1] = b; state[2] = c; state[3] = d; state[4] = e; state[5] = f; state[6] = g; state[7] = h;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  uint32_t head[20];
  for (int i = 0; i < 20; i++) {
    char word[9] = {0};
    for (int j = 0; j < 8; j++) word[j] = argv[1][i * 8 + j];
    head[i] = (uint32_t)strtoul(word, NULL, 16);
  }
  uint32_t start = (uint32_t)strtoul(argv[2], NULL, 10), count = (uint32_t)strtoul(argv[3], NULL, 10);
  uint32_t midstate[8], entered[8], chunk[16] = {head[16], head[17], head[18], 0, 0x80000000};
  for (int i = 0; i < 8; i++) midstate[i] = INITIAL[i];
  compress(midstate, head, 0, 64);
  for (int i = 0; i < 8; i++) midstate[i] += INITIAL[i];
  chunk[15] = 640;
  for (int i = 0; i < 8; i++) entered[i] = midstate[i];
  compress(entered, chunk, 0, 3);

  struct timespec t0, t1;
  clock_gettime(CLOCK_MONOTONIC, &t0);
  uint32_t best = 0xffffffff, best_nonce = start;
  const lanes zero = {0};
  lanes steps;
  for (int i = 0; i < LANES; i++) steps[i] = (uint32_t)i;
  for (uint32_t done = 0; done < count; done += LANES) {
    lanes nonce = steps + (start + done);
    lanes w[64];
    for (int i = 0; i < 16; i++) w[i] = zero + chunk[i];
    w[3] = (nonce << 24) | ((nonce << 8) & 0xff0000) | ((nonce >> 8) & 0xff00) | (nonce >> 24);
    for (int i = 16; i < 64; i++) w[i] = w[i - 16] + SMALL0(w[i - 15]) + w[i - 7] + SMALL1(w[i - 2]);
    lanes a = zero + entered[0], b = zero + entered[1], c = zero + entered[2], d = zero + entered[3];
    lanes e = zero + entered[4], f = zero + entered[5], g = zero + entered[6], h = zero + entered[7];
    /* Rounds 3 to 7. Each turns the variables by one, the copies turn them back. */
    STEP(a, b, c, d, e, f, g, h, K[3] + w[3]); STEP(h, a, b, c, d, e, f, g, K[4] + w[4]);
    STEP(g, h, a, b, c, d, e, f, K[5] + w[5]); STEP(f, g, h, a, b, c, d, e, K[6] + w[6]);
    STEP(e, f, g, h, a, b, c, d, K[7] + w[7]);
    { lanes o0 = a, o1 = b, o2 = c, o3 = d, o4 = e, o5 = f, o6 = g, o7 = h;
      a = o3; b = o4; c = o5; d = o6; e = o7; f = o0; g = o1; h = o2; }
    for (int i = 8; i < 64; i += 8) EIGHT(w, i);
    w[0] = a + midstate[0]; w[1] = b + midstate[1]; w[2] = c + midstate[2]; w[3] = d + midstate[3];
    w[4] = e + midstate[4]; w[5] = f + midstate[5]; w[6] = g + midstate[6]; w[7] = h + midstate[7];
    w[8] = zero + 0x80000000;
    for (int i = 9; i < 15; i++) w[i] = zero;
    w[15] = zero + 256;
    for (int i = 16; i < 61; i++) w[i] = w[i - 16] + SMALL0(w[i - 15]) + w[i - 7] + SMALL1(w[i - 2]);
    a = zero + INITIAL[0]; b = zero + INITIAL[1]; c = zero + INITIAL[2]; d = zero + INITIAL[3];
    e = zero + INITIAL[4]; f = zero + INITIAL[5]; g = zero + INITIAL[6]; h = zero + INITIAL[7];
    for (int i = 0; i < 56; i += 8) EIGHT(w, i);
    STEP(a, b, c, d, e, f, g, h, K[56] + w[56]); STEP(h, a, b, c, d, e, f, g, K[57] + w[57]);
    STEP(g, h, a, b, c, d, e, f, K[58] + w[58]); STEP(f, g, h, a, b, c, d, e, K[59] + w[59]);
    STEP(e, f, g, h, a, b, c, d, K[60] + w[60]);
    /* e after round 60, which five turns have put into h. */
    h = h + INITIAL[7];
    lanes top = (h << 24) | ((h << 8) & 0xff0000) | ((h >> 8) & 0xff00) | (h >> 24);
    for (int i = 0; i < LANES; i++) if (top[i] < best) { best = top[i]; best_nonce = start + done + (uint32_t)i; }
  }
  clock_gettime(CLOCK_MONOTONIC, &t1);
  printf("%.9f %u %u\n", (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) * 1e-9, best, best_nonce);
  return 0;
}
