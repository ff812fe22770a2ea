/*
 * The native mining kernel, a Node-API module. It exports one object for each loop that this processor can run, by its name:
 *
 *   { lanes: number, scan(header: Uint8Array(80), nonce: uint32, groups: number, limit: uint32, tops: Uint32Array(lanes)): number }
 *
 * `scan` is described at `scan_function` in sha256.h. It checks every argument, keeps nothing between two calls and writes to nothing
 * but `tops`, so it may be loaded in any number of threads. A call is bounded: it tries MOST_NONCES at most.
 */
#include <string.h>
#include <cpuid.h>
#include <node_api.h>
#include "avx2.h"
#include "sha-ni.h"

/* Milliseconds of work on any processor that this runs on. limits.ts knows it as `nativeNonces`. */
#define MOST_NONCES 65536u
#define MOST_LANES 8
#define NONCES 4294967296.0

struct loop {
  const char *name;
  uint32_t lanes;
  int (*supported)(void);
  scan_function *scan;
};

/* Intel's and AMD's manuals: leaf 7, EBX bit 29. The system need not save anything more for it than it does for SSE. */
static int has_sha_ni(void) {
  unsigned a, b, c, d;
  return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) != 0;
}

/* The compiler's own test asks the system too, which has to save the long registers (XGETBV). */
static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") != 0;
}

static const struct loop LOOPS[] = {
  {"sha-ni", 2, has_sha_ni, scan_sha_ni_two},
  {"avx2", 8, has_avx2, scan_avx2},
};

static napi_value refuse(napi_env env, const char *message) {
  napi_throw_range_error(env, NULL, message);
  return NULL;
}

/* A whole number from `least` to `most`. */
static int whole(napi_env env, napi_value value, double least, double most, uint32_t *out) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) return 0;
  /* Not a number fails both comparisons. */
  if (!(number >= least && number <= most) || number != (double)(uint32_t)number) return 0;
  *out = (uint32_t)number;
  return 1;
}

/* The memory of a typed array of just that type and length. */
static void *elements(napi_env env, napi_value value, napi_typedarray_type type, size_t length) {
  bool is_array = false;
  napi_typedarray_type got_type;
  size_t got_length;
  void *data = NULL;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) return NULL;
  if (napi_get_typedarray_info(env, value, &got_type, &got_length, &data, NULL, NULL) != napi_ok) return NULL;
  return got_type == type && got_length == length ? data : NULL;
}

static napi_value scan(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value args[5], result;
  void *data;
  if (napi_get_cb_info(env, info, &count, args, NULL, &data) != napi_ok) return NULL;
  const struct loop *loop = data;
  uint32_t nonce, groups, limit, found[MOST_LANES];
  /* The arguments that are missing are `undefined`, which no check lets through. */
  const uint8_t *header = elements(env, args[0], napi_uint8_array, 80);
  uint32_t *tops = elements(env, args[4], napi_uint32_array, loop->lanes);
  if (header == NULL) return refuse(env, "a header is a Uint8Array of 80 bytes");
  if (tops == NULL) return refuse(env, "the tops are a Uint32Array with one word for each lane");
  if (!whole(env, args[1], 0, NONCES - 1, &nonce)) return refuse(env, "a nonce is a whole number of 32 bits");
  if (!whole(env, args[3], 0, NONCES - 1, &limit)) return refuse(env, "a limit is a whole number of 32 bits");
  if (!whole(env, args[2], 1, MOST_NONCES / loop->lanes, &groups)) return refuse(env, "too few or too many groups of nonces");
  if ((double)nonce + (double)(groups - 1) * loop->lanes >= NONCES) return refuse(env, "the last group begins beyond the last nonce");

  struct job job;
  prepare(&job, header);
  const int32_t left = loop->scan(&job, nonce, groups, limit, found);
  if (left >= 0) memcpy(tops, found, loop->lanes * sizeof found[0]);
  return napi_create_int32(env, left, &result) == napi_ok ? result : NULL;
}

NAPI_MODULE_INIT() {
  __builtin_cpu_init();
  for (size_t i = 0; i < sizeof LOOPS / sizeof LOOPS[0]; i++) {
    const struct loop *loop = &LOOPS[i];
    napi_value object, lanes, function;
    if (!loop->supported()) continue;
    if (napi_create_object(env, &object) != napi_ok || napi_create_uint32(env, loop->lanes, &lanes) != napi_ok ||
        napi_create_function(env, "scan", NAPI_AUTO_LENGTH, scan, (void *)loop, &function) != napi_ok ||
        napi_set_named_property(env, object, "lanes", lanes) != napi_ok || napi_set_named_property(env, object, "scan", function) != napi_ok ||
        napi_set_named_property(env, exports, loop->name, object) != napi_ok) {
      return NULL;
    }
  }
  return exports;
}
