/* SPDX-License-Identifier: MIT */

/*
 * The page that ends the flow, with texts of Airstore's in it, in the language that a browser asks
 * for: no text adds a tag, leaves an attribute or gets into the policy.
 */

#include "tests/fuzz/fuzz.h"

#include "daemon/net/page.h"

static size_t count(const char *text, const char *of)
{
    size_t n = 0;

    for (; *text; text++)
        n += strchr(of, *text) != NULL;
    return n;
}

static void render(const struct page *page, struct buffer *html)
{
    char policy[PAGE_POLICY_SIZE];

    HOLDS(page_render(page, html, policy) == 0);
    HOLDS(strlen(html->data) == html->size);
    HOLDS(strlen(policy) < PAGE_POLICY_SIZE && !fuzz_has_controls(policy));
    HOLDS(strncmp(policy, "default-src 'none'", strlen("default-src 'none'")) == 0);
}

/* Whatever a browser says, it gets one of the languages; and that one, if it names it alone. */
static enum language choose(const char *accept_language)
{
    enum language language = language_choose(accept_language);

    HOLDS(language < LANGUAGES);
    HOLDS(language_choose(language_tag(language)) == language);
    return language;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    uint8_t kind = fuzz_byte(&input);
    _cleanup_free_ char *name = fuzz_text_part(&input, '\n');
    _cleanup_free_ char *workspace = fuzz_text_part(&input, '\n');
    _cleanup_free_ char *words = fuzz_text_part(&input, '\n');
    _cleanup_free_ char *command = fuzz_text_part(&input, '\n');
    _cleanup_free_ char *accept_language = fuzz_text_part(&input, '\n');
    _cleanup_buffer_ struct buffer hostile = {0}, plain = {0};
    struct page page = {
        .outcome = kind % PAGE_OUTCOMES,
        .language = choose(accept_language),
        .integration_name = name,
        .workspace_id = *workspace ? workspace : NULL,
        .words = *words ? words : NULL,
        .command = *command ? command : NULL,
        .again_sec = kind,
    };

    render(&page, &hostile);
    page.integration_name = "x";
    page.workspace_id = page.workspace_id ? "x" : NULL;
    page.words = page.words ? "x" : NULL;
    page.command = page.command ? "x" : NULL;
    render(&page, &plain);
    HOLDS(count(hostile.data, "<>\"'") == count(plain.data, "<>\"'"));
    return 0;
}
