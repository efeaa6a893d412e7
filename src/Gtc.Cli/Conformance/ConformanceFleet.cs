using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Conformance;
using Gtc.Deployers.Fleet;
using Gtc.EnvPacks;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>The cluster that all checks work on, the devices that checks are given, and the account that the deployer works as.</summary>
/// <param name="Config">How it is reached.</param>
/// <param name="Client">For looking and tidying up, as whoever the kubeconfig says; nobody counts its calls.</param>
/// <param name="Variable">Where the credentials that are checked find the kubeconfig.</param>
/// <param name="Context">The context of the kubeconfig, or null.</param>
/// <param name="Program">The clock and the randomness.</param>
internal sealed record ConformanceFleet(KubeConfig Config, KubeClient Client, Func<string, string?> Variable, string? Context, CliContext Program)
{
    /// <summary>How many devices a check has.</summary>
    public const int Count = 10;

    private const string RunLabel = "gtc-conformance";
    private const string Manager = "gtc-conformance";
    private const string Rights = "deployer";
    private const string NoRights = "no-rights";
    private static readonly KubeKind Namespaces = KubeKind.Of("v1", "Namespace")!;

    private readonly ConcurrentDictionary<EnvId, string> _placed = [];
    private int _joined;

    /// <summary>The custom resources of devices.</summary>
    public static KubeKind DeviceKind { get; } = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;

    /// <summary>The custom resources of deployments.</summary>
    public static KubeKind DeploymentKind { get; } = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;

    /// <summary>The environments that were placed, with their namespaces.</summary>
    public IEnumerable<KeyValuePair<EnvId, string>> Placed => _placed;

    /// <summary>How objects are written: with the mark of this run, so that nothing else is ever touched.</summary>
    public ReconcileOptions Options { get; } = new()
    {
        Store = $"conformance-{RunId(Program)}",
        Wait = TimeSpan.FromSeconds(4),
        Poll = TimeSpan.FromMilliseconds(50),
        IsBound = true,
    };

    /// <summary>The mark of this run.</summary>
    private string Run => Options.Store!;

    /// <summary>The labels of this run's devices.</summary>
    public string Selector => $"{RunLabel}={Run}";

    /// <summary>A selector and a port for each deployment.</summary>
    public JsonElement Answers => JsonElement.Parse(new JsonObject
    {
        ["device_selector"] = Selector,
        ["ports"] = $"{ConformanceFixture.DeploymentA}:8080,{ConformanceFixture.DeploymentB}:8081",
        ["kubeconfig_context"] = Context,
    }.ToJsonString());

    /// <summary>Who the deployer is: an account with the rights that its requirements list.</summary>
    public string Token { get; private set; } = "";

    /// <summary>An account that may do nothing.</summary>
    public string TokenWithoutRights { get; private set; } = "";

    private static IEnvPackHandler Pack => EnvPackRegistry.WithBuiltIns().Handlers.First(handler => handler.DescriptorPath == "greentic.deployer.fleet");

    /// <summary>What the answers of a check say.</summary>
    public Outcome<FleetSettings> Settings(EnvironmentDocument environment, JsonElement? answers) =>
        AnswersReader.Read(Pack, answers ?? Answers).TryGet(out var read, out var refusal)
            ? FleetSettings.Of(environment.EnvironmentId, read, $"localhost/gtc:{GtcCommandLine.Version}")
            : new DeployerRefusal.Provider(refusal.Message);

    /// <summary>Where credentials are checked.</summary>
    public CredentialsSetting Setting(CredentialMaterial material) => new()
    {
        Environment = ConformanceFixture.EnvironmentId,
        Folder = Program.WorkingDirectory,
        Answers = AnswersReader.Read(Pack, Answers).Value,
        Material = material,
        Variable = Variable,
        Time = Program.Time,
    };

    /// <summary>Why the suite may not work here, or null.</summary>
    public async Task<Refusal?> RefuseAsync(CancellationToken cancellationToken)
    {
        var name = NamespaceOf(ConformanceFixture.EnvironmentId);
        var read = await Client.GetAsync(Namespaces, null, name, cancellationToken);
        read.Value?.Dispose();
        return read.Error switch
        {
            { Kind: KubeErrorKind.NotFound } => null,
            { } error => new DeployerRefusal.Provider($"reading namespace {name}: {error.Message}"),
            _ => new Refusal.Conflict($"namespace {name} is there already, and the suite works in namespaces of its own only") { Next = $"kubectl delete namespace {name}" },
        };
    }

    /// <summary>Makes the two accounts.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var accounts = new FleetAccounts(Client, NamespaceOf(ConformanceFixture.EnvironmentId), Run, Program.Time);
        await PlaceAsync(ConformanceFixture.EnvironmentId, cancellationToken);
        await accounts.GrantDevicesAsync(Rights, cancellationToken);
        (Token, TokenWithoutRights) = (await accounts.TokenAsync(Rights, cancellationToken), await accounts.TokenAsync(NoRights, cancellationToken));
    }

    /// <summary>Gives an environment its namespace, in which the deployer may do its work.</summary>
    public async Task PlaceAsync(EnvId environment, CancellationToken cancellationToken)
    {
        var ns = NamespaceOf(environment);
        var item = new NamespaceObject { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = ns } };
        Must(await Client.ApplyAsync(KubeJson.ToElement(item), Manager, isForced: true, isDryRun: false, cancellationToken));
        _placed[environment] = ns;
        await new FleetAccounts(Client, NamespaceOf(ConformanceFixture.EnvironmentId), Run, Program.Time).GrantDeploymentsAsync(Rights, ns, cancellationToken);
    }

    /// <summary>Gives a check devices that no other check had.</summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < Count; number++)
        {
            var device = new FleetDevice
            {
                Metadata = new ResourceMeta
                {
                    Name = string.Create(CultureInfo.InvariantCulture, $"{Run}-{Interlocked.Increment(ref _joined)}"),
                    Labels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add(RunLabel, Run),
                },
            };
            Must(await Client.ApplyAsync(device.ToElement(), Manager, isForced: true, isDryRun: false, cancellationToken));
        }
    }

    /// <summary>Removes the devices and Deployments of a check.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        foreach (var ns in _placed.Values)
        {
            await DeleteAllAsync(DeploymentKind, ns, null, cancellationToken);
        }

        await DeleteAllAsync(DeviceKind, null, Selector, cancellationToken);
    }

    /// <summary>Removes everything.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await ClearAsync(cancellationToken);
        await new FleetAccounts(Client, NamespaceOf(ConformanceFixture.EnvironmentId), Run, Program.Time).RemoveAsync(cancellationToken);
        foreach (var ns in _placed.Values)
        {
            (await Client.DeleteAsync(Namespaces, null, ns, null, cancellationToken)).Value?.Dispose();
        }
    }

    /// <summary>The namespace of an environment.</summary>
    public static string NamespaceOf(EnvId environment) => NamespaceName.Of(environment.ToString(), FleetNames.NamespacePrefix);

    private static void Must(KubeResult<JsonDocument> result)
    {
        using var answer = result.Value ?? throw new InvalidOperationException($"the cluster refused what the check needs: {result.Error!.Message}");
    }

    private async Task DeleteAllAsync(KubeKind kind, string? ns, string? selector, CancellationToken cancellationToken)
    {
        foreach (var item in (await Client.ListAsync(kind, ns, selector, cancellationToken)).Value?.Items ?? [])
        {
            (await Client.DeleteAsync(kind, ns, item.GetProperty("metadata").GetProperty("name").GetString()!, null, cancellationToken)).Value?.Dispose();
        }
    }

    private static string RunId(CliContext program)
    {
        var random = new byte[Ulid.RandomLength];
        program.Random(random);
        return Ulid.From(program.Time.GetUtcNow(), random).ToString().ToLowerInvariant();
    }
}
