/* zones.h: zones of this machine, times from text, and TZif files made by hand. */
#ifndef WG_TESTS_UNIT_COMMON_ZONES_H
#define WG_TESTS_UNIT_COMMON_ZONES_H

#include "common/buf.h"
#include "common/posix/zone_file.h"
#include "common/tz.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Borrowed from the files. */
static inline const struct wg_tz *zone_named(struct zone_files *files, const char *name)
{
    struct wg_error err = {0};
    const struct wg_tz *tz = zone_files_get(files, name, &err);
    if (!tz) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
    return tz;
}

static inline wg_time time_of(const char *text)
{
    wg_time time = -1;
    bool ok = wg_time_parse(text, &time);
    if (!ok) printf("\n    no time: %s\n", text);
    CU_ASSERT_TRUE_FATAL(ok);
    return time;
}

/* "" for 0 */
static inline void same_time(wg_time got, const char *expected, const char *what)
{
    char text[WG_TIME_TEXT] = "", wanted[WG_TIME_TEXT] = "";
    if (got != 0) wg_time_text(got, text);
    if (*expected) wg_time_text(time_of(expected), wanted);
    if (strcmp(text, wanted) != 0) printf("\n    %s\n", what);
    ASSERT_TEXT(text, wanted);
}

/* One block of a TZif file: changes to types by turns, offsets in seconds. */
struct tzif_block {
    char version; /* 0, '2'.. */
    int time_size;
    unsigned leap, isstd, isut;
    size_t times, types;
    int64_t at[8];
    unsigned char index[8];
    int32_t offset[4];
};

static inline void tzif_number(struct wg_buf *out, int64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--) wg_buf_char(out, (char)((uint64_t)value >> (8 * i) & 0xff));
}

static inline void tzif_block(struct wg_buf *out, const struct tzif_block *block)
{
    static const char zeros[64] = {0};
    wg_buf_text(out, "TZif");
    wg_buf_char(out, block->version);
    wg_buf_add(out, zeros, 15);
    tzif_number(out, block->isut, 4);
    tzif_number(out, block->isstd, 4);
    tzif_number(out, block->leap, 4);
    tzif_number(out, (int64_t)block->times, 4);
    tzif_number(out, (int64_t)block->types, 4);
    tzif_number(out, 4, 4);
    for (size_t i = 0; i < block->times; i++) tzif_number(out, block->at[i], block->time_size);
    wg_buf_add(out, block->index, block->times);
    for (size_t i = 0; i < block->types; i++) {
        tzif_number(out, block->offset[i], 4);
        wg_buf_add(out, zeros, 2);
    }
    wg_buf_add(out, "ABC", 4);
    for (unsigned i = 0; i < block->leap; i++) wg_buf_add(out, zeros, (size_t)block->time_size + 4);
    wg_buf_add(out, zeros, block->isstd + block->isut);
}

/* Version 2 and up: an empty first block, this one, and the footer. */
static inline void tzif_file(struct wg_buf *out, const struct tzif_block *block, const char *footer)
{
    struct tzif_block first = {.version = block->version, .time_size = 4, .types = 1};
    wg_buf_init(out, WG_TZ_BYTES_MAX * 2);
    if (block->version != 0) tzif_block(out, &first);
    tzif_block(out, block);
    if (block->version != 0) {
        wg_buf_char(out, '\n');
        wg_buf_text(out, footer);
        wg_buf_char(out, '\n');
    }
    CU_ASSERT_FALSE_FATAL(out->failed);
}

#endif
