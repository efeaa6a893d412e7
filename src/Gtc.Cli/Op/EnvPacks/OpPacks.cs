using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary>Finds the env-packs of a call, and checks what is to be bound.</summary>
internal static class OpPacks
{
    private const string Folder = "env-packs";

    /// <summary>The env-packs that an environment may bind: those of the program, and those that are installed beside the store and signed by a key that the environment trusts.</summary>
    public static EnvPackCatalog Catalog(LocalPlace at, VerbCall call) => new(
        call.Context.EnvPacks,
        new InstalledPacks(InstallRoot(at.Store), folder => TrustedKeys(at, call).Then(keys => PackSignatures.Verify(folder, keys)).Refusal, call.Context.Variable, call.Context.Time));

    /// <summary>The same for an environment wherever it is; on a store server its trusted keys are asked for, and env-packs of other people are those that are installed on this machine.</summary>
    public static async Task<Outcome<EnvPackCatalog>> CatalogAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (at is LocalPlace local)
        {
            return Catalog(local, call);
        }

        if (!call.LocalStore().TryGet(out var store, out var refusal))
        {
            return refusal;
        }

        var root = await at.LoadTrustRootAsync(cancellationToken);
        return new EnvPackCatalog(
            call.Context.EnvPacks,
            new InstalledPacks(
                InstallRoot(store), folder => root.Then(keys => PackSignatures.Verify(folder, keys.KeysFor(KeyPurpose.EnvPack, call.Context.Time.GetUtcNow()))).Refusal, call.Context.Variable, call.Context.Time));
    }

    /// <summary>Where env-packs of other people are installed: beside a store of this machine, also for an environment on a server, since they are programs and run here.</summary>
    public static string InstallRoot(FileEnvironmentStore store) => Path.Combine(Path.GetDirectoryName(store.Layout.Root)!, Folder);

    /// <summary>The keys whose signatures on env-packs an environment believes.</summary>
    public static async Task<Outcome<ImmutableArray<TrustedKey>>> TrustedKeysAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken) =>
        (await at.LoadTrustRootAsync(cancellationToken)).Then<ImmutableArray<TrustedKey>>(root => root.KeysFor(KeyPurpose.EnvPack, call.Context.Time.GetUtcNow()));

    private static Outcome<ImmutableArray<TrustedKey>> TrustedKeys(LocalPlace at, VerbCall call) =>
        new TrustRootFile(at.Store.Files(at.Environment)).Load().Then<ImmutableArray<TrustedKey>>(root => (root ?? TrustRoot.Empty).KeysFor(KeyPurpose.EnvPack, call.Context.Time.GetUtcNow()));

    /// <summary>
    /// Checks what is to be bound (env-packs.md §3): the kind must be known, fit the slot and be of a supported version, and the answers must fit its
    /// questions. <c>env apply</c> asks the same.
    /// </summary>
    /// <param name="catalog">What there is.</param>
    /// <param name="slot">The slot, <see cref="CapabilitySlot.Extension"/> for extensions, which need no handler.</param>
    /// <param name="kind">What is to be bound.</param>
    /// <param name="answers">The new answers, or null.</param>
    /// <param name="allowUnknown">Whether a kind or a version that nobody handles is stored with a warning.</param>
    /// <param name="warn">Told what a person should know.</param>
    /// <param name="cancellationToken">Stops waiting for an installed pack.</param>
    /// <returns>Null when it may be bound.</returns>
    public static async Task<Refusal?> CheckAsync(
        EnvPackCatalog catalog, CapabilitySlot slot, PackDescriptor kind, JsonElement? answers, bool allowUnknown, Action<string> warn, CancellationToken cancellationToken)
    {
        var resolved = await catalog.ResolveAsync(kind, slot, cancellationToken);
        if (resolved.TryGet(out var handler, out var error))
        {
            return answers is { } given ? AnswersReader.Read(handler, given).Refusal : null;
        }

        switch (error)
        {
            case RegistryError.Unknown when slot == CapabilitySlot.Extension:
                return null;
            case RegistryError.Unknown or RegistryError.VersionUnsupported when allowUnknown:
                warn($"{error.Message}; it is bound all the same, and its answers are not checked");
                return null;
            default:
                return new Refusal.Conflict(error.Message)
                {
                    Details = error is RegistryError.Unknown or RegistryError.VersionUnsupported ? [new("to bind it all the same", "allow_unknown=true")] : [],
                    Next = "gtc op env-packs describe",
                };
        }
    }

    /// <summary>The answers that a payload gives: inline, or a file of the working folder, or one of the environment's folder.</summary>
    /// <returns>The answers, or null when none are given.</returns>
    public static async Task<Outcome<JsonElement?>> AnswersAsync(JsonElement? inline, string? reference, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (inline is not null && reference is not null)
        {
            return new Refusal.InvalidArgument("answers and answers_ref exclude each other");
        }

        if (inline is { ValueKind: not JsonValueKind.Object })
        {
            return new Refusal.InvalidArgument("answers must be a JSON object");
        }

        if (reference is null)
        {
            return inline;
        }

        var found = File.Exists(call.Context.PathOf(reference))
            ? await AnswersFile.ReadAsync(reference, call.Context, cancellationToken)
            : at is LocalPlace local ? BoundAnswers.Resolve(local.Layout.Folder, reference)
            : new Refusal.Conflict($"there is no file {call.Context.PathOf(reference)}; over a store server answers_ref names a file of this machine");
        return found.Then<JsonElement?>(answers => answers.ValueKind == JsonValueKind.Object ? answers : new Refusal.Conflict($"the answers `{reference}` are no JSON object"));
    }

    /// <summary>The env-pack that a person names, with a version or without.</summary>
    /// <returns>The descriptor as it resolves, and its handler.</returns>
    public static async Task<Outcome<(PackDescriptor Kind, IEnvPackHandler Handler)>> FindAsync(string text, EnvPackCatalog catalog, CancellationToken cancellationToken)
    {
        if (!text.Contains('@', StringComparison.Ordinal) && catalog.Registry.Handlers.FirstOrDefault(known => known.DescriptorPath == text) is { } builtIn)
        {
            return (Descriptors.Read($"{text}@{builtIn.SupportedVersions.First}").Value, builtIn);
        }

        var newest = text.Contains('@', StringComparison.Ordinal) ? null : catalog.Installed.List().Where(kind => kind.Path == text).Select(kind => kind.ToString()).LastOrDefault();
        if (!Descriptors.Read(newest ?? text).TryGet(out var kind, out var refusal))
        {
            return refusal;
        }

        return (await catalog.ResolveAsync(kind, null, cancellationToken)).TryGet(out var handler, out var error)
            ? (kind, handler)
            : error is RegistryError.Unknown ? new Refusal.Missing(error.Message) { Next = "gtc op env-packs describe" } : new Refusal.Conflict(error.Message);
    }

    /// <summary>The slot of a word that may stand in <c>packs</c>.</summary>
    public static Outcome<CapabilitySlot> Slot(string text)
    {
        foreach (var slot in Enum.GetValues<CapabilitySlot>())
        {
            if (PackVerbs.Text(slot) == text)
            {
                return PackVerbs.BindsInPacks(slot) ? slot : PackVerbs.NotPackSlot(slot);
            }
        }

        return new Refusal.InvalidArgument($"`{text}` is no slot")
        {
            Details = [new("expected", string.Join(", ", Enum.GetValues<CapabilitySlot>().Where(PackVerbs.BindsInPacks).Select(PackVerbs.Text)))],
        };
    }
}
