/* written.h: a configuration that a test writes, loaded from its file. */
#ifndef WG_TESTS_UNIT_CONFIG_WRITTEN_H
#define WG_TESTS_UNIT_CONFIG_WRITTEN_H

#include "orchestrator/config/settings.h"
#include "tests/unit/agent/folder.h"

static struct folder folder;
static struct settings settings;
static struct wg_error err;

static inline bool load(const char *text)
{
    folder_put(&folder, "wavegated.yaml", text, 0600);
    wg_error_clear(&err);
    return settings_load(&settings, folder_file(&folder, "wavegated.yaml"), &err);
}

static inline void refused(const char *text, const char *says)
{
    CU_ASSERT_FALSE(load(text));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
    if (!strstr(err.text, says)) ASSERT_TEXT(err.text, says);
}

#endif
