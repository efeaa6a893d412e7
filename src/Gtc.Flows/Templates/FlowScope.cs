using System.Text.Json;

namespace Gtc.Flows;

/// <summary>What templates and conditions of a run can see (flows-and-components.md §2.5).</summary>
internal sealed class FlowScope(JsonElement entry, JsonElement runtime)
{
    private const string Variables = "vars";

    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}"u8);

    private readonly Dictionary<string, JsonElement> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _variables = new(StringComparer.Ordinal);
    private bool _isSubmitted;
    private bool _isConsumed;

    public JsonElement Entry { get; } = entry;

    /// <summary>The output of the node that ran last.</summary>
    public JsonElement Previous { get; private set; } = EmptyObject;

    public void Finish(string nodeId, JsonElement output)
    {
        _outputs[nodeId] = output;
        Previous = output;
    }

    /// <summary>A scope with another entry and nothing finished, for a flow that this one calls or jumps to.</summary>
    public FlowScope For(JsonElement entry) => new(entry, runtime) { _isSubmitted = _isSubmitted, _isConsumed = _isConsumed };

    /// <summary>A route fitted: where a node waited for it, what the user did is done and must not fit the next node's routes as well (§2.7).</summary>
    public void ConsumeResponse() => _isConsumed = _isSubmitted;

    /// <summary>Writes what must be known to go on later.</summary>
    public void Save(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("prev");
        Previous.WriteTo(json);
        json.WritePropertyName("nodes");
        WriteOutputs(json, wrapped: false);
        json.WritePropertyName(Variables);
        Write(json, _variables);
        json.WriteEndObject();
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <param name="state">What was written.</param>
    /// <param name="isSubmitted">Whether a node waits for this message's answer to it.</param>
    /// <returns>False when it is something else.</returns>
    public bool TryRestore(JsonElement? state, bool isSubmitted)
    {
        if (state is not { } saved
            || TemplatePath.Walk(saved, ["prev"]) is not { } previous
            || TemplatePath.Walk(saved, ["nodes"]) is not { ValueKind: JsonValueKind.Object } nodes)
        {
            return false;
        }

        _isSubmitted = isSubmitted;
        Take(nodes, _outputs);
        Take(TemplatePath.Walk(saved, [Variables]) ?? EmptyObject, _variables);
        Previous = previous;
        return true;
    }

    /// <summary>Sets a variable; null removes it.</summary>
    public void Set(string variable, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            _variables.Remove(variable);
        }
        else
        {
            _variables[variable] = value;
        }
    }

    /// <summary>Looks a template path up; null when there is nothing.</summary>
    public JsonElement? Lookup(ReadOnlySpan<string> path) => path[0] switch
    {
        "entry" or "in" => InEntry(path[1..]),
        "prev" => TemplatePath.Walk(Previous, path[1..]),
        "node" => InOutputs(path[1..]),
        "state" => InState(path[1..]),
        "runtime" => TemplatePath.Walk(runtime, path[1..]),
        Variables => InVariables(path[1..]),
        _ => null,
    };

    /// <summary>Follows a path from the entry. <c>input</c> is another name for the entry itself where the entry has no such member.</summary>
    public JsonElement? InEntry(ReadOnlySpan<string> path)
    {
        var isAlias = path.Length > 0 && path[0] == "input"
            && !(Entry.ValueKind == JsonValueKind.Object && Entry.TryGetProperty("input", out _));
        return TemplatePath.Walk(Entry, isAlias ? path[1..] : path);
    }

    /// <summary>Follows a path in <c>response</c>: the entry's metadata, and the entry's text under <c>text</c> (§2.7).</summary>
    public JsonElement? InResponse(ReadOnlySpan<string> path)
    {
        if (_isConsumed)
        {
            return null;
        }

        if (path is ["text"] && (InEntry(["text"]) ?? InEntry(["input", "text"])) is { } text)
        {
            return text;
        }

        var metadata = InEntry(["metadata"]) ?? InEntry(["input", "metadata"]);
        return metadata is { } value && path.Length > 0 ? TemplatePath.Walk(value, path) : null;
    }

    private JsonElement? InVariables(ReadOnlySpan<string> path) =>
        path.IsEmpty ? JsonText.Build(json => Write(json, _variables))
        : _variables.TryGetValue(path[0], out var value) ? TemplatePath.Walk(value, path[1..])
        : null;

    private JsonElement? InOutputs(ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
        {
            return JsonText.Build(json => WriteOutputs(json, wrapped: false));
        }

        return _outputs.TryGetValue(path[0], out var output) ? TemplatePath.Walk(output, path[1..]) : null;
    }

    private JsonElement? InState(ReadOnlySpan<string> path) => path switch
    {
        ["entry" or "input", .. var rest] => InEntry(rest),
        ["nodes", var id, .. var rest] => _outputs.TryGetValue(id, out var output) ? InNode(output, rest) : null,
        ["nodes"] => JsonText.Build(json => WriteOutputs(json, wrapped: true)),
        [] => JsonText.Build(WriteState),
        _ => null,
    };

    private static JsonElement? InNode(JsonElement output, ReadOnlySpan<string> path) => path switch
    {
        ["payload", .. var rest] => TemplatePath.Walk(output, rest),
        _ => TemplatePath.Walk(Wrapped(path.IsEmpty ? output : EmptyObject), path),
    };

    private void WriteState(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("entry");
        Entry.WriteTo(json);
        json.WritePropertyName("input");
        Entry.WriteTo(json);
        json.WritePropertyName("nodes");
        WriteOutputs(json, wrapped: true);
        json.WriteEndObject();
    }

    private void WriteOutputs(Utf8JsonWriter json, bool wrapped)
    {
        json.WriteStartObject();
        foreach (var (id, output) in _outputs)
        {
            json.WritePropertyName(id);
            (wrapped ? Wrapped(output) : output).WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Dictionary<string, JsonElement> members)
    {
        json.WriteStartObject();
        foreach (var (name, value) in members)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static void Take(JsonElement from, Dictionary<string, JsonElement> to)
    {
        foreach (var member in from.EnumerateObject())
        {
            to[member.Name] = member.Value;
        }
    }

    // A node that failed ends the flow, so every finished node is ok.
    private static JsonElement Wrapped(JsonElement output) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("ok", true);
        json.WritePropertyName("payload");
        output.WriteTo(json);
        json.WriteStartObject("meta");
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
