/* What is asked, and the connection on which it is. */
#ifndef REQUESTS_H
#define REQUESTS_H
#include "chunks.h"
#include "wire.h"

#define MOST_HEADERS 16

enum { CONNECTING, READY, HEAD, BODY, OFF };
enum { OF_LENGTH, IN_CHUNKS, UNTIL_CLOSED };

typedef struct {
    int fd, state, framing, keeps, is_new, counts, is_wrong, is_changed, status;
    u32 number, place, hash;
    u64 begun, first, last;
    char *request;
    int request_len, request_off;
    char head[16384];
    int head_len;
    long left; /* bytes of a body whose length is known */
    chunk chunk;
    char event[TEMPLATE_MAX]; /* as much of it as has come */
    int event_len, done_len;
} conn;

static const char *g_at, *g_model = "mock", *g_headers[MOST_HEADERS];
static int g_header_count, g_streams, g_events = 64, g_prompt = 512;
static long g_interval;

static char *g_body;
static int g_body_len, g_number_off;
static u32 g_number;

static void build_body(void) {
    static const char words[] = "Tell me about the history of the bicycle, and say \\\"hello\\\" in French. ";
    const int k = (int)sizeof words - 1;
    char *b = g_body = malloc((size_t)g_prompt + 1024);
    int n = sprintf(b, "{\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful assistant.\"},{\"role\":\"user\",\"content\":\"");
    int written = 0;
    for (; written + k <= g_prompt; written += k, n += k) memcpy(b + n, words, (size_t)k);
    for (; written < g_prompt; written++) b[n++] = 'x';
    /* "model" and "stream" behind the messages, where OpenAI's own clients write them */
    n += sprintf(b + n, "\"}],\"model\":\"%s\",\"temperature\":0.7,\"max_tokens\":64,%s\"user\":\"", g_model, g_streams ? "\"stream\":true," : "");
    n += sprintf(b + n, CONTROL "c%d.i%ld.n", g_events, g_interval);
    g_number_off = n;
    n += sprintf(b + n, "00000000\"}");
    g_body_len = n;
}

static void build_request(conn *c) {
    if (!c->request) {
        size_t room = (size_t)g_body_len + 1024;
        for (int i = 0; i < g_header_count; i++) room += strlen(g_headers[i]) + 2;
        char *p = c->request = malloc(room);
        int n = sprintf(p, "POST /v1/chat/completions HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: %s\r\n", g_at,
            g_streams ? "text/event-stream" : "application/json");
        for (int i = 0; i < g_header_count; i++) n += sprintf(p + n, "%s\r\n", g_headers[i]);
        n += sprintf(p + n, "Content-Length: %d\r\n\r\n", g_body_len);
        memcpy(p + n, g_body, (size_t)g_body_len);
        c->request_len = n + g_body_len;
    }
    c->number = ++g_number * 2654435761u;
    char *body = c->request + c->request_len - g_body_len;
    put_hex(body + g_number_off, c->number, 8);
    c->hash = body_hash(body, (size_t)g_body_len);
    c->request_off = 0;
}
#endif
