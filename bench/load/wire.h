/* The bytes that mock.c sends and load.c expects.
 *
 * A request says in its field "user", which every front passes on, what it wants:
 *     bench.c<events>.i<microseconds between two of them>.n<its number, hex8>
 * Each answer, and each event of one, bears that number, its own place and a fingerprint
 *     t<time of sending in ns, hex16>.<check, hex8>.<hash of the request's body, hex8>
 * so that load.c can compare every byte, sees how long the bytes were under way (both read CLOCK_MONOTONIC of one machine), and whether the engine got
 * the body as it was sent. */
#ifndef WIRE_H
#define WIRE_H
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONTROL "bench."
#define DONE_EVENT "data: [DONE]\n\n"
#define TEMPLATE_MAX 4096

typedef uint64_t u64;
typedef uint32_t u32;

static inline u64 now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec;
}

static inline u32 body_hash(const char *p, size_t n) {
    u64 h = 0x9E3779B97F4A7C15ull ^ n;
    while (n >= 8) {
        u64 v;
        memcpy(&v, p, 8);
        h = (h ^ v) * 0xFF51AFD7ED558CCDull;
        h ^= h >> 32;
        p += 8;
        n -= 8;
    }
    while (n--) h = (h ^ (unsigned char)*p++) * 0x100000001B3ull;
    h ^= h >> 29;
    return (u32)(h ^ (h >> 32));
}

static inline u32 check_of(u64 sent, u32 number, u32 place, u32 hash) {
    u64 h = (sent ^ ((u64)number << 32 | place)) * 0xFF51AFD7ED558CCDull;
    h ^= h >> 33;
    h = (h + hash) * 0xC4CEB9FE1A85EC53ull;
    return (u32)(h ^ (h >> 32));
}

static inline void put_hex(char *p, u64 v, int n) {
    for (int i = n - 1; i >= 0; i--) {
        p[i] = "0123456789abcdef"[v & 15];
        v >>= 4;
    }
}

static inline int get_hex(const char *p, int n, u64 *out) {
    u64 v = 0;
    for (int i = 0; i < n; i++) {
        int c = p[i], d;
        if (c >= '0' && c <= '9') d = c - '0';
        else if (c >= 'a' && c <= 'f') d = c - 'a' + 10;
        else return 0;
        v = v << 4 | (u64)d;
    }
    *out = v;
    return 1;
}

static inline void put_dec5(char *p, u32 v) {
    for (int i = 4; i >= 0; i--) {
        p[i] = (char)('0' + v % 10);
        v /= 10;
    }
}

/* An answer, or an event of one, and where in it stands what differs. */
typedef struct {
    char b[TEMPLATE_MAX];
    int len;
    int o_number, o_sent, o_check, o_hash, o_place; /* o_place < 0: it is the only one */
} template;

static inline void template_find(template *t) {
    t->len = (int)strlen(t->b);
    t->o_number = (int)(strstr(t->b, "chatcmpl-") - t->b) + 9;
    t->o_sent = (int)(strstr(t->b, "fingerprint\":\"t") - t->b) + 15;
    t->o_check = t->o_sent + 17;
    t->o_hash = t->o_check + 9;
    char *s = strstr(t->b, " tok");
    t->o_place = s ? (int)(s - t->b) + 4 : -1;
}

static inline void template_event(template *t, const char *model) {
    snprintf(t->b, sizeof t->b,
        "data: {\"id\":\"chatcmpl-00000000\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
        "\"model\":\"%s\",\"system_fingerprint\":\"t0000000000000000.00000000.00000000\","
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" tok00000\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n",
        model);
    template_find(t);
}

static inline void template_answer(template *t, const char *model) {
    snprintf(t->b, sizeof t->b,
        "{\"id\":\"chatcmpl-00000000\",\"object\":\"chat.completion\",\"created\":1700000000,"
        "\"model\":\"%s\",\"system_fingerprint\":\"t0000000000000000.00000000.00000000\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
        "\"The quick brown fox jumps over the lazy dog. Pack my box with five dozen liquor jugs. "
        "How vexingly quick daft zebras jump. Sphinx of black quartz, judge my vow. "
        "The five boxing wizards jump quickly.\"},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":57,\"completion_tokens\":64,\"total_tokens\":121}}",
        model);
    template_find(t);
}

static inline void template_fill(char *p, const template *t, u32 number, u32 place, u64 sent, u32 hash) {
    put_hex(p + t->o_number, number, 8);
    put_hex(p + t->o_sent, sent, 16);
    put_hex(p + t->o_check, check_of(sent, number, place, hash), 8);
    put_hex(p + t->o_hash, hash, 8);
    if (t->o_place >= 0) put_dec5(p + t->o_place, place);
}

/* 1: every byte is right. Tells when it was sent, and the hash of the body that the engine got. */
static inline int template_holds(const char *p, const template *t, u32 number, u32 place, u64 *sent, u32 *hash) {
    u64 n, c, h;
    char digits[5];
    if (memcmp(p, t->b, (size_t)t->o_number)) return 0;
    if (!get_hex(p + t->o_number, 8, &n) || n != number) return 0;
    int a = t->o_number + 8;
    if (memcmp(p + a, t->b + a, (size_t)(t->o_sent - a))) return 0;
    if (!get_hex(p + t->o_sent, 16, sent) || p[t->o_sent + 16] != '.') return 0;
    if (!get_hex(p + t->o_check, 8, &c) || p[t->o_check + 8] != '.') return 0;
    if (!get_hex(p + t->o_hash, 8, &h)) return 0;
    *hash = (u32)h;
    if ((u32)c != check_of(*sent, number, place, *hash)) return 0;
    a = t->o_hash + 8;
    if (t->o_place >= 0) {
        if (memcmp(p + a, t->b + a, (size_t)(t->o_place - a))) return 0;
        put_dec5(digits, place);
        if (memcmp(p + t->o_place, digits, 5)) return 0;
        a = t->o_place + 5;
    }
    return memcmp(p + a, t->b + a, (size_t)(t->len - a)) == 0;
}
#endif
