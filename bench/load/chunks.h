/* Takes a chunked body of HTTP/1.1 apart, as it comes. */
#ifndef CHUNKS_H
#define CHUNKS_H

enum { CHUNK_FRAME, CHUNK_DATA, CHUNK_LAST, CHUNK_BROKEN };

typedef struct {
    enum { SIZE, SIZE_REST, SIZE_END, DATA, DATA_END, DATA_END_2, TRAILER } at;
    long size; /* bytes of this chunk that are still to come */
    int in_line; /* of the trailer: it is not empty */
} chunk;

static inline int hex_of(char ch) {
    if (ch >= '0' && ch <= '9') return ch - '0';
    ch |= 32;
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* Looks at the next bytes, of which there is at least one, and tells how many of them are of one kind: content, or what frames it. */
static inline int chunk_step(chunk *c, const char *p, int n, int *used) {
    char ch = *p;
    *used = 1;
    switch (c->at) {
    case DATA:
        *used = n < c->size ? n : (int)c->size;
        c->size -= *used;
        if (!c->size) c->at = DATA_END;
        return CHUNK_DATA;
    case SIZE:
        if (hex_of(ch) >= 0) c->size = c->size * 16 + hex_of(ch);
        else if (ch == '\r') c->at = SIZE_END;
        else if (ch == ';' || ch == ' ') c->at = SIZE_REST;
        else return CHUNK_BROKEN;
        return CHUNK_FRAME;
    case SIZE_REST:
        if (ch == '\r') c->at = SIZE_END;
        return CHUNK_FRAME;
    case SIZE_END:
        c->at = c->size ? DATA : TRAILER;
        c->in_line = 0;
        return ch == '\n' ? CHUNK_FRAME : CHUNK_BROKEN;
    case DATA_END:
        c->at = DATA_END_2;
        return ch == '\r' ? CHUNK_FRAME : CHUNK_BROKEN;
    case DATA_END_2:
        c->at = SIZE;
        return ch == '\n' ? CHUNK_FRAME : CHUNK_BROKEN;
    case TRAILER:
        if (ch == '\n' && !c->in_line) return CHUNK_LAST;
        if (ch == '\n') c->in_line = 0;
        else if (ch != '\r') c->in_line = 1;
        return CHUNK_FRAME;
    }
    return CHUNK_BROKEN;
}
#endif
