/* interop_test.c: what we write, the age command reads; what age and age-keygen write, we read. */
#include "common/age/header.h"
#include "common/text.h"
#include "tests/unit/age/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct wg_error err;

static const size_t LENGTHS[] = {0, 1, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, 3 * AGE_CHUNK + 5};
#define LENGTHS_COUNT (sizeof LENGTHS / sizeof LENGTHS[0])
#define CONTENT_MAX (4 * AGE_CHUNK)

static char folder[] = "/tmp/wavegate-age-XXXXXX";
static char content[CONTENT_MAX];

static void path_of(const char *name, char out[256])
{
    CU_ASSERT_TRUE(wg_format(out, 256, "%s/%s", folder, name));
}

static void write_file(const char *name, const void *data, size_t len)
{
    char path[256];
    path_of(name, path);
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(data, 1, len, file), len);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void read_file(const char *name, struct wg_buf *out)
{
    char path[256], part[4096];
    size_t got;
    path_of(name, path);
    wg_buf_init(out, 2 * CONTENT_MAX);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while ((got = fread(part, 1, sizeof part, file)) > 0) wg_buf_add(out, part, got);
    (void)fclose(file);
}

static void remove_file(const char *name)
{
    char path[256];
    path_of(name, path);
    (void)unlink(path);
}

/* The exit code of a command that runs in the folder. */
static int run(const char *command)
{
    char line[1024];
    CU_ASSERT_TRUE(wg_format(line, sizeof line, "cd %s && %s", folder, command));
    int status = system(line);
    return status == -1 ? -1 : status >> 8;
}

static void test_begin(void)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    for (size_t i = 0; i < sizeof content; i++) content[i] = (char)(i * 31 + i / 251);
    if (run("age --version >/dev/null && age-keygen --version >/dev/null") != 0)
        CU_FAIL_FATAL("no age command: run deploy/setup.sh");
}

static void expect_content(const struct wg_buf *got, size_t len)
{
    CU_ASSERT_EQUAL_FATAL(got->len, len);
    CU_ASSERT_EQUAL(memcmp(wg_buf_str(got), content, len), 0);
}

/* One body; two devices, a header each. */
static void write_for_age(size_t len, const struct age_identity *device, const char *key_name)
{
    struct age_file_key key;
    struct wg_buf file, got;
    char header[AGE_HEADER_SIZE + 1], text[AGE_BECH32_TEXT], command[256];
    wg_buf_init(&file, 2 * CONTENT_MAX);
    struct age_encryptor *encryptor =
        age_encryptor_new((struct age_sink){sink_collect, &file}, &key, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(encryptor);
    ASSERT_OK(age_encryptor_push(encryptor, content, len, &err), &err);
    ASSERT_OK(age_encryptor_end(encryptor, &err), &err);
    age_encryptor_free(encryptor);
    write_file("body", file.data, file.len);
    wg_buf_clear(&file);

    ASSERT_OK(age_header_make(&key, &device->recipient, header, &err), &err);
    write_file("header", header, AGE_HEADER_SIZE);
    ASSERT_OK(age_identity_write(device, text, &err), &err);
    write_file(key_name, text, strlen(text));
    (void)wg_format(command, sizeof command, "cat header body | age -d -i %s >plain", key_name);
    CU_ASSERT_EQUAL(run(command), 0);
    read_file("plain", &got);
    expect_content(&got, len);
    wg_buf_clear(&got);
}

static void test_age_reads_ours(void)
{
    struct age_identity device, other;
    ASSERT_OK(age_identity_make(&device, &err), &err);
    ASSERT_OK(age_identity_make(&other, &err), &err);
    for (size_t i = 0; i < LENGTHS_COUNT; i++) {
        write_for_age(LENGTHS[i], &device, "device.key");
        write_for_age(LENGTHS[i], &other, "other.key");
    }
    /* the last header was other's: the first device cannot open it */
    CU_ASSERT_NOT_EQUAL(run("cat header body | age -d -i device.key >plain 2>words"), 0);
}

/* Keys by age-keygen: "# created", "# public key", then the identity. */
static void read_keygen(struct age_identity *out, char recipient[AGE_BECH32_TEXT])
{
    struct wg_buf text;
    char line[AGE_BECH32_TEXT];
    read_file("keygen.key", &text);
    const char *secret = strstr(wg_buf_str(&text), "AGE-SECRET-KEY-1");
    const char *shown = strstr(wg_buf_str(&text), "public key: ");
    CU_ASSERT_TRUE_FATAL(secret && shown);
    CU_ASSERT_TRUE(wg_copy_n(line, sizeof line, secret, strcspn(secret, "\n")));
    ASSERT_OK(age_identity_read(line, out, &err), &err);
    shown += strlen("public key: ");
    CU_ASSERT_TRUE(wg_copy_n(recipient, AGE_BECH32_TEXT, shown, strcspn(shown, "\n")));
    ASSERT_OK(age_recipient_write(&out->recipient, line, &err), &err);
    ASSERT_TEXT(line, recipient);
    wg_buf_clear(&text);
}

static void read_from_age(size_t len, const struct age_identity *identity, const char *recipient)
{
    struct wg_buf file, got;
    struct age_file_key key;
    char command[256];
    size_t header_len;
    write_file("plain", content, len);
    (void)wg_format(command, sizeof command, "age -r %s -o file.age plain", recipient);
    CU_ASSERT_EQUAL(run(command), 0);
    read_file("file.age", &file);
    ASSERT_OK(age_header_length(file.data, file.len, &header_len, &err), &err);
    ASSERT_OK(age_header_open(file.data, header_len, identity, &key, &err), &err);
    wg_buf_init(&got, 2 * CONTENT_MAX);
    struct age_decryptor *decryptor =
        age_decryptor_new(&key, (struct age_sink){sink_collect, &got}, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(decryptor);
    ASSERT_OK(age_decryptor_push(decryptor, file.data + header_len, file.len - header_len, &err),
              &err);
    ASSERT_OK(age_decryptor_end(decryptor, &err), &err);
    age_decryptor_free(decryptor);
    expect_content(&got, len);
    wg_buf_clear(&got);
    wg_buf_clear(&file);
}

static void test_we_read_ages(void)
{
    struct age_identity identity;
    char recipient[AGE_BECH32_TEXT];
    CU_ASSERT_EQUAL_FATAL(run("age-keygen -o keygen.key 2>words"), 0);
    read_keygen(&identity, recipient);
    for (size_t i = 0; i < LENGTHS_COUNT; i++) read_from_age(LENGTHS[i], &identity, recipient);
    CU_ASSERT_EQUAL(run("age -a -e -i keygen.key -o armored.age plain"), 0);
    struct wg_buf file;
    size_t len;
    read_file("armored.age", &file);
    CU_ASSERT_FALSE(age_header_length(wg_buf_str(&file), file.len, &len, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "armored"));
    wg_buf_clear(&file);
}

static void test_end(void)
{
    static const char *const names[] = {"body",       "header",      "plain",
                                        "device.key", "other.key",   "keygen.key",
                                        "file.age",   "armored.age", "words"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) remove_file(names[i]);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

WG_SUITE("age interop", {"the age command is there", test_begin},
         {"age reads what we write", test_age_reads_ours},
         {"we read what age writes", test_we_read_ages}, {"nothing is left", test_end})
