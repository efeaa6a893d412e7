// The interfaces of a component as C sees them: records are structs, lists and strings are pointer and length, an option is a flag
// before the value. C lays structs out for wasm32 exactly as the canonical ABI does, so no value is ever copied or converted.
// Interfaces: src/Gtc.Flows/Wit/.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct { const char *at; size_t length; } text;
typedef struct { const uint8_t *at; size_t length; } bytes;
typedef struct { bool is; text value; } optional_text;
typedef struct { bool is; bytes value; } optional_bytes;
typedef struct { const void *at; size_t length; } list;
typedef struct { text name; text value; } text_pair;

#define TEXT_OF(literal) { literal, sizeof(literal) - 1 } // in tables and other initial values
#define TEXT(literal) ((text)TEXT_OF(literal))

// greentic:types-core/core@0.6.0

typedef struct {
    text tenant;
    optional_text team;
    optional_text user;
    text env;
    text trace;
    text correlation;
    uint64_t deadline_ms;
    uint32_t attempt;
    optional_text idempotency_key;
    text locale;
} caller;

typedef struct {
    text code;
    text message;
    bool retryable;
    struct { bool is; uint64_t value; } backoff_ms;
    optional_bytes details;
} node_error;

// greentic:component/node@0.6.0

typedef struct {
    text op;
    caller ctx;
    text flow;
    text step;
    text component;
    uint32_t attempt;
    bytes payload;
    optional_bytes metadata;
} call;

typedef struct {
    bool is_error;
    union {
        struct { bool ok; bytes output; optional_bytes metadata; } result;
        node_error error;
    };
} answer;

typedef struct { uint8_t which; text value; } schema_source;
typedef struct { schema_source schema; text content_type; optional_text version; } io_schema;
typedef struct { text name; optional_text summary; io_schema input; io_schema output; list examples; } operation;

typedef struct {
    text name;
    text version;
    optional_text summary;
    list capabilities;
    list operations;
    list schemas;
    struct { bool is; uint32_t none[10]; } setup;
} descriptor;

// greentic:interfaces-types/types@0.1.0; host functions take it as an option, and the host knows the caller without it.

typedef struct {
    bool is;
    struct {
        text env, tenant, tenant_id;
        optional_text team, team_id, user, user_id, trace, locale, correlation;
        list attributes;
        optional_text session, flow, node, provider;
        struct { bool is; int64_t value; } deadline_ms;
        uint32_t attempt;
        optional_text idempotency_key;
        struct { bool is; text actor; optional_text reason; } impersonation;
    } value;
} optional_tenant;

_Static_assert(sizeof(caller) == 88 && sizeof(call) == 144 && sizeof(answer) == 64 && sizeof(operation) == 92 && sizeof(descriptor) == 96,
               "the structs have the layout of the canonical ABI");
