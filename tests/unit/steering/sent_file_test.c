/* sent_file_test.c: a campaign file that was sent reads what was sent with it, and nothing else. */
#include "orchestrator/steering/sent_file.h"
#include "tests/unit/harness.h"

#include <string.h>

#define HEAD "wavegate: 1\ncampaign: c\nrelease: brake/2.0.0\ntarget: {all: [{region: [DE]}]}\n"

static const char with_list[] =
    HEAD "waves:\n  - {name: lab, devices: {file: %s}}\n  - {name: rest, remaining: true}\n";

struct checked {
    bool valid;
    enum wg_error_code code;
    size_t devices;
    char problem[320];
};

static struct checked check(json_t *body)
{
    struct yaml_doc doc = {0};
    struct wg_error err = {0};
    struct wg_buf text;
    wg_buf_init(&text, CAMPAIGN_FILE_MAX);
    struct campaign *campaign = sent_file_check(body, &text, &doc, &err);
    struct checked out = {.valid = campaign != NULL, .code = err.code};
    if (campaign) {
        out.devices = campaign->waves[0].devices.count;
        ASSERT_TEXT(wg_buf_str(&text), json_string_value(json_object_get(body, "file")));
    }
    if (doc.problem_count > 0) (void)wg_copy(out.problem, sizeof out.problem, doc.problems[0].text);
    campaign_free(campaign);
    yaml_doc_clear(&doc);
    wg_buf_clear(&text);
    json_decref(body);
    return out;
}

static json_t *naming(const char *name, json_t *files)
{
    char file[1024];
    (void)wg_format(file, sizeof file, with_list, name);
    return json_pack("{s:s,s:o}", "file", file, "files", files);
}

static void files_are_those_that_were_sent(void)
{
    struct checked got = check(naming("lab.txt", json_pack("{s:s}", "lab.txt", "d1\nd2\n")));
    ASSERT_TEXT(got.problem, "");
    CU_ASSERT_TRUE(got.valid);
    CU_ASSERT_EQUAL(got.devices, 2);
    got = check(naming("areas/lab.txt", json_pack("{s:s}", "areas/lab.txt", "d1\n")));
    CU_ASSERT_EQUAL(got.devices, 1);
}

static void expect_refused(const char *name)
{
    struct checked got = check(naming(name, json_pack("{s:s}", "lab.txt", "d1\n")));
    CU_ASSERT_FALSE(got.valid);
    CU_ASSERT_EQUAL(got.code, WG_E_BAD_FILE);
    CU_ASSERT_PTR_NOT_NULL(strstr(got.problem, "file:"));
}

static void no_path_of_this_machine_is_read(void)
{
    expect_refused("/etc/hostname");
    expect_refused("../lab.txt");
    expect_refused("areas/../../lab.txt");
    expect_refused("CMakeLists.txt"); /* in the folder that tests run in, or not: it was not sent */
    expect_refused("./lab.txt");
    struct checked got = check(naming("other.txt", json_object()));
    ASSERT_TEXT(got.problem, "file: \"other.txt\" was not sent along, in \"files\"");
}

static void what_is_no_file_is_told(void)
{
    CU_ASSERT_EQUAL(check(json_object()).code, WG_E_BAD_INPUT);
    CU_ASSERT_EQUAL(check(json_pack("{s:i}", "file", 1)).code, WG_E_BAD_INPUT);
    CU_ASSERT_EQUAL(check(json_pack("{s:s,s:[]}", "file", HEAD, "files")).code, WG_E_BAD_INPUT);
    struct checked got = check(naming("lab.txt", json_pack("{s:i}", "lab.txt", 1)));
    ASSERT_TEXT(got.problem, "file: \"lab.txt\" was not sent along, in \"files\"");
    CU_ASSERT_EQUAL(check(naming("lab.txt", json_null())).code, WG_E_BAD_FILE);
    CU_ASSERT_EQUAL(check(json_pack("{s:s}", "file", "name: [")).code, WG_E_BAD_FILE);
}

WG_SUITE("files that were sent", {"files are those that were sent", files_are_those_that_were_sent},
         {"no path of this machine is read", no_path_of_this_machine_is_read},
         {"what is no file is told", what_is_no_file_is_told})
