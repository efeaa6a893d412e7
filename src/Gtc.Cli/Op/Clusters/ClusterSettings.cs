using System.Collections.Immutable;
using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Start;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Fleet;
using Gtc.Deployers.Kubernetes;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Cli.Op.Clusters;

/// <summary>What is rendered for an environment: the deployer, its answers, and what they say to a cluster or to a fleet.</summary>
/// <param name="Kind">The deployer.</param>
/// <param name="AnswersRef">The file of its answers; null when it is not bound or has none.</param>
/// <param name="Answers">Its answers.</param>
internal abstract record ClusterSettings(PackDescriptor Kind, string? AnswersRef, PackAnswers Answers)
{
    // A Secret may have 1 MiB in all; the rest is left for its metadata.
    private const int MaxSecretBytes = 1_000_000;

    /// <summary>The image of workers when none is answered.</summary>
    public static string DefaultImage => $"localhost/gtc:{GtcCommandLine.Version}";

    /// <summary>The namespace of its objects.</summary>
    public abstract string Namespace { get; }

    /// <summary>The image of its workers.</summary>
    public abstract string RuntimeImage { get; }

    /// <summary>Reads them.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="kind">The deployer.</param>
    /// <param name="content">What is taken of the environment's secrets.</param>
    /// <param name="at">Where.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<ClusterSettings>> ReadAsync(EnvironmentDocument document, PackDescriptor kind, SecretContent content, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out var refusal)
            || !(await at.FilesAsync(document, [], cancellationToken)).TryGet(out var files, out refusal))
        {
            return refusal;
        }

        if (!(await catalog.ResolveAsync(kind, CapabilitySlot.Deployer, cancellationToken)).TryGet(out var handler, out var error))
        {
            return new Refusal.Conflict(error.Message);
        }

        var deployer = document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Deployer);
        var secrets = document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Secrets);
        var answersRef = deployer?.Kind.Path == kind.Path ? deployer.AnswersRef : null;
        if (!BoundAnswers.Load(files.Layout.Folder, deployer?.Kind.Path ?? "", deployer?.AnswersRef, handler).TryGet(out var answers, out refusal))
        {
            return refusal;
        }

        if (!(await at.LoadRuntimeAsync(cancellationToken)).TryGet(out var runtime, out refusal))
        {
            return refusal;
        }

        if (kind.Path == DeployerKind.Fleet)
        {
            return FleetSettings.Of(document.EnvironmentId, answers, DefaultImage).Then<ClusterSettings>(fleet => new OfFleet(kind, answersRef, answers, fleet with { Discovered = CarriedRuntime.Of(runtime) }));
        }

        if (!(await SecretsAnswersAsync(secrets, catalog, files, cancellationToken)).TryGet(out var secretsAnswers, out refusal)
            || !SecretsBackend.Of(secrets, secretsAnswers, null).TryGet(out var backend, out refusal))
        {
            return refusal;
        }

        var render = RenderSettings.Of(document.EnvironmentId, answers, backend, DefaultImage);

        // The key may be one of the secrets, and made just now.
        if (!Telemetry(document, files).TryGet(out var telemetry, out refusal)
            || !SharedStores(document, files).TryGet(out var shared, out refusal)
            || !(await SigningKeyAsync(render, document, content, at, call, cancellationToken)).TryGet(out var signingKey, out refusal)
            || !(await WithContentAsync(backend, secretsAnswers, document, content, at, call, cancellationToken)).TryGet(out backend, out refusal))
        {
            return refusal;
        }

        return new OfCluster(kind, answersRef, answers, render with
        {
            Telemetry = telemetry,
            SigningKey = render.Options.SharesSigningKey && signingKey is not null ? Convert.ToBase64String(signingKey) : null,
            ConsoleKey = render.Options.ServesConsole && signingKey is not null ? Convert.ToBase64String(RevisionHeaderToken.KeyForLocalCallers(signingKey)) : null,
            Discovered = CarriedRuntime.Of(runtime),
            SharedStores = shared,
            Secrets = backend,
        });
    }

    private static Outcome<PodTelemetry?> Telemetry(EnvironmentDocument document, EnvironmentFiles files) =>
        document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Telemetry && pack.Kind.Path == OtlpTelemetryPack.Path) is not { } binding
            ? (PodTelemetry?)null
            : BoundAnswers.Load(files.Layout.Folder, binding.Kind.Path, binding.AnswersRef, new OtlpTelemetryPack())
                .Then<PodTelemetry?>(answers => OtlpTelemetryPack.Port(answers) is { } port ? new PodTelemetry(OtlpTelemetryPack.Variables(answers), port) : null);

    /// <summary>A pod has no answers beside its document, so they travel as variables: which secret holds the place, and what keys begin with.</summary>
    private static Outcome<ImmutableArray<KeyValuePair<string, string>>> SharedStores(EnvironmentDocument document, EnvironmentFiles files)
    {
        var variables = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var place in (SharedPlace[])[SharedPlace.Sessions, SharedPlace.State])
        {
            if (!place.Variables(document, files.Layout).TryGet(out var bound, out var refusal))
            {
                return refusal;
            }

            variables.AddRange(bound);
        }

        return variables.ToImmutable();
    }

    /// <summary>The environment's own key, made when there is none yet: whoever made a token with it wants it to count in the cluster.</summary>
    private static async Task<Outcome<byte[]?>> SigningKeyAsync(RenderSettings settings, EnvironmentDocument document, SecretContent content, OpPlace at, VerbCall call, CancellationToken cancellationToken) =>
        (!settings.Options.SharesSigningKey && !settings.Options.ServesConsole) || content == SecretContent.LeftOut ? (byte[]?)null
        : (await SharedSigningKey.ReadAsync(document, at, isKept: content == SecretContent.Completed, call, cancellationToken)).Then<byte[]?>(key => key);

    private static async Task<Outcome<PackAnswers>> SecretsAnswersAsync(EnvPackBinding? secrets, EnvPackCatalog catalog, EnvironmentFiles files, CancellationToken cancellationToken)
    {
        if (secrets is null || !(await catalog.ResolveAsync(secrets.Kind, CapabilitySlot.Secrets, cancellationToken)).TryGet(out var handler, out _))
        {
            return PackAnswers.Defaults(null);
        }

        return BoundAnswers.Load(files.Layout.Folder, secrets.Kind.Path, secrets.AnswersRef, handler);
    }

    /// <summary>The dev store's file as it is, encrypted; and its key when it is sealed with one of its own.</summary>
    private static async Task<Outcome<SecretsBackend>> WithContentAsync(
        SecretsBackend backend, PackAnswers answers, EnvironmentDocument document, SecretContent content, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (backend is not SecretsBackend.DevStore)
        {
            return backend;
        }

        // Not even asked for: who may look at an environment need not be one who may use its secrets.
        if (content == SecretContent.LeftOut)
        {
            return new SecretsBackend.DevStore(null) { IsSealed = answers.Get("mode") == "sealed" };
        }

        if (!(await SecretsNoun.OpenAsync(document, at, call, cancellationToken)).TryGet(out var store, out var refusal))
        {
            return refusal;
        }

        if (store.HasOwnPassPhrase)
        {
            call.Warn("the secrets are kept under a pass phrase that only this process has: workers in the cluster cannot open them; gtc op secrets seal gives the environment a key that workers get");
        }

        if (!store.SealedKey().TryGet(out var key, out refusal) || !store.Ciphertext().TryGet(out var ciphertext, out refusal))
        {
            return refusal;
        }

        var file = ciphertext is null ? null : Convert.ToBase64String(ciphertext);
        return file?.Length > MaxSecretBytes
            ? new Refusal.Conflict($"the secrets of environment `{document.EnvironmentId}` have more than {MaxSecretBytes:N0} bytes, more than a Secret of a cluster can hold")
            {
                Details = [new("found", $"{file.Length:N0} bytes in base64: {store.Path}"), new("expected", "fewer versions and values, or another secrets env-pack")],
            }
            : new SecretsBackend.DevStore(file) { IsSealed = store.IsSealed, Key = key };
    }

    /// <summary>Workers behind a router in a cluster.</summary>
    public sealed record OfCluster(PackDescriptor Kind, string? AnswersRef, PackAnswers Answers, RenderSettings Render) : ClusterSettings(Kind, AnswersRef, Answers)
    {
        public override string Namespace => Render.Namespace;

        public override string RuntimeImage => Render.RuntimeImage;
    }

    /// <summary>Workers on the devices of a fleet.</summary>
    public sealed record OfFleet(PackDescriptor Kind, string? AnswersRef, PackAnswers Answers, FleetSettings Fleet) : ClusterSettings(Kind, AnswersRef, Answers)
    {
        public override string Namespace => Fleet.Namespace;

        public override string RuntimeImage => Fleet.RuntimeImage;
    }
}
