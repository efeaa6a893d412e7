using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Credentials;

/// <summary>A change of a deployer's credentials: they themselves, encrypted here, what is known of them, and what the environment is bound to. All of it stands, or nothing.</summary>
/// <typeparam name="T">What the verb answers.</typeparam>
/// <param name="Intent">What is about to be done, for the audit log.</param>
internal sealed record CredentialsChange<T>(MutationIntent Intent)
{
    /// <summary>The route of a store server, below <c>credentials</c>.</summary>
    public required (HttpMethod Method, string? Step) Route { get; init; }

    /// <summary>The deployer whose rules may be written; null where none are.</summary>
    public PackDescriptor? RulesOf { get; init; }

    /// <summary>Whether the environment's secrets may be changed.</summary>
    public bool TouchesSecrets { get; init; }

    /// <summary>The handle of the administrator whose credentials were used.</summary>
    public string? AdminProfile { get; init; }

    /// <summary>What is kept, out of the environment as it is.</summary>
    public required Func<EnvironmentDocument, Outcome<CredentialsKept<T>>> Plan { get; init; }

    /// <summary>Makes the change. A store server goes on with what it was sent, whoever leaves; so it is waited for there: what becomes of credentials depends on whether they are bound.</summary>
    /// <param name="at">Where.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the wait for the lock of files.</param>
    public Task<Outcome<T>> RunAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken) => at switch
    {
        RemotePlace remote when TouchesSecrets => FetchedSecrets.ChangeAsync(remote, fetched => TryAsync(at, fetched, call, CancellationToken.None), CancellationToken.None),
        RemotePlace => TryAsync(at, null, call, CancellationToken.None),
        _ => TryAsync(at, null, call, cancellationToken),
    };

    private async Task<Outcome<T>> TryAsync(OpPlace at, Outcome<FetchedSecrets>? fetched, VerbCall call, CancellationToken cancellationToken)
    {
        // Where there is no such environment, or nobody may look, the change itself says so and is recorded.
        var files = at is RemotePlace remote ? await RulesAsync(remote, cancellationToken) : default(Outcome<EnvironmentFiles>?);
        Outcome<T> answer = default;
        return await at.ChangeAsync(
            new OpChange<T>(Intent)
            {
                OnFiles = change => change.Required(at.Environment).Then(document => Plan(document).Then(kept => OnFiles(change, document, kept, (LocalPlace)at, call))),
                Ask = found => OpStore.Required(found, at.Environment).Then(document => Plan(document).Then(kept => Ask(document, kept, fetched, files!.Value, call, made => answer = made))),
                FromWire = _ => answer,
            },
            cancellationToken);
    }

    private async Task<Outcome<EnvironmentFiles>> RulesAsync(RemotePlace at, CancellationToken cancellationToken) =>
        (await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal)
            ? await at.FilesAsync(document, RulesOf is { } kind ? [$"{RulesPack.Reference(kind)}/{RulesPack.IndexName}"] : [], cancellationToken)
            : refusal;

    private Outcome<Mutation<T>> OnFiles(MutationContext change, EnvironmentDocument document, CredentialsKept<T> kept, LocalPlace at, VerbCall call)
    {
        var stored = kept.Secret is null ? false : SecretsNoun.Open(document, at, call).Then(kept.Secret);
        if (!stored.TryGet(out var isStored, out var refusal) || !Rules(change.EnvironmentFolder, kept).TryGet(out var rules, out refusal))
        {
            return refusal;
        }

        var known = kept.Document is { } next ? change.Files.Write(CredentialsDocument.FileName, next.ToFile())
            : kept.Reference != document.CredentialsRef ? change.Files.Delete(CredentialsDocument.FileName)
            : null;
        var unwritten = known ?? rules.Write.Select(file => change.Files.Write(file.Reference, file.Content)).Concat(rules.Remove.Select(change.Files.Delete)).FirstOrDefault(failure => failure is not null);
        return unwritten is not null
            ? unwritten
            : new Mutation<T>(kept.Answer(isStored)) { Document = kept.Reference == document.CredentialsRef ? null : document with { CredentialsRef = kept.Reference } };
    }

    private Outcome<WireRequest> Ask(
        EnvironmentDocument document, CredentialsKept<T> kept, Outcome<FetchedSecrets>? fetched, Outcome<EnvironmentFiles> files, VerbCall call, Action<T> made)
    {
        SecretStore? opened = null;
        var stored = kept.Secret is null ? false : fetched!.Value.Then(secrets => secrets.Open(document, call)).Then(store =>
        {
            opened = store;
            return kept.Secret(store);
        });
        if (!stored.TryGet(out var isStored, out var refusal) || !files.Then(found => Rules(found.Layout.Folder, kept)).TryGet(out var rules, out refusal))
        {
            return refusal;
        }

        made(kept.Answer(isStored));
        var body = new CredentialsBody
        {
            Expected = document.CredentialsRef,
            CredentialsRef = kept.Reference,
            Document = kept.Document is { } next ? JsonElement.Parse(next.ToFile()) : null,
            Rules = [.. rules.Write.Select(file => new RuleBody(file.Reference, Encoding.UTF8.GetString(file.Content))), .. rules.Remove.Select(name => new RuleBody(name))],
            File = opened?.Written is { } written ? Encoding.UTF8.GetString(written.Span) : null,
            AdminProfile = AdminProfile,
        };
        string[] path = Route.Step is { } step ? ["credentials", step] : ["credentials"];
        return WireRequest.With(Route.Method, ContractJson.Default.CredentialsBody, body, path) with { IsChained = false, SideEtag = body.File is null ? null : fetched!.Value.Value.Secrets.Etag };
    }

    private Outcome<RulesChange> Rules(string folder, CredentialsKept<T> kept) =>
        kept.Rules is { } entries && RulesOf is { } kind ? RulesPack.Plan(folder, kind, entries) : new RulesChange([], []);
}

/// <summary>What a change of credentials keeps.</summary>
/// <param name="Reference">What the environment is bound to from then on; null for nothing.</param>
/// <param name="Answer">What the verb answers, when it is known whether a secret was changed.</param>
internal sealed record CredentialsKept<T>(string? Reference, Func<bool, T> Answer)
{
    /// <summary>What is known of the credentials; null to leave it, or to end it with them.</summary>
    public CredentialsDocument? Document { get; init; }

    /// <summary>The rules as they are to be; null to leave them.</summary>
    public ImmutableArray<RulesEntry>? Rules { get; init; }

    /// <summary>What is done to the secret, and whether that changed anything; null to leave it.</summary>
    public Func<SecretStore, Outcome<bool>>? Secret { get; init; }
}
