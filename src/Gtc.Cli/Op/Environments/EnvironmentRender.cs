using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Fleet;
using Gtc.Deployers.Kubernetes;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env render</c>: what a cluster would be given for an environment (k8s-deployer.md §10). Offline and read-only.</summary>
internal static class EnvironmentRender
{
    /// <summary>The verb.</summary>
    public static Verb<RenderPayload> Verb => new()
    {
        Noun = "env",
        Name = "render",
        Purpose = "Write what a Kubernetes cluster or a fleet would be given for an environment; needs neither",
        Remark = "With --output the objects become files for GitOps: only files that gtc wrote itself are ever replaced or removed, and secrets are left out unless they are asked for.",
        Examples = ["op env render", "op env render local --kind greentic.deployer.k8s@1.0.0 --output manifests"],
        Payload = OpJson.Default.RenderPayload,
        Fields =
        [
            PayloadField.Environment,
            new("kind", "the deployer, with a version to look at one that is not bound; the bound one when not given", "--kind", "KIND"),
            new("output", "the folder to write to; the objects are printed when not given", "--output", "DIR"),
            new("kube_version", "the version of the cluster; older ones take other groups, e.g. 1.20", "--kube-version", "MAJOR.MINOR"),
            new("include_secrets", "write the content of secrets into the folder too", "--include-secrets"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(RenderPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !DeployerKind.Resolve(document, payload.Kind, "render", isLive: false).Then(HasRenderer).TryGet(out var kind, out refusal)
            || !KubeVersion(payload.KubeVersion).TryGet(out var version, out refusal)
            || !(await ClusterSettings.ReadAsync(document, kind, payload.IncludeSecrets ? SecretContent.Completed : SecretContent.LeftOut, at, call, cancellationToken)).TryGet(out var settings, out refusal)
            || !Render(document, settings, version, payload).TryGet(out var objects, out refusal))
        {
            return refusal;
        }

        var answersRef = settings.AnswersRef;
        if (payload.Output is not { } output)
        {
            return Printed(at.Environment, kind, answersRef, objects);
        }

        var folder = call.Context.PathOf(output);
        return RenderFolder.Write(folder, at.Environment, objects, payload.IncludeSecrets).Then(report => (Outcome<Answer>)Written(at.Environment, kind, answersRef, objects.Length, folder, report));
    }

    private static Outcome<Version?> KubeVersion(string? text) => text is null ? (Outcome<Version?>)(Version?)null
        : Version.TryParse(text, out var version) && version.Build < 0 ? version
        : new Refusal.InvalidArgument($"kube_version `{text}` must be MAJOR.MINOR, e.g. 1.20");

    private static Outcome<ImmutableArray<KubeObject>> Render(EnvironmentDocument document, ClusterSettings settings, Version? version, RenderPayload payload) => settings switch
    {
        ClusterSettings.OfFleet when version is not null || payload.IncludeSecrets => new Refusal.InvalidArgument($"{(version is null ? "include_secrets" : "kube_version")} is about a Kubernetes cluster, and `{settings.Kind}` renders for a fleet"),
        ClusterSettings.OfFleet fleet => FleetRenderer.Render(document, fleet.Fleet),
        ClusterSettings.OfCluster cluster => Renderer.Render(document, ForFiles(version is null ? cluster.Render : cluster.Render with { KubeVersion = version }, payload)),
        _ => throw new InvalidOperationException($"{settings.Kind} renders nothing."),
    };

    private static Outcome<PackDescriptor> HasRenderer(PackDescriptor kind) => DeployerKind.HasCluster(kind)
        ? kind
        : new Refusal.Conflict($"`{kind}` renders nothing: it needs no objects") { Details = [new("expected", $"{DeployerKind.Kubernetes}@1.0.0 or {DeployerKind.Fleet}@1.0.0")] };

    /// <summary>A render is a preview and knows no secrets, unless they are asked for; files for GitOps do not change with secrets that they do not hold.</summary>
    private static RenderSettings ForFiles(RenderSettings settings, RenderPayload payload) => settings.Secrets is SecretsBackend.DevStore store && payload.Output is not null
        ? settings with { Secrets = store with { StampsPods = payload.IncludeSecrets } }
        : settings;

    private static Answer Printed(EnvId environment, PackDescriptor kind, string? answersRef, ImmutableArray<KubeObject> objects) => new(
        writer =>
        {
            writer.WriteStartObject();
            WriteHead(writer, environment, kind, answersRef, objects.Length);
            writer.WriteStartArray("manifests");
            foreach (var item in objects)
            {
                KubeJson.ToElement(item).WriteTo(writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        },
        screen =>
        {
            foreach (var item in objects)
            {
                screen.Say("---");
                screen.Say(YamlText.Of(KubeJson.ToElement(item)).TrimEnd());
            }
        });

    private static Answer Written(EnvId environment, PackDescriptor kind, string? answersRef, int count, string folder, FolderReport report) => new(
        writer =>
        {
            writer.WriteStartObject();
            WriteHead(writer, environment, kind, answersRef, count);
            writer.WriteString("output_dir", folder);
            WriteList(writer, "files", report.Files);
            WriteList(writer, "removed_stale_files", report.RemovedStaleFiles);
            WriteList(writer, "unmanaged_files", report.UnmanagedFiles);
            WriteList(writer, "withheld", report.Withheld);
            writer.WriteEndObject();
        },
        screen =>
        {
            screen.Say($"{report.Files.Length} of {count} objects written to {folder}.");
            screen.Facts(
                ("removed", report.RemovedStaleFiles.IsEmpty ? null : string.Join(", ", report.RemovedStaleFiles)),
                ("not ours", report.UnmanagedFiles.IsEmpty ? null : string.Join(", ", report.UnmanagedFiles)),
                ("left out", report.Withheld.IsEmpty ? null : $"{string.Join(", ", report.Withheld)}: secret; --include-secrets writes it"));
        });

    private static void WriteHead(Utf8JsonWriter writer, EnvId environment, PackDescriptor kind, string? answersRef, int count)
    {
        writer.WriteString("environment_id", environment.ToString());
        writer.WriteString("kind", kind.ToString());
        writer.WriteNumber("object_count", count);
        writer.WriteString("answers_ref", answersRef);
    }

    private static void WriteList(Utf8JsonWriter writer, string name, ImmutableArray<string> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStringValue(item);
        }

        writer.WriteEndArray();
    }
}

/// <summary>What <c>env render</c> takes.</summary>
internal sealed record RenderPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The deployer.</summary>
    public string? Kind { get; init; }

    /// <summary>The folder to write to.</summary>
    public string? Output { get; init; }

    /// <summary>The version of the cluster, e.g. <c>1.20</c>.</summary>
    public string? KubeVersion { get; init; }

    /// <summary>Whether the content of secrets is written too.</summary>
    public bool IncludeSecrets { get; init; }
}
