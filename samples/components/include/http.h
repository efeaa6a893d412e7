// greentic:http/http-client@1.1.0: requests to hosts that the environment allows.
#pragma once
#include "cbor.h"

typedef struct { uint16_t status; list headers; optional_bytes body; } http_response;
typedef struct { bool is_error; union { http_response response; struct { text code, message; } error; }; } http_result;

typedef struct {
    struct { text method, url; list headers; optional_bytes body; } request;
    struct {
        bool is;
        struct {
            struct { bool is; uint32_t value; } timeout_ms;
            struct { bool is; bool value; } allow_insecure, follow_redirects;
        } value;
    } options;
    optional_tenant tenant;
} http_send_arguments;

__attribute__((import_module("greentic:http/http-client@1.1.0"), import_name("send")))
void http_client_send(const http_send_arguments *arguments, http_result *result);
