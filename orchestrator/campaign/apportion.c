/* apportion.c: exact shares are made whole without breaking a sum.
 *
 * The exact shares are a flow: from each wave through a tree of groups (one level for each
 * attribute of its list) to the cells, where the flows of all waves meet and sum to the cell's
 * devices. Only the edges whose share is not whole are kept, each with its part of one device in
 * units of 1/M (M: all devices). What flows into a node and out of it is whole, so no node has
 * just one such edge: whoever walks along them comes back to where he was. Around such a cycle
 * some amount can be shifted either way until one edge is whole, and no sum changes. This repeats
 * until no edge is left. The way is drawn such that what an edge gets on average is its share.
 * 32 waves over 5,000 cells take well under a second.
 */
#include "orchestrator/campaign/apportion.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct edge {
    uint32_t from, to; /* nodes; to is nearer to the cell */
    uint32_t part;     /* of one device, 0..M; open while strictly between */
};

/* Nodes 0 .. cell_count - 1 are the cells by rank, the others groups of some wave. */
struct net {
    const struct apportion_cell *cells;
    size_t cell_count;
    uint32_t whole;                            /* M */
    uint32_t *cell_of;                         /* by rank: the caller's index */
    uint32_t *first[APPORTION_ATTRIBUTES_MAX]; /* by rank: lowest rank with the same value */
    uint32_t *row;                             /* ranks, in the order of one wave's tree */
    int64_t *before;                           /* devices of the row before each place */
    struct edge *edges;
    size_t edge_count, edge_room;
    uint32_t node_count;
    /* the walk */
    size_t *start;      /* by node: where its edges begin in around */
    uint32_t *open;     /* by node: how many of them, the last ones, may still be open */
    uint32_t *around;   /* edges of each node */
    uint32_t *depth;    /* by node: 1 + its place on the path; 0: not on it */
    uint32_t *path;     /* nodes */
    uint32_t *path_via; /* edges: from path[i] to path[i + 1] */
    uint64_t random;
};

static void net_clear(struct net *net)
{
    free(net->cell_of);
    for (size_t a = 0; a < APPORTION_ATTRIBUTES_MAX; a++) free(net->first[a]);
    free(net->row);
    free(net->before);
    free(net->edges);
    free(net->start);
    free(net->open);
    free(net->around);
    free(net->depth);
    free(net->path);
    free(net->path_via);
}

/* splitmix64 */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint32_t draw(struct net *net, uint32_t below)
{
    net->random += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(((mix(net->random) >> 32) * below) >> 32);
}

/* ---- the order of the cells ---- */

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_order(const void *left, const void *right, void *ctx)
{
    const struct apportion_cell *cells = ctx;
    const struct apportion_cell *a = &cells[*(const uint32_t *)left];
    const struct apportion_cell *b = &cells[*(const uint32_t *)right];
    int c = compare(a->order, b->order);
    for (size_t i = 0; c == 0 && i < APPORTION_ATTRIBUTES_MAX; i++)
        c = compare(a->value[i], b->value[i]);
    return c ? c : compare((uint64_t)a->devices, (uint64_t)b->devices);
}

static bool rank_cells(struct net *net)
{
    net->cell_of = calloc(net->cell_count, sizeof *net->cell_of);
    net->row = calloc(net->cell_count, sizeof *net->row);
    net->before = calloc(net->cell_count + 1, sizeof *net->before);
    if (!net->cell_of || !net->row || !net->before) return false;
    for (uint32_t i = 0; i < net->cell_count; i++) net->cell_of[i] = i;
    qsort_r(net->cell_of, net->cell_count, sizeof *net->cell_of, by_order, (void *)net->cells);
    for (size_t i = 0; i < net->cell_count; i++)
        net->random = mix(net->random ^ net->cells[net->cell_of[i]].order);
    net->node_count = (uint32_t)net->cell_count;
    return true;
}

struct value_order {
    const struct net *net;
    size_t attribute;
};

static uint32_t value_at(const struct net *net, uint32_t rank, size_t attribute)
{
    return net->cells[net->cell_of[rank]].value[attribute];
}

static int by_value(const void *left, const void *right, void *ctx)
{
    const struct value_order *order = ctx;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int c = compare(value_at(order->net, a, order->attribute),
                    value_at(order->net, b, order->attribute));
    return c ? c : compare(a, b);
}

/* Value ids are the caller's and may depend on the order of his input; ranks do not. */
static bool rank_values(struct net *net, size_t attribute)
{
    if (net->first[attribute]) return true;
    uint32_t *first = calloc(net->cell_count, sizeof *first);
    if (!first) return false;
    net->first[attribute] = first;
    for (uint32_t i = 0; i < net->cell_count; i++) net->row[i] = i;
    struct value_order order = {net, attribute};
    qsort_r(net->row, net->cell_count, sizeof *net->row, by_value, &order);
    for (size_t i = 0; i < net->cell_count; i++) {
        bool same = i > 0 && value_at(net, net->row[i], attribute) ==
                                 value_at(net, net->row[i - 1], attribute);
        first[net->row[i]] = same ? first[net->row[i - 1]] : net->row[i];
    }
    return true;
}

/* ---- the tree of one wave ---- */

struct tree_order {
    const struct net *net;
    const struct apportion_wave *wave;
};

static int by_tree(const void *left, const void *right, void *ctx)
{
    const struct tree_order *order = ctx;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int c = 0;
    for (size_t i = 0; c == 0 && i < order->wave->attribute_count; i++) {
        const uint32_t *first = order->net->first[order->wave->attributes[i]];
        c = compare(first[a], first[b]);
    }
    return c ? c : compare(a, b);
}

/* The edge that leads to places lo..hi of the row, unless their share is whole. */
static bool add_edge(struct net *net, const struct apportion_wave *wave, uint32_t from, uint32_t to,
                     size_t lo, size_t hi)
{
    int64_t part = wave->size * (net->before[hi] - net->before[lo]) % net->whole;
    if (part == 0) return true;
    if (net->edge_count == net->edge_room) {
        size_t room = net->edge_room ? 2 * net->edge_room : 4096;
        struct edge *edges = realloc(net->edges, room * sizeof *edges);
        if (!edges) return false;
        net->edges = edges;
        net->edge_room = room;
    }
    net->edges[net->edge_count++] = (struct edge){from, to, (uint32_t)part};
    return true;
}

/* Gives the group at places lo..hi, whose cells agree in the first level attributes, a node and
 * what is below it. A group that is the same cells as the one above it needs no node. The depth is
 * that of the wave's list. */
static bool add_group(struct net *net, const struct apportion_wave *wave, size_t level, size_t lo,
                      size_t hi)
{
    const uint32_t *first = NULL;
    for (; level < wave->attribute_count; level++) {
        first = net->first[wave->attributes[level]];
        if (first[net->row[lo]] != first[net->row[hi - 1]]) break;
    }
    bool leaf = level == wave->attribute_count;
    uint32_t node = net->node_count++;
    for (size_t at = lo, end = lo; at < hi; at = end) {
        for (end = at + 1; !leaf && end < hi; end++)
            if (first[net->row[end]] != first[net->row[at]]) break;
        uint32_t below = end - at == 1 ? net->row[at] : net->node_count;
        if (!add_edge(net, wave, node, below, at, end)) return false;
        if (end - at > 1 && !add_group(net, wave, level + 1, at, end)) return false;
    }
    return true;
}

static bool add_wave(struct net *net, const struct apportion_wave *wave)
{
    if (wave->size == 0) return true;
    for (size_t i = 0; i < wave->attribute_count; i++)
        if (!rank_values(net, wave->attributes[i])) return false;
    for (uint32_t i = 0; i < net->cell_count; i++) net->row[i] = i;
    struct tree_order order = {net, wave};
    qsort_r(net->row, net->cell_count, sizeof *net->row, by_tree, &order);
    for (size_t i = 0; i < net->cell_count; i++)
        net->before[i + 1] = net->before[i] + net->cells[net->cell_of[net->row[i]]].devices;
    return add_group(net, wave, 0, 0, net->cell_count);
}

/* ---- the walk ---- */

static bool begin_walk(struct net *net)
{
    net->start = calloc((size_t)net->node_count + 1, sizeof *net->start);
    net->open = calloc(net->node_count, sizeof *net->open);
    net->around = calloc(2 * net->edge_count + 1, sizeof *net->around);
    net->depth = calloc(net->node_count, sizeof *net->depth);
    net->path = calloc(net->node_count, sizeof *net->path);
    net->path_via = calloc(net->node_count, sizeof *net->path_via);
    if (!net->start || !net->open || !net->around || !net->depth || !net->path || !net->path_via)
        return false;
    for (size_t i = 0; i < net->edge_count; i++) {
        net->start[net->edges[i].from + 1]++;
        net->start[net->edges[i].to + 1]++;
    }
    for (size_t n = 0; n < net->node_count; n++) net->start[n + 1] += net->start[n];
    for (uint32_t i = 0; i < net->edge_count; i++) {
        uint32_t from = net->edges[i].from;
        net->around[net->start[from] + net->open[from]++] = i;
    }
    /* A group's edge upwards stands last: cycles that stay low in the trees are short. */
    for (uint32_t i = 0; i < net->edge_count; i++) {
        uint32_t to = net->edges[i].to;
        net->around[net->start[to] + net->open[to]++] = i;
    }
    return true;
}

static bool is_open(const struct net *net, uint32_t edge)
{
    return net->edges[edge].part > 0 && net->edges[edge].part < net->whole;
}

/* The first open edge of the node but came; NONE if there is none. Forgets closed edges it meets.
 * Always the first ones, which belong to the same few waves: that keeps cycles short. */
static uint32_t pick(struct net *net, uint32_t node, uint32_t came)
{
    while (net->open[node] > 0) {
        uint32_t *around = net->around + net->start[node + 1] - net->open[node];
        if (!is_open(net, around[0])) {
            net->open[node]--;
            continue;
        }
        if (around[0] != came) return around[0];
        if (net->open[node] == 1) return NONE;
        if (is_open(net, around[1])) return around[1];
        around[1] = came;
        net->open[node]--;
    }
    return NONE;
}

/* Shifts flow around the cycle that path[from..to] forms until an edge of it is whole. */
static void close_cycle(struct net *net, size_t from, size_t to)
{
    uint32_t most = net->whole, least = net->whole; /* how far forward, how far back */
    for (size_t i = from; i <= to; i++) {
        const struct edge *edge = &net->edges[net->path_via[i]];
        bool along = edge->from == net->path[i];
        uint32_t up = along ? net->whole - edge->part : edge->part;
        uint32_t down = net->whole - up;
        if (up < most) most = up;
        if (down < least) least = down;
    }
    bool forward = draw(net, most + least) < least;
    for (size_t i = from; i <= to; i++) {
        struct edge *edge = &net->edges[net->path_via[i]];
        bool along = edge->from == net->path[i];
        if (forward)
            edge->part = along ? edge->part + most : edge->part - most;
        else
            edge->part = along ? edge->part - least : edge->part + least;
    }
}

/* Walks from node until none of its edges is open. False: a node with one open edge, which the
 * sums forbid. */
static bool walk(struct net *net, uint32_t node)
{
    uint32_t end = 0;
    net->path[0] = node;
    net->depth[node] = 1;
    for (;;) {
        uint32_t here = net->path[end];
        uint32_t via = pick(net, here, end > 0 ? net->path_via[end - 1] : NONE);
        if (via == NONE) break;
        const struct edge *edge = &net->edges[via];
        uint32_t next = edge->from == here ? edge->to : edge->from;
        net->path_via[end] = via;
        if (net->depth[next] == 0) {
            net->path[++end] = next;
            net->depth[next] = end + 1;
            continue;
        }
        uint32_t back = net->depth[next] - 1;
        close_cycle(net, back, end);
        for (; end > back; end--) net->depth[net->path[end]] = 0;
    }
    net->depth[node] = 0;
    return end == 0;
}

/* ---- the whole ---- */

static bool check_wave(const struct apportion_wave *wave, size_t number, struct wg_error *err)
{
    if (wave->size < 0)
        return wg_fail(err, WG_E_BAD_INPUT, "wave %zu: its size is negative", number);
    if (wave->size > APPORTION_DEVICES_MAX)
        return wg_fail(err, WG_E_LIMIT, "wave %zu: more than %lld devices", number,
                       (long long)APPORTION_DEVICES_MAX);
    bool known = wave->attribute_count <= APPORTION_ATTRIBUTES_MAX;
    for (size_t i = 0; known && i < wave->attribute_count; i++)
        known = wave->attributes[i] < APPORTION_ATTRIBUTES_MAX;
    return known || wg_fail(err, WG_E_BAD_INPUT, "wave %zu: spread over more than %d attributes",
                            number, APPORTION_ATTRIBUTES_MAX);
}

/* *whole: all devices. *left: those in no wave. */
static bool check(const struct apportion_wave *waves, size_t wave_count,
                  const struct apportion_cell *cells, size_t cell_count, int64_t *whole,
                  int64_t *left, struct wg_error *err)
{
    if (wave_count > APPORTION_WAVES_MAX)
        return wg_fail(err, WG_E_LIMIT, "%zu waves share devices; at most %d may", wave_count,
                       APPORTION_WAVES_MAX);
    if (cell_count > APPORTION_CELLS_MAX)
        return wg_fail(err, WG_E_LIMIT,
                       "spread makes %zu different combinations of values; at most %d may be",
                       cell_count, APPORTION_CELLS_MAX);
    *whole = 0;
    for (size_t i = 0; i < cell_count; i++) {
        if (cells[i].devices < 0)
            return wg_fail(err, WG_E_BAD_INPUT, "a cell has a negative number of devices");
        if (cells[i].devices > APPORTION_DEVICES_MAX - *whole)
            return wg_fail(err, WG_E_LIMIT, "more than %lld devices to share out",
                           (long long)APPORTION_DEVICES_MAX);
        *whole += cells[i].devices;
    }
    *left = *whole;
    for (size_t i = 0; i < wave_count; i++) {
        if (!check_wave(&waves[i], i + 1, err)) return false;
        *left -= waves[i].size;
    }
    return *left >= 0 ||
           wg_fail(err, WG_E_BAD_INPUT, "the waves want %lld devices; there are %lld to share out",
                   (long long)(*whole - *left), (long long)*whole);
}

static void round_down(const struct apportion_wave *waves, size_t wave_count,
                       const struct apportion_cell *cells, size_t cell_count, int64_t whole,
                       int64_t *out)
{
    for (size_t w = 0; w < wave_count; w++)
        for (size_t k = 0; k < cell_count; k++)
            out[w * cell_count + k] = whole ? waves[w].size * cells[k].devices / whole : 0;
}

bool apportion(const struct apportion_wave *waves, size_t wave_count,
               const struct apportion_cell *cells, size_t cell_count, int64_t *out,
               struct wg_error *err)
{
    int64_t whole = 0, left = 0;
    if (!check(waves, wave_count, cells, cell_count, &whole, &left, err)) return false;
    if (whole == 0) {
        round_down(waves, wave_count, cells, cell_count, whole, out);
        return true;
    }
    struct net net = {.cells = cells, .cell_count = cell_count, .whole = (uint32_t)whole};
    size_t end[APPORTION_WAVES_MAX]; /* by wave: where its edges end */
    struct apportion_wave rest = {.size = left};
    bool memory = rank_cells(&net);
    for (size_t w = 0; memory && w < wave_count; w++) {
        memory = add_wave(&net, &waves[w]);
        end[w] = net.edge_count;
    }
    memory = memory && add_wave(&net, &rest) && begin_walk(&net);
    bool closed = true;
    for (uint32_t n = 0; memory && closed && n < net.node_count; n++) closed = walk(&net, n);
    if (memory && closed) {
        round_down(waves, wave_count, cells, cell_count, whole, out);
        for (size_t w = 0, i = 0; w < wave_count; w++)
            for (; i < end[w]; i++)
                if (net.edges[i].to < cell_count && net.edges[i].part == net.whole)
                    out[w * cell_count + net.cell_of[net.edges[i].to]]++;
    }
    net_clear(&net);
    if (!memory) return wg_fail_memory(err, "sharing devices out to waves");
    return closed || wg_fail(err, WG_E_FAILED, "the shares of the waves do not add up");
}
