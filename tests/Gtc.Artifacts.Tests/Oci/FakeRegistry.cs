using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Artifacts.Tests.Sources;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Oci;

/// <summary>A registry that stores whatever it is told to, lies included. The real one would refuse them.</summary>
internal sealed class FakeRegistry
{
    private readonly Dictionary<string, byte[]> _answers = [];

    /// <summary>Answers for blobs instead of the plain bytes, when set.</summary>
    public Func<HttpContext, byte[], Task>? Blobs { get; set; }

    public Sha256Digest AddBundle(string repository, string tag, byte[] content) =>
        AddManifest(repository, tag, Manifest(AddBlob(repository, content)));

    /// <summary>Adds a manifest under a name and under its digest.</summary>
    public Sha256Digest AddManifest(string repository, string? tag, JsonNode manifest, string? pretendedDigest = null)
    {
        var bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        _answers[$"/v2/{repository}/manifests/{tag}"] = bytes;
        _answers[$"/v2/{repository}/manifests/{pretendedDigest ?? bytes.Digest().ToString()}"] = bytes;
        return bytes.Digest();
    }

    public void AddRaw(string repository, string tag, byte[] manifest) => _answers[$"/v2/{repository}/manifests/{tag}"] = manifest;

    /// <summary>Adds a blob, possibly under another blob's digest.</summary>
    public JsonObject AddBlob(string repository, byte[] content, string mediaType = "application/octet-stream", byte[]? pretended = null)
    {
        var digest = (pretended ?? content).Digest().ToString();
        _answers[$"/v2/{repository}/blobs/{digest}"] = content;
        return Descriptor(mediaType, digest, content.Length);
    }

    public static JsonObject Descriptor(string mediaType, string digest, long size) =>
        new() { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = size };

    public static JsonObject Manifest(params JsonObject[] layers) => new() { ["schemaVersion"] = 2, ["layers"] = new JsonArray([.. layers]) };

    public static JsonObject Index(params (string Digest, string? Platform)[] entries) => new()
    {
        ["schemaVersion"] = 2,
        ["manifests"] = new JsonArray([.. entries.Select(static entry =>
        {
            var descriptor = Descriptor("application/vnd.oci.image.manifest.v1+json", entry.Digest, 100);
            if (entry.Platform?.Split('/') is [var system, var architecture])
            {
                descriptor["platform"] = new JsonObject { ["os"] = system, ["architecture"] = architecture };
            }

            return descriptor;
        })]),
    };

    public async Task AnswerAsync(HttpContext context)
    {
        if (!_answers.TryGetValue(context.Request.Path.Value!, out var bytes))
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync(JsonSerializer.Serialize(new { errors = new[] { new { code = "NOT_HERE" } } }));
        }
        else if (Blobs is not null && context.Request.Path.Value!.Contains("/blobs/", StringComparison.Ordinal))
        {
            await Blobs(context, bytes);
        }
        else
        {
            await Replies.BytesAsync(context, bytes);
        }
    }
}
