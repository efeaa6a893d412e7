using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Conformance;
using Gtc.Deployers.Kubernetes;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>The cluster that all checks work on, and what they made there.</summary>
/// <param name="Config">How it is reached.</param>
/// <param name="Client">For looking and tidying up; nobody counts its calls.</param>
/// <param name="Variable">Where the credentials that are checked find the kubeconfig.</param>
/// <param name="Context">The context of the kubeconfig, or null.</param>
/// <param name="RunsPods">Whether it has nodes; else the suite says what is ready.</param>
/// <param name="Image">What pods run.</param>
/// <param name="Patience">How long pods get to become healthy, where there are nodes.</param>
/// <param name="Program">The clock and the randomness.</param>
internal sealed record ConformanceCluster(KubeConfig Config, KubeClient Client, Func<string, string?> Variable, string? Context, bool RunsPods, string Image, TimeSpan Patience, CliContext Program)
{
    private const string Account = "no-rights";
    private static readonly TimeSpan WithoutNodes = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<EnvId, string> _placed = [];

    /// <summary>The deployer's env-pack, which reads answers.</summary>
    public IEnvPackHandler Pack { get; } = EnvPackRegistry.WithBuiltIns().Handlers.First(handler => handler.DescriptorPath == "greentic.deployer.k8s");

    /// <summary>What pods pull; null where none run.</summary>
    public ServedBundle? Bundle { get; init; }

    /// <summary>The environments that were placed, with their namespaces.</summary>
    public IEnumerable<KeyValuePair<EnvId, string>> Placed => _placed;

    /// <summary>How long a warm waits for health.</summary>
    public TimeSpan WarmTimeout => RunsPods ? Patience : WithoutNodes;

    /// <summary>How objects are written: with the mark of this run, so that nothing else is ever touched.</summary>
    public ReconcileOptions Options { get; } = new()
    {
        Store = $"conformance-{Ulid.From(Program.Time.GetUtcNow(), RandomBytes(Program)).ToString().ToLowerInvariant()}",
        Wait = RunsPods ? Patience : WithoutNodes,
        Poll = RunsPods ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(50),
        Settle = TimeSpan.Zero,
    };

    /// <summary>Remembers an environment, for looking and tidying up.</summary>
    public void Place(EnvId environment) => _placed[environment] = NamespaceName.Of(environment);

    /// <summary>Removes what checks made; the namespaces too, at the end.</summary>
    public async Task RemoveAsync(bool deletesNamespaces, CancellationToken cancellationToken)
    {
        foreach (var (environment, ns) in _placed)
        {
            await new EnvironmentRemoval(Client, Program.Time).RunAsync(environment, ns, deletesNamespaces, Options, cancellationToken);
        }
    }

    /// <summary>Where credentials are checked: as whoever the kubeconfig says, or with other material.</summary>
    public CredentialsSetting Setting(CredentialMaterial? material) => new()
    {
        Environment = ConformanceFixture.EnvironmentId,
        Folder = Program.WorkingDirectory,
        Answers = AnswersReader.Read(Pack, JsonElement.Parse(new JsonObject { ["kubeconfig_context"] = Context }.ToJsonString())).Value,
        Material = material,
        Variable = Variable,
        Time = Program.Time,
    };

    /// <summary>A token of an account that may do nothing.</summary>
    public async Task<CredentialMaterial> WithoutRightsAsync(CancellationToken cancellationToken)
    {
        var ns = NamespaceName.Of(ConformanceFixture.EnvironmentId);
        var kind = KubeKind.Of("v1", "ServiceAccount")!;
        var item = new ServiceAccount { ApiVersion = "v1", Kind = "ServiceAccount", Metadata = new() { Name = Account, Namespace = ns } };
        using var account = Must(await Client.ApplyAsync(KubeJson.ToElement(item), "gtc-conformance", isForced: true, isDryRun: false, cancellationToken));
        using var answer = Must(await Client.PostAsync(
            $"{kind.Item(ns, Account)}/token",
            JsonElement.Parse("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":[],"expirationSeconds":600}}"""),
            cancellationToken));
        return new CredentialMaterial(Encoding.ASCII.GetBytes(answer.RootElement.GetProperty("status").GetProperty("token").GetString()!));
    }

    private static JsonDocument Must(KubeResult<JsonDocument> result) => result.Value ?? throw new InvalidOperationException($"the cluster refused what the check needs: {result.Error!.Message}");

    private static byte[] RandomBytes(CliContext program)
    {
        var random = new byte[Ulid.RandomLength];
        program.Random(random);
        return random;
    }
}
