/* mutation.c: seeded damage. Every step leaves len at most max. */
#include "tests/fuzz/mutation.h"

#include <stdbool.h>
#include <string.h>

#define STEPS_MAX 8
#define BLOCK_MAX 256

struct mutation {
    const struct corpus *corpus;
    const struct dictionary *dictionary;
    uint64_t random;
    uint8_t *data;
    size_t len, max;
};

struct block {
    const uint8_t *data;
    size_t len;
};

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators) */
static uint64_t draw(struct mutation *mutation)
{
    uint64_t z = mutation->random += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* 0 .. count - 1; count is at least 1. */
static size_t below(struct mutation *mutation, size_t count)
{
    return (size_t)(draw(mutation) % count);
}

static void insert(struct mutation *mutation, size_t at, struct block block)
{
    uint8_t copy[BLOCK_MAX];
    size_t len = block.len;
    if (len > mutation->max - mutation->len) len = mutation->max - mutation->len;
    if (len > sizeof copy) len = sizeof copy;
    if (len == 0) return;
    memcpy(copy, block.data, len); /* it may be of the very bytes that move */
    memmove(mutation->data + at + len, mutation->data + at, mutation->len - at);
    memcpy(mutation->data + at, copy, len);
    mutation->len += len;
}

static void cut_out(struct mutation *mutation, size_t at, size_t len)
{
    memmove(mutation->data + at, mutation->data + at + len, mutation->len - at - len);
    mutation->len -= len;
}

static size_t line_start(const uint8_t *data, size_t at)
{
    while (at > 0 && data[at - 1] != '\n') at--;
    return at;
}

static size_t line_end(const uint8_t *data, size_t len, size_t at)
{
    const uint8_t *end = memchr(data + at, '\n', len - at);
    return end ? (size_t)(end - data) + 1 : len;
}

/* A few bytes, or half of the time a whole line. */
static struct block some_block(struct mutation *mutation, const uint8_t *data, size_t len)
{
    if (len == 0) return (struct block){data, 0};
    size_t at = below(mutation, len), most = len - at < BLOCK_MAX ? len - at : BLOCK_MAX;
    if (draw(mutation) & 1) {
        size_t start = line_start(data, at);
        return (struct block){data + start, line_end(data, len, at) - start};
    }
    size_t long_one = 1 + below(mutation, most), short_one = 1 + below(mutation, 16);
    return (struct block){data + at, long_one < short_one ? long_one : short_one};
}

/* Anywhere, or half of the time where a line begins. */
static size_t some_place(struct mutation *mutation)
{
    size_t at = below(mutation, mutation->len + 1);
    return draw(mutation) & 1 ? at : line_start(mutation->data, at);
}

static void change_byte(struct mutation *mutation)
{
    static const uint8_t telling[] =
        "\0\t\n\r \"'#%&*,-.:=><|~^!?@[]`{}\\/0189AZaz\x7f\x80\xc3\xff";
    if (mutation->len == 0) return;
    uint8_t *byte = &mutation->data[below(mutation, mutation->len)];
    switch (below(mutation, 3)) {
    case 0:
        *byte ^= (uint8_t)(1U << below(mutation, 8));
        break;
    case 1:
        *byte = (uint8_t)draw(mutation);
        break;
    default:
        *byte = telling[below(mutation, sizeof telling - 1)];
    }
}

static void put_word(struct mutation *mutation)
{
    const struct dictionary *dictionary = mutation->dictionary;
    if (dictionary->count == 0) return;
    const struct dictionary_word *word = &dictionary->words[below(mutation, dictionary->count)];
    size_t at = some_place(mutation);
    bool over = draw(mutation) & 1;
    if (over && word->len <= mutation->len - at)
        memcpy(mutation->data + at, word->bytes, word->len);
    else
        insert(mutation, at, (struct block){word->bytes, word->len});
}

/* A run of digits becomes a number at some bound. */
static void change_number(struct mutation *mutation)
{
    static const char *const numbers[] = {"0",          "1",          "-1",
                                          "00",         "99",         "100",
                                          "101",        "127",        "255",
                                          "256",        "65536",      "2147483647",
                                          "2147483648", "4294967295", "1e9",
                                          "0.0001",     "0x10",       "9007199254740991",
                                          "1000000",    "90",         "180",
                                          "-180",       "90.0000001", "9007199254740992",
                                          "1e400",      "1e-400",     "-0",
                                          "0.1",        "179.999999", "9223372036854775807",
                                          "3650",       "3651",       "9999999999",
                                          "1000000000", "33",         "9223372036854775808"};
    if (mutation->len == 0) return;
    size_t at = below(mutation, mutation->len), end;
    while (at < mutation->len && (mutation->data[at] < '0' || mutation->data[at] > '9')) at++;
    for (end = at; end < mutation->len && mutation->data[end] >= '0' && mutation->data[end] <= '9';)
        end++;
    if (at == end) return;
    cut_out(mutation, at, end - at);
    const char *number = numbers[below(mutation, sizeof numbers / sizeof numbers[0])];
    insert(mutation, at, (struct block){(const uint8_t *)number, strlen(number)});
}

static const struct corpus_input *other(struct mutation *mutation)
{
    return &mutation->corpus->inputs[below(mutation, mutation->corpus->count)];
}

/* Keeps the head and takes the tail of another input. */
static void splice(struct mutation *mutation)
{
    const struct corpus_input *tail = other(mutation);
    if (tail->len == 0) return;
    size_t at = some_place(mutation), from = below(mutation, tail->len), len = tail->len - from;
    if (len > mutation->max - at) len = mutation->max - at;
    memcpy(mutation->data + at, tail->data + from, len);
    mutation->len = at + len;
}

/* The same block many times: what is counted, nested or compared in pairs. */
static void repeat(struct mutation *mutation)
{
    struct block block = some_block(mutation, mutation->data, mutation->len);
    size_t at = (size_t)(block.data - mutation->data);
    for (size_t times = 1 + below(mutation, 40); times > 0; times--)
        insert(mutation, at, (struct block){mutation->data + at, block.len});
}

static void step(struct mutation *mutation)
{
    const struct corpus_input *from = NULL;
    struct block block;
    switch (below(mutation, 10)) {
    case 0:
    case 1:
        change_byte(mutation);
        break;
    case 2:
    case 3:
        put_word(mutation);
        break;
    case 4:
        change_number(mutation);
        break;
    case 5:
        splice(mutation);
        break;
    case 6:
        from = other(mutation);
        insert(mutation, some_place(mutation), some_block(mutation, from->data, from->len));
        break;
    case 7:
        block = some_block(mutation, mutation->data, mutation->len);
        if (block.len > 0) cut_out(mutation, (size_t)(block.data - mutation->data), block.len);
        break;
    case 8:
        if (draw(mutation) & 1)
            repeat(mutation);
        else
            insert(mutation, some_place(mutation),
                   some_block(mutation, mutation->data, mutation->len));
        break;
    default:
        mutation->len = below(mutation, mutation->len + 1);
    }
}

size_t mutation_make(const struct corpus *corpus, const struct dictionary *dictionary,
                     uint64_t seed, uint64_t number, uint8_t *out, size_t max)
{
    struct mutation mutation = {.corpus = corpus,
                                .dictionary = dictionary,
                                .random = seed * 0xd1342543de82ef95U + number,
                                .data = out,
                                .max = max};
    const struct corpus_input *from = other(&mutation);
    mutation.len = from->len < max ? from->len : max;
    if (mutation.len > 0) memcpy(out, from->data, mutation.len);
    size_t steps = 1 + below(&mutation, STEPS_MAX);
    if (draw(&mutation) & 1) steps = 1; /* one small wound is what a parser survives longest */
    while (steps-- > 0) step(&mutation);
    return mutation.len;
}
