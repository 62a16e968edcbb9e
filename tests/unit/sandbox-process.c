/* SPDX-License-Identifier: MIT */
#include "tests/unit/sandbox-process.h"

#include "lib/base/json.h"
#include "tests/unit/unit.h"

#include <curl/curl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_TIMEOUT_MS 20000
#define WAIT_STEPS 2000 /* of 10 ms */

struct sandbox_process {
    pid_t pid;
    int output;
    char base_url[128];
};

static void run_sandbox(int output)
{
    const char *binary = getenv("AIRSTORE_SANDBOX_BINARY");

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (binary && dup2(output, STDOUT_FILENO) >= 0)
        execl(binary, binary, "--port", "0", "--api-key", SANDBOX_API_KEY, NULL);
    perror("Cannot start $AIRSTORE_SANDBOX_BINARY");
    _exit(127);
}

/* The first line: "listening on http://127.0.0.1:PORT/api/v1". */
static void read_base_url(struct sandbox_process *sandbox)
{
    static const char prefix[] = "listening on ";
    char line[128] = "";
    size_t n = 0;

    while (!strchr(line, '\n')) {
        struct pollfd ready = {.fd = sandbox->output, .events = POLLIN};

        assert_int_equal(poll(&ready, 1, READY_TIMEOUT_MS), 1);
        ssize_t got = read(sandbox->output, line + n, sizeof(line) - 1 - n);
        assert_true(got > 0);
        n += (size_t)got;
        line[n] = '\0';
    }
    assert_memory_equal(line, prefix, strlen(prefix));
    *strchr(line, '\n') = '\0';
    snprintf(sandbox->base_url, sizeof(sandbox->base_url), "%s", line + strlen(prefix));
}

struct sandbox_process *sandbox_start(void)
{
    struct sandbox_process *sandbox = calloc(1, sizeof(*sandbox));
    int pipes[2];

    assert_non_null(sandbox);
    assert_int_equal(pipe(pipes), 0);
    sandbox->pid = fork();
    assert_true(sandbox->pid >= 0);
    if (sandbox->pid == 0) {
        close(pipes[0]);
        run_sandbox(pipes[1]);
    }
    close(pipes[1]);
    sandbox->output = pipes[0];
    read_base_url(sandbox);
    return sandbox;
}

void sandbox_stop(struct sandbox_process *sandbox)
{
    int status;

    kill(sandbox->pid, SIGTERM);
    assert_int_equal(waitpid(sandbox->pid, &status, 0), sandbox->pid);
    close(sandbox->output);
    free(sandbox);
}

const char *sandbox_base_url(const struct sandbox_process *sandbox)
{
    return sandbox->base_url;
}

static size_t collect(char *data, size_t one, size_t size, void *userdata)
{
    (void)one;
    return buffer_append(userdata, data, size) < 0 ? 0 : size;
}

struct json_object *sandbox_ask(
    struct sandbox_process *sandbox, const char *method, const char *path, const char *body_or_null)
{
    _cleanup_buffer_ struct buffer reply = {0};
    struct json_object *object = NULL;
    CURL *curl = curl_easy_init();
    char url[256];
    long status = 0;

    assert_non_null(curl);
    snprintf(url, sizeof(url), "%.*s/sandbox/%s",
        (int)(strlen(sandbox->base_url) - strlen("/api/v1")), sandbox->base_url, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)READY_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
    if (body_or_null)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body_or_null);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    if (status >= 300)
        fail_msg("%s %s %s: %ld %s", method, path, body_or_null ? body_or_null : "", status,
            reply.size > 0 ? reply.data : "");
    if (reply.size > 0)
        assert_int_equal(json_parse(reply.data, reply.size, &object), 0);
    return object;
}

void sandbox_tell(
    struct sandbox_process *sandbox, const char *method, const char *path, const char *body_or_null)
{
    json_object_put(sandbox_ask(sandbox, method, path, body_or_null));
}

int sandbox_requests(struct sandbox_process *sandbox)
{
    _cleanup_json_ struct json_object *reply = sandbox_ask(sandbox, "GET", "requests", NULL);
    struct json_object *count = NULL;

    assert_true(json_object_object_get_ex(reply, "count", &count));
    return json_object_get_int(count);
}

void sandbox_wait_for_requests(struct sandbox_process *sandbox, int n)
{
    for (int step = 0; step < WAIT_STEPS; step++) {
        if (sandbox_requests(sandbox) >= n)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    fail_msg("%d requests were expected", n);
}
