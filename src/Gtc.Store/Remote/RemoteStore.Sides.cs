using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>The secrets of an environment, encrypted, as a store server has them.</summary>
/// <param name="File">The file; empty when there is none.</param>
/// <param name="Etag">Its entity tag; null when there is none.</param>
public sealed record RemoteSecrets(ReadOnlyMemory<byte> File, string? Etag);

/// <summary>What lies beside an environment on a store server.</summary>
public sealed partial class RemoteStore
{
    /// <summary>The encrypted secrets, for callers who may use them.</summary>
    public Task<Outcome<RemoteSecrets>> SecretsAsync(EnvId environment, CancellationToken cancellationToken) => ReadAsync(
        environment,
        Path(environment, ["secrets", "ciphertext"]),
        body =>
        {
            var file = Encoding.UTF8.GetBytes(body.GetProperty("file").GetString()!);
            return new RemoteSecrets(file, file.Length == 0 ? null : body.GetProperty("etag").GetString());
        },
        cancellationToken);

    /// <summary>The id of the server's key, which bootstrapping trusts; null where there is none yet.</summary>
    public async Task<Outcome<string?>> OperatorKeyAsync(EnvId environment, CancellationToken cancellationToken) =>
        await ReadAsync(environment, Path(environment, ["trust-root", "operator-key"]), body => body.GetProperty("key_id").GetString(), cancellationToken);

    /// <summary>What the environment takes back, as the server tells it.</summary>
    public Task<Outcome<JsonElement>> RevokedAsync(EnvId environment, CancellationToken cancellationToken) =>
        ReadAsync(environment, Path(environment, ["trust-root", "revoked"]), static body => body.Clone(), cancellationToken);

    /// <summary>What the env-pack in a slot was answered; null when it was answered nothing.</summary>
    public async Task<Outcome<JsonObject?>> AnswersAsync(EnvId environment, CapabilitySlot slot, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(
            environment, Path(environment, ["packs", PackVerbs.Text(slot), "answers"]), body => JsonNode.Parse(body.GetProperty("answers").GetRawText()) as JsonObject ?? throw new FormatException("answers are no object"), cancellationToken);
        return read.Refusal is Refusal.Missing ? (JsonObject?)null : read.Then<JsonObject?>(answers => answers);
    }

    /// <summary>What lies beside the document and holds no secret (<see cref="OpenSides"/>); null when it is not there.</summary>
    public Task<Outcome<byte[]?>> FileAsync(EnvId environment, SideName name, CancellationToken cancellationToken) => ReadAsync(
        environment,
        Path(environment, ["files"]) + Query(("name", name.ToString())),
        body => body.GetProperty("content") is { ValueKind: JsonValueKind.String } content ? content.GetBytesFromBase64() : null,
        cancellationToken);
}
