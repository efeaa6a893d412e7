using System.Text;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Secrets;

/// <summary>
/// A change of one secret on a store server: the secrets are fetched, changed here, and sent back whole; the server takes them when nobody else changed
/// them meanwhile. When somebody did, it is done again on what is there then: changes of different secrets do not exclude each other.
/// </summary>
internal sealed class SecretChange<T>(
    RemotePlace at, MutationIntent intent, Outcome<SecretUri> secret, Outcome<string?> key, VerbCall call, Func<SecretStore, SecretUri, Outcome<T>> change)
{
    /// <summary>Runs it.</summary>
    public Task<Outcome<(SecretStore Store, T Result)>> RunAsync(CancellationToken cancellationToken) => FetchedSecrets.ChangeAsync(at, fetched => TryAsync(fetched, cancellationToken), cancellationToken);

    private async Task<Outcome<(SecretStore Store, T Result)>> TryAsync(Outcome<FetchedSecrets> fetched, CancellationToken cancellationToken)
    {
        SecretStore? opened = null;
        Outcome<T> result = default;
        var done = await at.ChangeAsync(
            new OpChange<bool>(intent)
            {
                OnFiles = _ => throw new InvalidOperationException("The files are on the server."),
                Ask = found => OpStore.Required(found, at.Environment).Then(document => secret.Then(uri => key.Then(_ => fetched.Then(secrets => secrets.Open(document, call).Then(store =>
                {
                    (opened, result) = (store, change(store, uri));
                    return result.Then<WireRequest>(_ => Request(uri, store.Written, secrets.Secrets.Etag));
                }))))),
                FromWire = _ => true,
            },
            cancellationToken);
        return done.Then(_ => result.Then<(SecretStore, T)>(value => (opened!, value)));
    }

    private WireRequest Request(SecretUri uri, ReadOnlyMemory<byte>? file, string? etag)
    {
        string[] one = ["secrets", uri.Tenant, uri.Team, uri.Category, uri.Name];
        var body = new CiphertextBody(file is { } written ? Encoding.UTF8.GetString(written.Span) : null);
        var request = intent.Verb switch
        {
            "put" => WireRequest.With(HttpMethod.Put, ContractJson.Default.CiphertextBody, body, one),
            "rotate" => WireRequest.With(HttpMethod.Post, ContractJson.Default.CiphertextBody, body, [.. one, "rotate"]),
            "delete" => WireRequest.With(HttpMethod.Delete, ContractJson.Default.CiphertextBody, body, one),
            _ => WireRequest.Bare(HttpMethod.Post, [.. one, "reveal"]),
        };
        return request with { IsChained = false, SideEtag = etag };
    }
}
