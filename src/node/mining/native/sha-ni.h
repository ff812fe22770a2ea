/*
 * The loop for processors with SHA-256 instructions (x86, "SHA-NI"). `sha256rnds2` makes two rounds, needs four cycles for them and
 * can begin every two: a second nonce is hashed in the gaps of the first.
 */
#ifndef CHAINSCOPE_SHA_NI_H
#define CHAINSCOPE_SHA_NI_H

#include <immintrin.h>
#include "sha256.h"

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))
/* Once for each stream, written out: the compiler keeps `abef[0]` and the like in registers. */
#define EACH(...) do { { const int s = 0; __VA_ARGS__; } if (streams > 1) { const int s = 1; __VA_ARGS__; } } while (0)

/* Two rounds with the lower half of `kw`, two with the upper one. The state stands as the instruction wants it: a b e f, and c d g h. */
#define FOUR_ROUNDS(kw) do { \
    __m128i low = (kw); \
    cdgh[s] = _mm_sha256rnds2_epu32(cdgh[s], abef[s], low); \
    abef[s] = _mm_sha256rnds2_epu32(abef[s], cdgh[s], _mm_shuffle_epi32(low, 0x0e)); \
  } while (0)
#define LOAD(words) _mm_load_si128((const __m128i *)(words))
/* The words i - 7 of the schedule for four i. */
#define SEVEN_BACK(w, g) _mm_alignr_epi8((w)[((g) + 3) & 3][s], (w)[((g) + 2) & 3][s], 4)
/* The four words of group `g` of the schedule, of which the last four groups are in `w`, and their rounds. */
#define EXPAND(g) do { \
    w[(g) & 3][s] = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w[(g) & 3][s], w[((g) + 1) & 3][s]), SEVEN_BACK(w, g)), w[((g) + 3) & 3][s]); \
    FOUR_ROUNDS(_mm_add_epi32(w[(g) & 3][s], LOAD(K + 4 * (g)))); \
  } while (0)

SHA_NI INLINE int32_t scan_sha_ni(const struct job *job, uint32_t nonce, uint32_t groups, uint32_t limit, uint32_t *tops, const int streams) {
  const uint32_t *m = job->midstate, *n = job->entered, *words = job->words;
  const __m128i mid_abef = _mm_set_epi32((int)m[0], (int)m[1], (int)m[4], (int)m[5]), mid_cdgh = _mm_set_epi32((int)m[2], (int)m[3], (int)m[6], (int)m[7]);
  const __m128i in_abef = _mm_set_epi32((int)n[0], (int)n[1], (int)n[4], (int)n[5]), in_cdgh = _mm_set_epi32((int)n[2], (int)n[3], (int)n[6], (int)n[7]);
  const __m128i initial_abef = _mm_set_epi32((int)INITIAL[0], (int)INITIAL[1], (int)INITIAL[4], (int)INITIAL[5]);
  const __m128i initial_cdgh = _mm_set_epi32((int)INITIAL[2], (int)INITIAL[3], (int)INITIAL[6], (int)INITIAL[7]);
  const __m128i end = _mm_set_epi32(0, 0, 0, (int)END), hash_bits = _mm_set_epi32((int)HASH_BITS, 0, 0, 0);
  /* The first schedule's words 16 and 17 do not depend on the nonce, 18 and 19 in part. */
  const uint32_t w16 = words[0] + SMALL0(words[1]), w17 = words[1] + SMALL0(words[2]) + SMALL1(HEADER_BITS);
  const __m128i part4 = _mm_set_epi32((int)(SMALL0(END) + SMALL1(w17)), (int)(words[2] + SMALL1(w16)), (int)w17, (int)w16);
  const __m128i part5 = _mm_set_epi32((int)w16, (int)HEADER_BITS, 0, (int)END);
  const __m128i part7 = _mm_set_epi32((int)(HEADER_BITS + SMALL0(w16)), (int)SMALL0(HEADER_BITS), 0, 0);
  uint32_t found[2];

  for (; groups > 0; groups--, nonce += (uint32_t)streams) {
    __m128i abef[2], cdgh[2], w[4][2];
    /* Rounds 2 and 3, and the schedule's words 16 to 19. */
    EACH(
      const uint32_t word = SWAP_BYTES(nonce + (uint32_t)s);
      cdgh[s] = in_abef;
      abef[s] = _mm_sha256rnds2_epu32(in_cdgh, in_abef, _mm_cvtsi64_si128((long long)((uint64_t)(K[3] + word) << 32 | (K[2] + words[2]))));
      w[0][s] = _mm_add_epi32(part4, _mm_slli_si128(_mm_cvtsi64_si128((long long)((uint64_t)word << 32 | SMALL0(word))), 8));
    );
    EACH(FOUR_ROUNDS(_mm_add_epi32(end, LOAD(K + 4))));
    EACH(FOUR_ROUNDS(LOAD(K + 8)));
    EACH(FOUR_ROUNDS(_mm_add_epi32(_mm_set_epi32((int)HEADER_BITS, 0, 0, 0), LOAD(K + 12))));
    EACH(FOUR_ROUNDS(_mm_add_epi32(w[0][s], LOAD(K + 16))));
    EACH(w[1][s] = _mm_sha256msg2_epu32(part5, w[0][s]); FOUR_ROUNDS(_mm_add_epi32(w[1][s], LOAD(K + 20))));
    EACH(w[2][s] = _mm_sha256msg2_epu32(SEVEN_BACK(w, 6), w[1][s]); FOUR_ROUNDS(_mm_add_epi32(w[2][s], LOAD(K + 24))));
    EACH(w[3][s] = _mm_sha256msg2_epu32(_mm_add_epi32(part7, SEVEN_BACK(w, 7)), w[2][s]); FOUR_ROUNDS(_mm_add_epi32(w[3][s], LOAD(K + 28))));
    EACH(EXPAND(8)); EACH(EXPAND(9)); EACH(EXPAND(10)); EACH(EXPAND(11)); EACH(EXPAND(12)); EACH(EXPAND(13)); EACH(EXPAND(14)); EACH(EXPAND(15));

    /* The second hash: its first eight words in the order of the schedule. */
    EACH(
      const __m128i abef_up = _mm_shuffle_epi32(_mm_add_epi32(abef[s], mid_abef), 0x1b), ghcd = _mm_shuffle_epi32(_mm_add_epi32(cdgh[s], mid_cdgh), 0xb1);
      w[0][s] = _mm_blend_epi16(abef_up, ghcd, 0xf0);
      w[1][s] = _mm_alignr_epi8(ghcd, abef_up, 8);
      abef[s] = initial_abef;
      cdgh[s] = initial_cdgh;
    );
    EACH(FOUR_ROUNDS(_mm_add_epi32(w[0][s], LOAD(K))));
    EACH(FOUR_ROUNDS(_mm_add_epi32(w[1][s], LOAD(K + 4))));
    EACH(FOUR_ROUNDS(_mm_add_epi32(end, LOAD(K + 8))));
    EACH(FOUR_ROUNDS(_mm_add_epi32(hash_bits, LOAD(K + 12))));
    EACH(w[2][s] = end; w[3][s] = hash_bits);
    EACH(w[0][s] = _mm_sha256msg2_epu32(_mm_sha256msg1_epu32(w[0][s], w[1][s]), hash_bits); FOUR_ROUNDS(_mm_add_epi32(w[0][s], LOAD(K + 16))));
    EACH(EXPAND(5));
    EACH(w[2][s] = _mm_sha256msg2_epu32(_mm_add_epi32(end, SEVEN_BACK(w, 6)), w[1][s]); FOUR_ROUNDS(_mm_add_epi32(w[2][s], LOAD(K + 24))));
    EACH(EXPAND(7)); EACH(EXPAND(8)); EACH(EXPAND(9)); EACH(EXPAND(10)); EACH(EXPAND(11)); EACH(EXPAND(12)); EACH(EXPAND(13)); EACH(EXPAND(14));
    int hit = 0;
    EACH(
      /* Rounds 60 and 61: f is then e after round 60. */
      const __m128i last = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w[3][s], w[0][s]), SEVEN_BACK(w, 15)), w[2][s]);
      const __m128i after = _mm_sha256rnds2_epu32(cdgh[s], abef[s], _mm_add_epi32(last, LOAD(K + 60)));
      const uint32_t word = (uint32_t)_mm_cvtsi128_si32(after) + INITIAL[7];
      found[s] = SWAP_BYTES(word);
      hit |= found[s] <= limit;
    );
    if (__builtin_expect(hit, 0)) {
      EACH(tops[s] = found[s]);
      return (int32_t)(groups - 1);
    }
  }
  return -1;
}

SHA_NI static int32_t scan_sha_ni_two(const struct job *job, uint32_t nonce, uint32_t groups, uint32_t limit, uint32_t *tops) {
  return scan_sha_ni(job, nonce, groups, limit, tops, 2);
}

#endif
