/*
 * The loops of the native kernel with no Node around them, for comparison: what C reaches on this processor.
 * Built with `cc -O3 -I src/node/mining/native`, run as: native-loops <loop> <header, 160 hex digits> <first nonce> <count>.
 * Prints the seconds it took and the lowest highest word with its nonce. Code 3: this processor has no such instructions.
 */
#include <cpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "avx2.h"
#include "sha-ni.h"

SHA_NI static int32_t scan_sha_ni_one(const struct job *job, uint32_t nonce, uint32_t groups, uint32_t limit, uint32_t *tops) {
  return scan_sha_ni(job, nonce, groups, limit, tops, 1);
}

static int has_sha_ni(void) {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) != 0;
}

int main(int argc, char **argv) {
  if (argc != 5 || strlen(argv[2]) != 160) return 2;
  scan_function *scan;
  uint32_t lanes;
  if (strcmp(argv[1], "sha-ni-1") == 0) scan = scan_sha_ni_one, lanes = 1;
  else if (strcmp(argv[1], "sha-ni-2") == 0) scan = scan_sha_ni_two, lanes = 2;
  else if (strcmp(argv[1], "avx2") == 0) scan = scan_avx2, lanes = 8;
  else return 2;
  if (lanes == 8 ? !__builtin_cpu_supports("avx2") : !has_sha_ni()) return 3;
  uint8_t header[80];
  for (int i = 0; i < 80; i++) {
    const char digits[3] = {argv[2][2 * i], argv[2][2 * i + 1], 0};
    header[i] = (uint8_t)strtoul(digits, NULL, 16);
  }
  const uint32_t start = (uint32_t)strtoul(argv[3], NULL, 10), groups = (uint32_t)strtoul(argv[4], NULL, 10) / lanes;

  struct timespec t0, t1;
  clock_gettime(CLOCK_MONOTONIC, &t0);
  struct job job;
  prepare(&job, header);
  uint32_t best = 0xffffffff, best_nonce = start, tops[8];
  for (uint32_t done = 0; done < groups;) {
    const int32_t left = scan(&job, start + done * lanes, groups - done, best, tops);
    if (left < 0) break;
    done = groups - (uint32_t)left;
    for (uint32_t i = 0; i < lanes; i++) if (tops[i] <= best) { best = tops[i]; best_nonce = start + (done - 1) * lanes + i; }
  }
  clock_gettime(CLOCK_MONOTONIC, &t1);
  printf("%.9f %u %u\n", (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) * 1e-9, best, best_nonce);
  return 0;
}
