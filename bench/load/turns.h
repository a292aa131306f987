/* Whose turn it is: connections that wait for their time, and those that need not. */
#ifndef TURNS_H
#define TURNS_H
#include "wire.h"

enum { IDLE, STREAMING };

typedef struct conn {
    int fd, state, queued, dead;
    char *in;
    size_t in_len, in_cap;
    char *out;
    size_t out_len, out_off, out_cap;
    u32 number, place, events, hash;
    u64 interval, due;
    struct conn *next; /* among the ready, or among the closed */
} conn;

static conn **g_heap; /* of those that wait for their time, the next one first */
static size_t g_waiting, g_heap_cap;
static conn *g_ready_first, *g_ready_last;

static void heap_push(conn *c) {
    if (g_waiting == g_heap_cap) g_heap = realloc(g_heap, (g_heap_cap = g_heap_cap ? g_heap_cap * 2 : 1024) * sizeof *g_heap);
    size_t i = g_waiting++;
    while (i && g_heap[(i - 1) / 2]->due > c->due) {
        g_heap[i] = g_heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    g_heap[i] = c;
    c->queued = 1;
}

static conn *heap_pop(void) {
    conn *top = g_heap[0], *last = g_heap[--g_waiting];
    size_t i = 0;
    for (;;) {
        size_t k = 2 * i + 1;
        if (k >= g_waiting) break;
        if (k + 1 < g_waiting && g_heap[k + 1]->due < g_heap[k]->due) k++;
        if (g_heap[k]->due >= last->due) break;
        g_heap[i] = g_heap[k];
        i = k;
    }
    if (g_waiting) g_heap[i] = last;
    top->queued = 0;
    return top;
}

static void ready_push(conn *c) {
    c->next = NULL;
    c->queued = 1;
    if (g_ready_last) g_ready_last->next = c;
    else g_ready_first = c;
    g_ready_last = c;
}
#endif
