/* SPDX-License-Identifier: MIT */

/* What the journal is sent: the fields of a message, and nothing that its text could add to them.
 */

#include "daemon/log-journal.h"
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

static char text[JOURNAL_SIZE + 1];

static const char *build(
    int level, enum log_message message, const struct log_subject *subject, const char *line)
{
    size_t size = journal_build(text, level, message, subject, line);

    assert_true(size <= JOURNAL_SIZE);
    text[size] = '\0';
    return text;
}

static bool has_line(const char *fields, const char *line)
{
    size_t n = strlen(line);

    for (const char *at = fields; (at = strstr(at, line)); at++) {
        if ((at == fields || at[-1] == '\n') && at[n] == '\n')
            return true;
    }
    return false;
}

static void test_plain(void **state)
{
    const char *fields = build(LOG_WARNING, LOG_OTHER, NULL, "It rains = it pours");

    assert_true(has_line(fields, "MESSAGE=It rains = it pours"));
    assert_true(has_line(fields, "PRIORITY=4"));
    assert_non_null(strstr(fields, "SYSLOG_IDENTIFIER="));
    assert_null(strstr(fields, "MESSAGE_ID="));
    assert_null(strstr(fields, "SESSION="));
}

static void test_subject(void **state)
{
    const struct log_subject subject = {"a-session-id", "gmail", "ws_1"};
    char id[LOG_ID_SIZE], session[32];

    snprintf(session, sizeof(session), "SESSION=%s", log_id("a-session-id", id));
    const char *fields = build(LOG_INFO, LOG_SESSION_COMPLETE, &subject, "done");
    assert_true(has_line(fields, session));
    assert_true(has_line(fields, "INTEGRATION=gmail"));
    assert_true(has_line(fields, "WORKSPACE=ws_1"));
    assert_true(has_line(fields, "MESSAGE_ID=5ac2124ad3ea423891b4eda03a33753e"));
    assert_true(has_line(fields, "PRIORITY=6"));
    assert_null(strstr(fields, "a-session-id"));
}

static void test_no_workspace(void **state)
{
    const struct log_subject subject = {"a-session-id", "gmail", NULL};

    assert_null(strstr(build(LOG_INFO, LOG_SESSION_STARTED, &subject, "go"), "WORKSPACE"));
}

/* Nobody can add a field by way of a value. */
static void test_line_ends(void **state)
{
    const struct log_subject subject = {"a-session-id", "gmail\nPRIORITY=0", "ws\n_1"};
    const char *fields = build(LOG_INFO, LOG_OTHER, &subject, "one\nUNIT=two");

    assert_true(has_line(fields, "MESSAGE=one UNIT=two"));
    assert_true(has_line(fields, "INTEGRATION=gmail PRIORITY=0"));
    assert_true(has_line(fields, "WORKSPACE=ws _1"));
}

static void test_too_long(void **state)
{
    static char type[2 * JOURNAL_SIZE];
    const struct log_subject subject = {"a-session-id", type, "ws_1"};

    memset(type, 'x', sizeof(type) - 1);
    const char *fields = build(LOG_INFO, LOG_OTHER, &subject, "short");
    assert_true(has_line(fields, "MESSAGE=short"));
    assert_true(has_line(fields, "WORKSPACE=ws_1"));
    assert_null(strstr(fields, "INTEGRATION="));
}

static void test_every_message_has_its_number(void **state)
{
    for (int message = LOG_OTHER + 1; message < LOG_MESSAGE_MAX; message++)
        assert_non_null(
            strstr(build(LOG_INFO, (enum log_message)message, NULL, ""), "\nMESSAGE_ID="));
}

static void test_journal_stream(void **state)
{
    char stream[64];
    struct stat st;

    assert_int_equal(fstat(STDERR_FILENO, &st), 0);
    snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
        (unsigned long long)st.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, true), 0);
    assert_true(journal_is_stderr());
    assert_int_equal(setenv("JOURNAL_STREAM", "0:0", true), 0);
    assert_false(journal_is_stderr());
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    assert_false(journal_is_stderr());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_subject),
        cmocka_unit_test(test_no_workspace),
        cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_every_message_has_its_number),
        cmocka_unit_test(test_journal_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
