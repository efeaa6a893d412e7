// Counts the messages of each user: what it knows is in the state store, since no call remembers another.
#include "component.h"
#include "state.h"

// State belongs to the flow, so whose it is stands in the key.
static text key_of(const call *it)
{
    output key = { 0 };
    put_text(&key, TEXT("count/"));
    put_text(&key, it->ctx.user.is ? it->ctx.user.value : TEXT("anyone"));
    return written(&key);
}

static answer failed(text code, text message) { return fail(code, message, same(code, TEXT("unavailable"))); }

// The value is JSON, as the store keeps it.
static int64_t number(bytes value)
{
    int64_t read = 0;
    for (size_t i = 0; i < value.length && value.at[i] >= '0' && value.at[i] <= '9' && read < 1000000000; i++) {
        read = read * 10 + (value.at[i] - '0');
    }
    return read;
}

static answer said(text before, int64_t count, text after)
{
    output text_ = { 0 };
    put_text(&text_, before);
    if (count > 0) {
        put_number(&text_, count);
    }
    put_text(&text_, after);
    output payload = { 0 };
    cbor_map(&payload, 2);
    cbor_member(&payload, TEXT("text"), written(&text_));
    cbor_text(&payload, TEXT("count"));
    cbor_number(&payload, count);
    return reply(&payload);
}

static answer count(text key)
{
    state_value read;
    state_store_read(&(state_key_arguments){ .key = key }, &read);
    if (read.is_error && !same(read.error.code, TEXT("not_found"))) {
        return failed(read.error.code, read.error.message);
    }
    int64_t next = (read.is_error ? 0 : number(read.value)) + 1;
    output json = { 0 };
    put_number(&json, next);
    state_done done;
    state_store_write(&(state_write_arguments){ .key = key, .value = { json.at, json.length } }, &done);
    return done.is_error ? failed(done.error.code, done.error.message) : said(TEXT("That was message "), next, TEXT("."));
}

static answer reset(text key)
{
    state_done done;
    state_store_delete(&(state_key_arguments){ .key = key }, &done);
    return done.is_error && !same(done.error.code, TEXT("not_found")) ? failed(done.error.code, done.error.message) : said(TEXT("I start again."), 0, TEXT(""));
}

static answer handle(const call *it)
{
    return same(it->op, TEXT("count")) ? count(key_of(it))
        : same(it->op, TEXT("reset")) ? reset(key_of(it))
        : fail(TEXT("unsupported_operation"), TEXT("the operations are count and reset"), false);
}

COMPONENT("samples.counter", "0.1.0", "Counts the messages of each user",
    OPERATION("count", "Counts one more"), OPERATION("reset", "Starts again"))
