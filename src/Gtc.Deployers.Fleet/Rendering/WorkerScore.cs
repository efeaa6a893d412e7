using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gtc.Fleet.Contracts;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>What a device runs for one revision: <c>gtc start</c> for it alone, and the environment as a file that the container mounts.</summary>
internal static class WorkerScore
{
    /// <summary>The service, and so the last part of the container's name.</summary>
    public const string Service = "gtc";

    private const string File = "environment.json";
    private const string Mounted = $"/etc/greentic/{File}";
    private const string MountedRuntime = $"/etc/greentic/{CarriedRuntime.FileName}";
    private const int Port = 8080;

    // What `gtc start` takes when nothing is said.
    private const uint DefaultDrain = 30;

    /// <summary>The score.</summary>
    public static ReconcileScore Of(EnvironmentDocument document, Revision revision, FleetSettings settings) => Of(document, revision, settings, CarriedRuntime.Text(document, settings.Discovered));

    private static ReconcileScore Of(EnvironmentDocument document, Revision revision, FleetSettings settings, string? runtime) => new()
    {
        PodmanV0 = new PodmanV0
        {
            Services =
            [
                new PodmanService
                {
                    Name = Service,
                    Image = settings.RuntimeImage,
                    Ports = [$"{settings.PortOf(revision)}:{Port}"],
                    Env = Variables(revision, settings, runtime is not null),
                    Command = ["start", "--env", revision.EnvId.ToString(), "--environment-file", Mounted],
                    Volumes = runtime is null ? [$"./{File}:{Mounted}:ro"] : [$"./{File}:{Mounted}:ro", $"./{CarriedRuntime.FileName}:{MountedRuntime}:ro"],
                    Pull = settings.Pull,
                    Memory = settings.Memory,
                    Cpus = settings.Cpus,
                },
            ],
            Files =
            [
                new ScoreFile { Path = File, Content = Encoding.UTF8.GetString(Documents.Environment.ToLine(DeviceEnvironment.Of(document, revision))) },
                .. runtime is null ? Array.Empty<ScoreFile>() : [new() { Path = CarriedRuntime.FileName, Content = runtime }],
            ],
        },
    };

    private static ImmutableSortedDictionary<string, string> Variables(Revision revision, FleetSettings settings, bool hasRuntime)
    {
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        variables.Add("GREENTIC_ENV_ID", revision.EnvId.ToString());
        variables.Add("GREENTIC_GATEWAY_LISTEN_ADDR", "0.0.0.0");
        variables.Add("GREENTIC_REVISION_ID", revision.RevisionId.ToString());
        variables.Add("GREENTIC_DEPLOYMENT_ID", revision.DeploymentId.ToString());
        variables.Add("GREENTIC_BUNDLE_ID", revision.BundleId);
        variables.Add("GREENTIC_BUNDLE_DIGEST", revision.BundleDigest);
        if (revision.DrainSeconds != DefaultDrain)
        {
            variables.Add("GREENTIC_DRAIN_SECONDS", revision.DrainSeconds.ToString(CultureInfo.InvariantCulture));
        }

        if (!settings.InsecureRegistries.IsEmpty)
        {
            variables.Add("GREENTIC_OCI_INSECURE_REGISTRIES", string.Join(',', settings.InsecureRegistries));
        }

        if (hasRuntime)
        {
            variables.Add(CarriedRuntime.Variable, MountedRuntime);
        }

        if (settings.ComponentEgress is { } egress)
        {
            variables.Add(EgressList.Variable, egress);
        }

        return variables.ToImmutable();
    }
}
