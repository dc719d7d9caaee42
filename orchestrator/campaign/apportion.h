/* apportion.h: how many devices of each cell go to each wave, so that every wave keeps the shares
 * of the whole (campaign file: spread). A cell is all devices with the same values of every
 * attribute that some wave spreads over. Pure arithmetic. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_APPORTION_H
#define WG_ORCHESTRATOR_CAMPAIGN_APPORTION_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define APPORTION_ATTRIBUTES_MAX 8
#define APPORTION_WAVES_MAX 32
#define APPORTION_CELLS_MAX 20000
#define APPORTION_DEVICES_MAX INT64_C(1000000000) /* of all cells: products stay in 64 bits */

struct apportion_cell {
    int64_t devices;
    uint64_t order; /* seeded hash of the values: who wins where a share is no whole number */
    uint32_t value[APPORTION_ATTRIBUTES_MAX]; /* an id; only whether two are equal counts */
};

struct apportion_wave {
    int64_t size;                                /* exactly so many devices */
    size_t attribute_count;                      /* may be 0 */
    size_t attributes[APPORTION_ATTRIBUTES_MAX]; /* indexes into value[], the first counts most */
};

/* Fills out[wave * cell_count + cell], cells as the caller has them. Wave w has the exact share
 * e = size * devices / all devices of a cell, and of a group of cells the sum of theirs. Then
 *  - the cells of a wave sum to its size, and no cell gives more than it has;
 *  - each cell, and each group of cells that agree in the first 1, 2, .. attributes of the wave's
 *    list, gets e rounded down or e rounded up; so does what is left for no wave;
 *  - over all seeds each gets e on average: a small cell is canary as often as is its share.
 * Depends on the set of cells and their order keys, not on the places where cells stand.
 * WG_E_LIMIT: too many cells, waves or devices. WG_E_BAD_INPUT: a negative number, an attribute
 * that is none, or waves larger than the whole. out is then as it was. */
WG_MUST_CHECK bool apportion(const struct apportion_wave *waves, size_t wave_count,
                             const struct apportion_cell *cells, size_t cell_count, int64_t *out,
                             struct wg_error *err);

#endif
