using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary>The trust-root verbs over a store server, where the operator's key is the server's own.</summary>
/// <param name="at">Where.</param>
internal sealed class RemoteTrustRoots(RemotePlace at) : ITrustRoots
{
    private const string Noun = "trust-root";

    /// <inheritdoc/>
    public Task<Outcome<TrustSeed>> BootstrapAsync(EnvId environment, CancellationToken cancellationToken) => ChangeAsync(
        "bootstrap",
        new JsonObject { ["environment_id"] = environment.ToString() },
        null,
        WireRequest.Bare(HttpMethod.Post, Noun, "bootstrap"),
        result => new TrustSeed(Text(result, "key_id"), Text(result, "public_key_pem"), Count(result)),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<Outcome<ImmutableArray<TrustedKey>>> ListAsync(EnvId environment, CancellationToken cancellationToken) =>
        (await at.LoadTrustRootAsync(cancellationToken)).Then<ImmutableArray<TrustedKey>>(root => root.Keys);

    /// <inheritdoc/>
    public Task<Outcome<TrustAddition>> AddAsync(EnvId environment, TrustedKey key, string? idempotencyKey, CancellationToken cancellationToken) => ChangeAsync(
        "add",
        new JsonObject { ["key_id"] = key.KeyId, ["public_key_pem"] = key.PublicKeyPem },
        idempotencyKey,
        WireRequest.With(HttpMethod.Post, ContractJson.Default.TrustKeyBody, new TrustKeyBody(key.KeyId, key.PublicKeyPem, key.NotAfter, key.Purposes, key.Source), Noun, "keys"),
        result => new TrustAddition(key.KeyId, Count(result)),
        cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<TrustAddition>> AddOfDidAsync(EnvId environment, DidWeb did, PublicKey key, string? idempotencyKey, CancellationToken cancellationToken) => ChangeAsync(
        "add-did",
        new JsonObject { ["did"] = did.Text, ["keys"] = new JsonArray(new JsonObject { ["key_id"] = key.KeyId, ["public_key_pem"] = key.ToPem() }) },
        // One key of the caller stands for several changes.
        idempotencyKey is null ? null : $"{idempotencyKey}/{key.KeyId}",
        WireRequest.With(HttpMethod.Post, ContractJson.Default.TrustDidBody, new TrustDidBody(did.Text, key.KeyId, key.ToPem()), Noun, "did"),
        result => new TrustAddition(key.KeyId, Count(result)),
        cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<TrustRemoval>> RemoveAsync(EnvId environment, string keyId, string? idempotencyKey, CancellationToken cancellationToken) => ChangeAsync(
        "remove",
        new JsonObject { ["key_id"] = keyId },
        idempotencyKey,
        WireRequest.Bare(HttpMethod.Delete, Noun, "keys", keyId),
        result => new TrustRemoval(keyId, result.GetProperty("removed_public_key_pem").GetString(), Count(result)),
        cancellationToken);

    private static string Text(JsonElement result, string member) => result.GetProperty(member).GetString()!;

    private static int Count(JsonElement result) => result.GetProperty("trusted_key_count").GetInt32();

    /// <summary>Keys are added and removed one by one, so nothing that others did in between is lost: what was seen is not compared.</summary>
    private Task<Outcome<T>> ChangeAsync<T>(string verb, JsonObject target, string? key, WireRequest request, Func<JsonElement, T> answer, CancellationToken cancellationToken) => at.ChangeAsync(
        new OpChange<T>(new MutationIntent(at.Environment, Noun, verb, target) { IdempotencyKey = key })
        {
            OnFiles = _ => throw new InvalidOperationException("The files are on the server."),
            Ask = found => OpStore.Required(found, at.Environment).Then<WireRequest>(_ => request with { IsChained = false }),
            FromWire = wire => answer(wire.Result),
        },
        cancellationToken);
}
