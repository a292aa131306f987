/* Measured values, and below which of them so many lie. */
#ifndef SAMPLES_H
#define SAMPLES_H
#include "wire.h"

#define MOST_SAMPLES 16000000

typedef struct {
    float *v;
    size_t n, cap;
} samples;

static void add(samples *a, double value) {
    if (a->n == a->cap) {
        if (a->cap >= MOST_SAMPLES) return;
        a->v = realloc(a->v, (a->cap = a->cap ? a->cap * 2 : 65536) * sizeof(float));
    }
    a->v[a->n++] = (float)value;
}

static int compare(const void *x, const void *y) {
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

static void print_percentiles(const char *name, samples *a) {
    static const int shares[] = {50, 99};
    qsort(a->v, a->n, sizeof(float), compare);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        size_t at = a->n * (size_t)shares[i] / 100;
        printf(",\"%s_p%d\":%.1f", name, shares[i], a->n ? (double)a->v[at < a->n ? at : a->n - 1] : 0);
    }
}
#endif
