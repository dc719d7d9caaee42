/* metrics_test.c: a file of metrics that comes, changes, goes bad and goes. */
#include "agent/posix/metrics.h"

#include "folder.h"

#define SIXTEEN                                                                                    \
    "\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,"                             \
    "\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1"
#define SEVENTEEN "{" SIXTEEN ",\"q\":1}"

static struct folder folder;
static struct metrics metrics;

static void begin(void)
{
    static char file[PATH_MAX];
    folder_make(&folder);
    (void)wg_copy(file, sizeof file, folder_file(&folder, "metrics.json"));
    metrics_init(&metrics, file);
}

static bool look_at(const char *text)
{
    folder_put(&folder, "metrics.json", text, 0600);
    return metrics_look(&metrics);
}

static void test_changes(void)
{
    begin();
    CU_ASSERT_FALSE(metrics_look(&metrics)); /* not there yet */
    CU_ASSERT_FALSE(metrics.bad);
    CU_ASSERT_TRUE(look_at("{\"brake.temperature\": 71.5, \"errors\": 0}\n"));
    CU_ASSERT_EQUAL(metrics.count, 2);
    ASSERT_TEXT(metrics.items[0].name, "brake.temperature");
    CU_ASSERT_EQUAL(metrics.items[0].value, 71.5);
    CU_ASSERT_FALSE(look_at("{ \"brake.temperature\": 71.5, \"errors\": 0.0 }"));
    CU_ASSERT_TRUE(look_at("{\"brake.temperature\": 71.5, \"errors\": 1}"));
    CU_ASSERT_TRUE(look_at("{\"brake.temperature\": 71.5, \"faults\": 1}"));
    CU_ASSERT_TRUE(look_at("{}"));
    CU_ASSERT_EQUAL(metrics.count, 0);
    CU_ASSERT_TRUE(look_at("{" SIXTEEN "}"));
    CU_ASSERT_EQUAL(metrics.count, WG_METRICS_MAX);
    CU_ASSERT_TRUE(look_at("{\"errors\": -1e300}"));
    CU_ASSERT_EQUAL(unlink(metrics.file), 0);
    CU_ASSERT_TRUE(metrics_look(&metrics));
    CU_ASSERT_EQUAL(metrics.count, 0);
    folder_remove(&folder);
}

static void test_bad(void)
{
    static const char *const texts[] = {
        "",
        "[1]",
        "{\"errors\": 1",
        "{\"errors\": \"1\"}",
        "{\"errors\": null}",
        "{\"errors\": {\"now\": 1}}",
        "{\"errors\": 1, \"errors\": 2}",
        "{\"errors\": 1e301}",
        "{\"errors\": 1e400}",
        "{\"errors per hour\": 1}",
        "{\"\": 1}",
    };
    begin();
    CU_ASSERT_TRUE(look_at("{\"errors\": 7}"));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CU_ASSERT_FALSE(look_at(texts[i]));
        CU_ASSERT_TRUE(metrics.bad);
        CU_ASSERT_EQUAL(metrics.count, 1); /* what was read before stays */
        CU_ASSERT_EQUAL(metrics.items[0].value, 7);
    }
    CU_ASSERT_FALSE(look_at(SEVENTEEN));
    CU_ASSERT_EQUAL(metrics.count, 1);
    CU_ASSERT_FALSE(look_at("{\"errors\": 7}"));
    CU_ASSERT_FALSE(metrics.bad);
    CU_ASSERT_EQUAL(unlink(metrics.file), 0);
    CU_ASSERT_EQUAL(mkfifo(metrics.file, 0600), 0); /* must not be waited for */
    CU_ASSERT_FALSE(metrics_look(&metrics));
    CU_ASSERT_TRUE(metrics.bad);
    folder_remove(&folder);
}

static void test_none(void)
{
    metrics_init(&metrics, "");
    CU_ASSERT_FALSE(metrics_look(&metrics));
    CU_ASSERT_FALSE(metrics.bad);
}

WG_SUITE("agent/posix/metrics", {"changes", test_changes}, {"bad", test_bad}, {"none", test_none})
