// greentic:state/state-store@1.0.0: small values that outlive a call, kept apart per pack and per user.
#pragma once
#include "cbor.h"

typedef struct { bool is_error; union { bytes value; struct { text code, message; } error; }; } state_value;
typedef struct { bool is_error; union { uint8_t done; struct { text code, message; } error; }; } state_done;

typedef struct { text key; optional_tenant tenant; } state_key_arguments;
typedef struct { text key; bytes value; optional_tenant tenant; } state_write_arguments;

__attribute__((import_module("greentic:state/state-store@1.0.0"), import_name("read")))
void state_store_read(const state_key_arguments *arguments, state_value *result);

__attribute__((import_module("greentic:state/state-store@1.0.0"), import_name("write")))
void state_store_write(const state_write_arguments *arguments, state_done *result);

__attribute__((import_module("greentic:state/state-store@1.0.0"), import_name("delete")))
void state_store_delete(const state_key_arguments *arguments, state_done *result);
