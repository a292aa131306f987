/* Asks an OpenAI-compatible server over a number of connections, each with one request at a time, and compares every byte that comes back.
 *
 *   load -a 127.0.0.1:PORT -m MODEL -c CONNECTIONS [options]        one thread; prints one line of JSON
 *     -n N      requests (no limit)       -T SECONDS  none is begun after so long (60)     -w N  requests before that, which are not counted
 *     -s        streamed                  -k N  events of a stream (64)                    -i MICROSECONDS  between two of them (0)
 *     -B BYTES  of the prompt (512)       -H 'Name: value'  a further header, any number of times
 *     -x N      the client leaves after so many events of every stream
 *     -v        shows the first wrong answer
 *
 * A connection that the server closes between two requests is opened anew. Ends with 0 whatever the answers were: they are counted. */
#include "connections.h"
#include "requests.h"
#include "samples.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define STUCK_NS 15000000000ull

enum { MORE, COMPLETE, BROKEN, LEFT };

static int g_connections = 1, g_leave_after, g_shows_wrong;
static long g_requests = LONG_MAX / 2, g_warm_up;
static double g_seconds = 60;
static template g_expected;

static long g_issued, g_finished, g_answered, g_failed, g_wrong, g_changed, g_left;
static u64 g_event_count, g_start, g_end;
static samples g_latency, g_first, g_gap, g_transit;

static void push_request(conn *c) {
    while (c->request_off < c->request_len) {
        ssize_t k = send(c->fd, c->request + c->request_off, (size_t)(c->request_len - c->request_off), MSG_NOSIGNAL);
        if (k < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return; /* any other trouble is seen by who reads */
        }
        c->request_off += (int)k;
    }
}

static int may_begin(void) {
    if (g_issued >= g_requests + g_warm_up) return 0;
    return !g_start || (double)(now_ns() - g_start) <= g_seconds * 1e9;
}

static void begin_request(conn *c) {
    if (!may_begin()) {
        c->state = OFF;
        return;
    }
    c->counts = g_issued++ >= g_warm_up;
    build_request(c);
    c->state = HEAD;
    c->head_len = c->event_len = c->done_len = c->is_wrong = c->is_changed = c->status = 0;
    c->place = 0;
    c->first = c->last = 0;
    c->begun = now_ns();
    if (c->counts && !g_start) g_start = c->begun;
    push_request(c);
}

/* It closes its connection, and opens another one if there is more to ask. */
static void start_over(conn *c) {
    close(c->fd);
    c->fd = -1;
    if (may_begin()) connect_anew(c);
    else c->state = OFF;
}

static void note_wrong(conn *c, const char *why, const char *p, int n) {
    if (!c->is_wrong && g_shows_wrong) {
        fprintf(stderr, "load: %s (status %d, number %08x, event %u)\n--- head\n%.*s\n--- got\n%.*s\n", why, c->status, c->number, c->place, c->head_len, c->head,
            n > 700 ? 700 : n, p);
        g_shows_wrong = 0;
    }
    c->is_wrong = 1;
}

static void end_request(conn *c, u64 now) {
    int is_whole = g_streams ? c->place == (u32)g_events && c->done_len == (int)sizeof DONE_EVENT - 1 : c->place == 1;
    g_finished++;
    if (!is_whole && !c->is_wrong) note_wrong(c, "the answer ended early", c->event, c->event_len);
    /* what must not happen must not happen in the warm-up either */
    if (c->is_changed) g_changed++;
    if (c->status != 200) g_failed++;
    else if (c->is_wrong) g_wrong++;
    else if (c->counts) {
        g_answered++;
        g_end = now;
        add(&g_latency, (double)(now - c->begun) / 1e3);
    }
    if (c->keeps) begin_request(c);
    else start_over(c);
}

static void take_event(conn *c, const char *event, u64 now) {
    u64 sent;
    u32 hash;
    if (!template_holds(event, &g_expected, c->number, c->place, &sent, &hash)) {
        note_wrong(c, "wrong bytes", event, g_expected.len);
        c->place++;
        return;
    }
    if (hash != c->hash) c->is_changed = 1;
    if (c->counts) {
        g_event_count++;
        add(&g_transit, now > sent ? (double)(now - sent) / 1e3 : 0);
        if (c->place) add(&g_gap, (double)(now - c->last) / 1e3);
    }
    c->last = now;
    c->place++;
}

/* Of the body, without what frames it. 0: the client leaves here. */
static int take_bytes(conn *c, const char *p, int n, u64 now) {
    const u32 most = g_streams ? (u32)g_events : 1;
    if (n && !c->first) {
        c->first = now;
        if (c->counts && c->status == 200) add(&g_first, (double)(now - c->begun) / 1e3);
    }
    if (c->status != 200) {
        note_wrong(c, "HTTP status", p, n);
        return 1;
    }
    while (n) {
        if (c->place == most) {
            int k = (int)sizeof DONE_EVENT - 1 - c->done_len;
            if (!g_streams || n > k || memcmp(p, DONE_EVENT + c->done_len, (size_t)n)) note_wrong(c, "bytes behind the end", p, n);
            else c->done_len += n;
            return 1;
        }
        const char *event = p;
        int k = g_expected.len - c->event_len;
        if (c->event_len || n < k) {
            if (k > n) k = n;
            memcpy(c->event + c->event_len, p, (size_t)k);
            c->event_len += k;
            event = c->event;
        }
        p += k;
        n -= k;
        if (event == c->event) {
            if (c->event_len < g_expected.len) return 1;
            c->event_len = 0;
        }
        take_event(c, event, now);
        if (g_leave_after && g_streams && c->place >= (u32)g_leave_after) return 0;
    }
    return 1;
}

static int take_chunks(conn *c, const char *p, int n, u64 now, int *used) {
    int i = 0, k = 0;
    while (i < n) {
        int step = chunk_step(&c->chunk, p + i, n - i, &k);
        if (step == CHUNK_BROKEN) return BROKEN;
        if (step == CHUNK_DATA && !take_bytes(c, p + i, k, now)) return LEFT;
        i += k;
        *used = i;
        if (step == CHUNK_LAST) return COMPLETE;
    }
    return MORE;
}

static int take_body(conn *c, const char *p, int n, u64 now, int *used) {
    if (c->framing == IN_CHUNKS) return take_chunks(c, p, n, now, used);
    *used = c->framing == OF_LENGTH && c->left < n ? (int)c->left : n;
    if (!take_bytes(c, p, *used, now)) return LEFT;
    if (c->framing == UNTIL_CLOSED) return MORE;
    c->left -= *used;
    return c->left ? MORE : COMPLETE;
}

static void note_broken(conn *c) {
    if (c->state == HEAD && c->head_len == 0 && !c->is_new) g_issued--; /* closed while nothing was asked: it did not begin */
    else if (c->state == HEAD || c->state == BODY) {
        g_finished++;
        g_failed++;
        if (g_shows_wrong) fprintf(stderr, "load: the connection broke after %u events: %s\n", c->place, strerror(errno));
    }
    start_over(c);
}

static void leave(conn *c, u64 now) {
    struct linger abrupt = {1, 0};
    g_finished++;
    if (++g_left & 1) setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt); /* half of them break it off, half close it */
    if (c->is_changed) g_changed++;
    if (c->is_wrong) g_wrong++;
    else if (c->counts) {
        g_answered++;
        g_end = now;
    }
    start_over(c);
}

static const char *header(conn *c, const char *name) {
    size_t k = strlen(name);
    for (char *line = c->head; (line = strstr(line, "\r\n")) && line[2] != '\r';) {
        line += 2;
        if (strncasecmp(line, name, k) || line[k] != ':') continue;
        line += k + 1;
        while (*line == ' ') line++;
        return line;
    }
    return NULL;
}

/* How many of these bytes belong to the head; all, as long as it has not ended. */
static int take_head(conn *c, const char *p, int n) {
    int room = (int)sizeof c->head - 1 - c->head_len, k = n < room ? n : room, before = c->head_len;
    memcpy(c->head + before, p, (size_t)k);
    c->head[c->head_len += k] = 0;
    char *end = strstr(c->head, "\r\n\r\n");
    if (!end) {
        if (k == n) return n;
        fprintf(stderr, "load: the head of an answer has no end\n");
        exit(3);
    }
    c->head_len = (int)(end + 4 - c->head);
    c->head[c->head_len] = 0;
    c->status = atoi(c->head + 9);
    const char *length = header(c, "content-length"), *encoding = header(c, "transfer-encoding"), *connection = header(c, "connection");
    c->framing = encoding && !strncasecmp(encoding, "chunked", 7) ? IN_CHUNKS : length ? OF_LENGTH : UNTIL_CLOSED;
    c->keeps = c->framing != UNTIL_CLOSED && !(connection && !strncasecmp(connection, "close", 5));
    c->left = c->framing == OF_LENGTH ? atol(length) : 0;
    c->state = BODY;
    c->is_new = 0;
    memset(&c->chunk, 0, sizeof c->chunk);
    return c->head_len - before;
}

static void on_readable(conn *c) {
    static char buffer[262144];
    ssize_t k = recv(c->fd, buffer, sizeof buffer, 0);
    u64 now = now_ns();
    if (k < 0) {
        if (errno != EAGAIN && errno != EINTR) note_broken(c);
        return;
    }
    if (k == 0) {
        if (c->state == BODY && c->framing == UNTIL_CLOSED) {
            end_request(c, now);
            return;
        }
        errno = 0;
        note_broken(c);
        return;
    }
    const char *p = buffer;
    int n = (int)k, used = 0;
    if (c->state == HEAD) {
        int of_head = take_head(c, p, n);
        p += of_head;
        n -= of_head;
        if (c->state == BODY && c->framing == OF_LENGTH && !c->left) {
            end_request(c, now);
            return;
        }
    }
    if (c->state != BODY || !n) return;
    switch (take_body(c, p, n, now, &used)) {
    case LEFT: leave(c, now); break;
    case BROKEN:
        errno = EPROTO;
        note_broken(c);
        break;
    case COMPLETE:
        if (used < n) note_wrong(c, "bytes behind the answer", p + used, n - used);
        end_request(c, now);
        break;
    }
}

static void open_all(conn *all) {
    struct epoll_event ev[256];
    int open = 0;
    for (int i = 0; i < g_connections; i++) connect_anew(&all[i]);
    while (open < g_connections) {
        int n = epoll_wait(g_ep, ev, 256, 5000);
        for (int i = 0; i < n; i++) {
            conn *c = ev[i].data.ptr;
            int error = error_of(c);
            if (error) {
                fprintf(stderr, "load: connect: %s\n", strerror(error));
                exit(3);
            }
            if (c->state != CONNECTING) continue;
            c->state = READY;
            watch(c, EPOLL_CTL_MOD, EPOLLIN);
            open++;
        }
        if (n <= 0 && errno != EINTR) {
            fprintf(stderr, "load: nobody takes the connection\n");
            exit(3);
        }
    }
}

static void on_event(conn *c, u32 what) {
    if (c->state == OFF || c->state == READY) {
        if (c->state == OFF) epoll_ctl(g_ep, EPOLL_CTL_DEL, c->fd, NULL);
        return;
    }
    if (c->state == CONNECTING) {
        int error = error_of(c);
        if (error) {
            fprintf(stderr, "load: connect: %s\n", strerror(error));
            exit(3);
        }
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
        begin_request(c);
        return;
    }
    if (what & EPOLLOUT) {
        push_request(c);
        if (c->request_off >= c->request_len) watch(c, EPOLL_CTL_MOD, EPOLLIN);
    }
    if (what & (EPOLLIN | EPOLLERR | EPOLLHUP)) on_readable(c);
}

static void ask(conn *all) {
    struct epoll_event ev[256];
    /* paced streams begin one after the other within one interval, so that their events do not meet by design */
    u64 begun = now_ns(), step = (u64)g_interval * 1000 / (u64)g_connections, progress = begun;
    int started = 0;
    long seen = 0;
    for (;;) {
        while (started < g_connections && now_ns() >= begun + step * (u64)started) begin_request(&all[started++]);
        if (started == g_connections && g_finished >= g_issued && !may_begin()) return;
        int n = epoll_wait(g_ep, ev, 256, started < g_connections ? 0 : 1000);
        for (int i = 0; i < n; i++) on_event(ev[i].data.ptr, ev[i].events);
        if (g_finished + (long)g_event_count != seen) {
            seen = g_finished + (long)g_event_count;
            progress = now_ns();
        } else if (now_ns() - progress > STUCK_NS) {
            fprintf(stderr, "load: %ld requests get no answer\n", g_issued - g_finished);
            g_failed += g_issued - g_finished;
            return;
        }
    }
}

int main(int argc, char **argv) {
    for (int o; (o = getopt(argc, argv, "a:m:c:n:T:w:sk:i:B:H:x:v")) != -1;) switch (o) {
        case 'a': g_at = optarg; break;
        case 'm': g_model = optarg; break;
        case 'c': g_connections = atoi(optarg); break;
        case 'n': g_requests = atol(optarg); break;
        case 'T': g_seconds = atof(optarg); break;
        case 'w': g_warm_up = atol(optarg); break;
        case 's': g_streams = 1; break;
        case 'k': g_events = atoi(optarg); break;
        case 'i': g_interval = atol(optarg); break;
        case 'B': g_prompt = atoi(optarg); break;
        case 'H': if (g_header_count < MOST_HEADERS) g_headers[g_header_count++] = optarg; break;
        case 'x': g_leave_after = atoi(optarg); break;
        case 'v': g_shows_wrong = 1; break;
        default: return 2;
    }
    if (!g_at || g_connections < 1) {
        fprintf(stderr, "load -a 127.0.0.1:PORT -m MODEL -c CONNECTIONS [options]; the head of load.c tells them\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    parse_address(g_at);
    if (g_streams) template_event(&g_expected, g_model);
    else template_answer(&g_expected, g_model);
    build_body();
    g_number = (u32)now_ns();
    g_ep = epoll_create1(0);
    conn *all = calloc((size_t)g_connections, sizeof *all);
    open_all(all);
    ask(all);
    printf("{\"answered\":%ld,\"failed\":%ld,\"wrong\":%ld,\"changed\":%ld,\"left\":%ld,\"seconds\":%.4f,\"events\":%llu", g_answered, g_failed, g_wrong, g_changed, g_left,
        g_end > g_start ? (double)(g_end - g_start) / 1e9 : 0, (unsigned long long)g_event_count);
    print_percentiles("latency", &g_latency);
    print_percentiles("first", &g_first);
    print_percentiles("gap", &g_gap);
    print_percentiles("transit", &g_transit);
    printf("}\n");
    return 0;
}
