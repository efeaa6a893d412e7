using System.Net.Http.Headers;
using System.Text.Json;

namespace Gtc.Store.Server.Tests;

/// <summary>What a server answered.</summary>
public sealed record ServerAnswer(int Status, string Text, HttpResponseHeaders Headers)
{
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Text);
            return document.RootElement.Clone();
        }
    }

    public JsonElement this[string member] => Json.GetProperty(member);

    public JsonElement Result => this["result"];

    public string Etag => this["etag"].GetString()!;

    public long Generation => this["generation"].GetInt64();

    public string Idempotency => this["idempotency"].GetProperty("idempotency").GetString()!;

    public string Kind => this["kind"].GetString()!;

    /// <summary>It must have ended like this.</summary>
    public ServerAnswer Must(int status)
    {
        Status.ShouldBe(status, Text);
        return this;
    }

    /// <summary>It must be this problem.</summary>
    public ServerAnswer MustBe(int status, string kind)
    {
        Must(status).Kind.ShouldBe(kind, Text);
        return this;
    }
}
