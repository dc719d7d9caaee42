/* broken_fuzz.c: a target with known faults, to see that the driver finds them (driver_test.sh). */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

static bool has(const uint8_t *data, size_t size, const char *word)
{
    return size > 0 && memmem(data, size, word, strlen(word)) != NULL;
}

static void lose(void)
{
    struct wg_buf lost; /* never cleared */
    wg_buf_init(&lost, 100);
    wg_buf_text(&lost, "lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    volatile const uint8_t *at = data;
    MUST(!has(data, size, "boom"), "no boom");
    if (has(data, size, "over")) return at[size];
    if (has(data, size, "exit")) exit(EXIT_SUCCESS);
    while (has(data, size, "hang")) (void)*at;
    if (has(data, size, "leak")) lose();
    return 0;
}
