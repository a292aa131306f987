/* To a server on this machine. */
#ifndef CONNECTIONS_H
#define CONNECTIONS_H
#include "requests.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static struct sockaddr_in g_address;
static int g_ep;

static void parse_address(const char *at) {
    char host[64];
    const char *colon = strchr(at, ':');
    snprintf(host, sizeof host, "%.*s", colon ? (int)(colon - at) : 0, at);
    g_address.sin_family = AF_INET;
    g_address.sin_port = htons((uint16_t)(colon ? atoi(colon + 1) : 0));
    if (inet_pton(AF_INET, host, &g_address.sin_addr) != 1 || ntohl(g_address.sin_addr.s_addr) >> 24 != 127) {
        fprintf(stderr, "load: -a 127.0.0.1:PORT, and no other machine\n");
        exit(2);
    }
}

static void watch(conn *c, int operation, u32 what) {
    struct epoll_event e = {.events = what, .data.ptr = c};
    epoll_ctl(g_ep, operation, c->fd, &e);
}

static void connect_anew(conn *c) {
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->is_new = 1;
    c->state = CONNECTING;
    if (connect(c->fd, (void *)&g_address, sizeof g_address) && errno != EINPROGRESS) {
        perror("load: connect");
        exit(3);
    }
    watch(c, EPOLL_CTL_ADD, EPOLLOUT);
}

static int error_of(conn *c) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}
#endif
