/* An engine that computes nothing: what is measured is only what stands between it and its client.
 *
 *   mock -m MODEL -p PORT [-u SOCKET]...      listens on loopback and on any number of unix sockets, one thread for all
 *
 * POST /v1/chat/completions   what the field "user" of the request says (see wire.h), whole or streamed
 * POST /v1/completions        the same: helix asks for a token now and then, to see whether an engine is well
 * GET  /v1/models, /health    as an engine answers
 * GET  /counts                streams that were begun, and those whose reader left before their end
 *
 * Streams that are ready take turns, with one send() and one HTTP chunk for each event, as engines do it. Nothing is allocated for a request. */
#include "turns.h"
#include "wire.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST_LISTENERS 16

static const char *g_model = "mock";
static template g_event, g_answer;
static char g_chunk[16];
static int g_chunk_len;
static int g_ep, g_listeners[MOST_LISTENERS], g_listening;
static conn *g_closed; /* in this turn of the loop; given back at its end */
static u64 g_streams, g_left;

static const char STREAM_HEAD[] =
    "HTTP/1.1 200 OK\r\nServer: mock\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";
static const char STREAM_TAIL[] = "e\r\n" DONE_EVENT "\r\n0\r\n\r\n";

static void conn_free(conn *c) {
    free(c->in);
    free(c->out);
    free(c);
}

static void conn_close(conn *c) {
    if (c->dead) return;
    if (c->state == STREAMING) g_left++;
    close(c->fd);
    c->dead = 1;
    if (!c->queued) {
        c->next = g_closed;
        g_closed = c;
    }
}

static void watch(conn *c, u32 what) {
    struct epoll_event e = {.events = what, .data.ptr = c};
    epoll_ctl(g_ep, EPOLL_CTL_MOD, c->fd, &e);
}

/* -1: the connection is closed. What its reader does not take yet is kept. */
static int conn_send(conn *c, const char *p, size_t n) {
    if (!c->out_len) {
        while (n) {
            ssize_t k = send(c->fd, p, n, MSG_NOSIGNAL);
            if (k < 0) {
                if (errno == EINTR) continue;
                if (errno == EAGAIN) break;
                conn_close(c);
                return -1;
            }
            p += k;
            n -= (size_t)k;
        }
        if (!n) return 0;
    }
    if (c->out_off + c->out_len + n > c->out_cap) {
        if (c->out_len) memmove(c->out, c->out + c->out_off, c->out_len);
        c->out_off = 0;
        if (c->out_len + n > c->out_cap) c->out = realloc(c->out, c->out_cap = (c->out_len + n) * 2);
    }
    if (!c->out_len) watch(c, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    memcpy(c->out + c->out_off + c->out_len, p, n);
    c->out_len += n;
    return 0;
}

static void parse_requests(conn *c);

static void schedule(conn *c) {
    if (c->out_len) return; /* it goes on when its reader has taken that */
    if (c->interval) heap_push(c);
    else ready_push(c);
}

static void stream_step(conn *c) {
    char b[sizeof STREAM_HEAD + TEMPLATE_MAX + 64];
    size_t n = 0;
    if (c->place == 0) {
        n = sizeof STREAM_HEAD - 1;
        memcpy(b, STREAM_HEAD, n);
    }
    memcpy(b + n, g_chunk, (size_t)g_chunk_len);
    n += (size_t)g_chunk_len;
    memcpy(b + n, g_event.b, (size_t)g_event.len);
    template_fill(b + n, &g_event, c->number, c->place++, now_ns(), c->hash);
    n += (size_t)g_event.len;
    memcpy(b + n, "\r\n", 2);
    n += 2;
    if (conn_send(c, b, n) < 0) return;
    if (c->place < c->events) {
        c->due += c->interval;
        schedule(c);
        return;
    }
    if (conn_send(c, STREAM_TAIL, sizeof STREAM_TAIL - 1) < 0) return;
    c->state = IDLE;
    if (c->in_len) parse_requests(c);
}

static void send_whole(conn *c, const char *status, const char *body, size_t n) {
    char b[TEMPLATE_MAX + 256];
    int h = snprintf(b, sizeof b, "HTTP/1.1 %s\r\nServer: mock\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status, n);
    memcpy(b + h, body, n);
    conn_send(c, b, (size_t)h + n);
}

static void send_answer(conn *c) {
    char b[TEMPLATE_MAX];
    memcpy(b, g_answer.b, (size_t)g_answer.len);
    template_fill(b, &g_answer, c->number, 0, now_ns(), c->hash);
    send_whole(c, "200 OK", b, (size_t)g_answer.len);
}

static int is_stream(const char *p, size_t n) {
    const char *s = p, *end = p + n;
    while ((s = memmem(s, (size_t)(end - s), "\"stream\"", 8))) {
        s += 8;
        while (s < end && (*s == ' ' || *s == ':')) s++;
        if (end - s >= 4 && !memcmp(s, "true", 4)) return 1;
    }
    return 0;
}

static u64 wish(const char *s, const char *end, char key) {
    for (; s + 1 < end && *s != '"'; s++)
        if (*s == '.' && s[1] == key) return strtoull(s + 2, NULL, key == 'n' ? 16 : 10);
    return 0;
}

static void handle(conn *c, const char *request, const char *body, size_t n) {
    if (!strncmp(request, "POST /v1/chat/completions", 25) || !strncmp(request, "POST /v1/completions", 20)) {
        const char *said = memmem(body, n, CONTROL, sizeof CONTROL - 1), *end = body + n;
        c->hash = body_hash(body, n);
        c->place = 0;
        c->events = said ? (u32)wish(said, end, 'c') : 1;
        c->interval = said ? wish(said, end, 'i') * 1000 : 0;
        c->number = said ? (u32)wish(said, end, 'n') : 0;
        if (!is_stream(body, n)) {
            send_answer(c);
            return;
        }
        g_streams++;
        c->state = STREAMING;
        c->due = now_ns();
        stream_step(c);
        return;
    }
    char b[256];
    if (!strncmp(request, "GET /v1/models", 14)) {
        int k = snprintf(b, sizeof b, "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"mock\"}]}", g_model);
        send_whole(c, "200 OK", b, (size_t)k);
    } else if (!strncmp(request, "GET /health", 11)) {
        send_whole(c, "200 OK", "{\"status\":\"ok\"}", 15);
    } else if (!strncmp(request, "GET /counts", 11)) {
        int k = snprintf(b, sizeof b, "{\"streams\":%llu,\"left\":%llu}", (unsigned long long)g_streams, (unsigned long long)g_left);
        send_whole(c, "200 OK", b, (size_t)k);
    } else {
        send_whole(c, "404 Not Found", "{\"error\":\"no such path\"}", 24);
    }
}

/* Joins the chunks of a body, once all of them are here. 0: not yet. */
static int join_chunks(char *body, char *end, size_t *length, char **behind) {
    for (int pass = 0; pass < 2; pass++) {
        char *p = body, *o = body;
        for (;;) {
            char *nl = memchr(p, '\n', (size_t)(end - p));
            if (!nl) return 0;
            size_t k = strtoull(p, NULL, 16);
            p = nl + 1;
            if ((size_t)(end - p) < k + 2) return 0;
            if (pass) memmove(o, p, k);
            o += k;
            p += k + 2;
            if (!k) break;
        }
        *length = (size_t)(o - body);
        *behind = p;
    }
    return 1;
}

static void parse_requests(conn *c) {
    static char *copy;
    static size_t copy_cap;
    while (!c->dead && c->state == IDLE && c->in_len) {
        char *head_end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
        if (!head_end) return;
        char *body = head_end + 4, *line = c->in;
        size_t have = c->in_len - (size_t)(body - c->in), length = 0, used;
        int chunked = 0, expects = 0;
        while ((line = memchr(line, '\n', (size_t)(head_end - line)))) {
            line++;
            if (!strncasecmp(line, "content-length:", 15)) length = strtoull(line + 15, NULL, 10);
            else if (!strncasecmp(line, "transfer-encoding:", 18)) chunked = 1;
            else if (!strncasecmp(line, "expect:", 7)) expects = 1;
        }
        if (expects && have == 0 && (length || chunked)) {
            conn_send(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
            return;
        }
        if (chunked) {
            char *behind;
            if (!join_chunks(body, body + have, &length, &behind)) return;
            used = (size_t)(behind - c->in);
        } else {
            if (have < length) return;
            used = (size_t)(body - c->in) + length;
        }
        /* taken off the buffer first: handle() may come back here */
        const char *request = c->in, *b = body;
        if (c->in_len > used) {
            if (copy_cap < used) copy = realloc(copy, copy_cap = used * 2);
            memcpy(copy, c->in, used);
            request = copy;
            b = copy + (body - c->in);
            memmove(c->in, c->in + used, c->in_len - used);
        }
        c->in_len -= used;
        handle(c, request, b, length);
    }
}

static void on_readable(conn *c) {
    for (;;) {
        if (c->in_len + 4096 > c->in_cap) c->in = realloc(c->in, c->in_cap = c->in_cap ? c->in_cap * 2 : 16384);
        ssize_t k = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len - 1, 0);
        if (k == 0) {
            conn_close(c);
            return;
        }
        if (k < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) conn_close(c);
            else if (c->in_len) parse_requests(c);
            return;
        }
        int full = (size_t)k == c->in_cap - c->in_len - 1;
        c->in_len += (size_t)k;
        c->in[c->in_len] = 0;
        if (full) continue;
        parse_requests(c);
        return;
    }
}

static void on_writable(conn *c) {
    while (c->out_len) {
        ssize_t k = send(c->fd, c->out + c->out_off, c->out_len, MSG_NOSIGNAL);
        if (k < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) conn_close(c);
            return;
        }
        c->out_off += (size_t)k;
        c->out_len -= (size_t)k;
    }
    c->out_off = 0;
    watch(c, EPOLLIN | EPOLLRDHUP);
    if (c->state == STREAMING && !c->queued) schedule(c);
}

static void listen_at(int s, const void *address, socklen_t length) {
    if (g_listening == MOST_LISTENERS || bind(s, address, length) || listen(s, 4096)) {
        perror("mock: listen");
        exit(1);
    }
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = (u64)g_listening};
    epoll_ctl(g_ep, EPOLL_CTL_ADD, s, &e);
    g_listeners[g_listening++] = s;
}

static void listen_tcp(int port) {
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    listen_at(s, &a, sizeof a);
}

static void listen_unix(const char *path) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    unlink(path);
    listen_at(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), &a, sizeof a);
}

static void accept_all(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* of a unix socket it is refused, and not needed */
        conn *c = calloc(1, sizeof *c);
        c->fd = fd;
        struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
        epoll_ctl(g_ep, EPOLL_CTL_ADD, fd, &e);
    }
}

static void serve(void) {
    struct epoll_event ev[256];
    for (;;) {
        struct timespec ts = {0, 0}, *patience = NULL;
        if (g_ready_first) patience = &ts;
        else if (g_waiting) {
            u64 t = now_ns(), due = g_heap[0]->due;
            if (due > t) {
                ts.tv_sec = (time_t)((due - t) / 1000000000ull);
                ts.tv_nsec = (long)((due - t) % 1000000000ull);
            }
            patience = &ts;
        }
        int n = epoll_pwait2(g_ep, ev, 256, patience, NULL);
        for (int i = 0; i < n; i++) {
            if (ev[i].data.u64 < MOST_LISTENERS) {
                accept_all(g_listeners[ev[i].data.u64]);
                continue;
            }
            conn *c = ev[i].data.ptr;
            if (ev[i].events & (EPOLLERR | EPOLLHUP)) conn_close(c);
            else if (ev[i].events & EPOLLOUT) on_writable(c);
            else on_readable(c);
        }
        u64 t = now_ns();
        while (g_waiting && g_heap[0]->due <= t) {
            conn *c = heap_pop();
            if (c->dead) conn_free(c);
            else stream_step(c);
        }
        conn *r = g_ready_first;
        g_ready_first = g_ready_last = NULL;
        while (r) {
            conn *next = r->next;
            r->queued = 0;
            if (r->dead) conn_free(r);
            else stream_step(r);
            r = next;
        }
        while ((r = g_closed)) {
            g_closed = r->next;
            conn_free(r);
        }
    }
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    g_ep = epoll_create1(0);
    for (int o; (o = getopt(argc, argv, "m:p:u:")) != -1;) switch (o) {
        case 'm': g_model = optarg; break;
        case 'p': listen_tcp(atoi(optarg)); break;
        case 'u': listen_unix(optarg); break;
        default: return 2;
    }
    if (!g_listening) {
        fprintf(stderr, "mock -m MODEL -p PORT [-u SOCKET]...\n");
        return 2;
    }
    template_event(&g_event, g_model);
    template_answer(&g_answer, g_model);
    g_chunk_len = snprintf(g_chunk, sizeof g_chunk, "%x\r\n", g_event.len);
    serve();
}
