#!/bin/sh
# An env-pack in fifty lines: one JSON object per line in, one or more per line out, with the id of the call.
# gtc writes the members of a call in the order id, method, params, so a shell can take them apart.

say() { printf '{"id":%s,%s}\n' "$id" "$1"; }

field() { printf '%s' "$line" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

while IFS= read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/^{"id":\([0-9]*\),.*/\1/p')
  method=$(printf '%s' "$line" | sed -n 's/^{"id":[0-9]*,"method":"\([a-z]*\)".*/\1/p')
  greeting=$(field greeting)
  case "$method" in
    hello)
      say '"result":{"protocol":1,"kind":"acme.telemetry.hello@1.0.0"}'
      ;;
    questions)
      say '"result":{"id":"acme.telemetry.hello.wizard","title":"Hello","questions":[{"id":"greeting","type":"enum","title":"How to greet","default_value":"hello","choices":["hello","good morning"]}]}'
      ;;
    requirements)
      say '"result":{"checks":[{"name":"shell","met":true,"detail":"/bin/sh runs this"}]}'
      ;;
    render)
      echo "rendering for $(field environment_id)" >&2
      say '"progress":{"step":"composing"}'
      say '"result":{"objects":[{"kind":"Greeting","text":"'"${greeting:-hello}"', '"$(field environment_id)"'"}]}'
      ;;
    observe)
      say '"result":{"running":[]}'
      ;;
    reconcile | drain | prune)
      say '"result":{"changed":0}'
      ;;
    *)
      say '"error":{"message":"this env-pack has no such method"}'
      ;;
  esac
done
