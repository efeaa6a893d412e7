// What every component is made of. A component includes this, says what it is with COMPONENT, and answers calls in `handle`:
//
//     static answer handle(const call *it) { … return reply(&written); }
//     COMPONENT("samples.hello", "0.1.0", "Says hello", OPERATION("greet", "Greets by name"))
#pragma once
#include "cbor.h"

static answer reply(const output *payload)
{
    return (answer){ .result = { .ok = true, .output = { payload->at, payload->length } } };
}

static answer fail(text code, text message, bool retryable)
{
    return (answer){ .is_error = true, .error = { .code = code, .message = message, .retryable = retryable } };
}

static answer handle(const call *it);

// The whole argument list travels through memory, and so does the result.
__attribute__((export_name("greentic:component/node@0.6.0#invoke")))
const answer *component_invoke(const call *it)
{
    answer *given = take(sizeof(answer), _Alignof(answer));
    *given = handle(it);
    return given;
}

#define ANYTHING { .schema = { .which = 3, .value = TEXT_OF("urn:json:any") }, .content_type = TEXT_OF("application/cbor") }
#define OPERATION(name_, summary_) { .name = TEXT_OF(name_), .summary = { true, TEXT_OF(summary_) }, .input = ANYTHING, .output = ANYTHING }

#define COMPONENT(name_, version_, summary_, ...)                                                           \
    static const operation component_operations[] = { __VA_ARGS__ };                                        \
    static const descriptor component_itself = {                                                            \
        .name = TEXT_OF(name_), .version = TEXT_OF(version_), .summary = { true, TEXT_OF(summary_) },       \
        .operations = { component_operations, sizeof component_operations / sizeof *component_operations }, \
    };                                                                                                      \
    __attribute__((export_name("greentic:component/node@0.6.0#describe")))                                  \
    const descriptor *component_describe(void) { return &component_itself; }
