using System.Collections.Immutable;

namespace Gtc.EnvPacks;

/// <summary>A tool that some env-packs call (op-cli.md §5.5).</summary>
/// <param name="Name">The program.</param>
/// <param name="Minimum">The oldest version that will do; there is no upper bound.</param>
/// <param name="VersionArguments">What makes it say its version.</param>
/// <param name="InstallHint">Where to get it.</param>
public sealed record KnownTool(string Name, string Minimum, ImmutableArray<string> VersionArguments, string InstallHint);

/// <summary>The tools that env-packs may ask for.</summary>
public static class KnownTools
{
    /// <summary>OpenTofu.</summary>
    public static KnownTool Tofu { get; } = new("tofu", "1.6.0", ["version"], "install OpenTofu with the steps at https://opentofu.org/docs/intro/install");

    /// <summary>Terraform.</summary>
    public static KnownTool Terraform { get; } = new("terraform", "1.5.0", ["version"], "install Terraform with the steps at https://developer.hashicorp.com/terraform/install");

    /// <summary>The client of Kubernetes.</summary>
    public static KnownTool Kubectl { get; } = new("kubectl", "1.27.0", ["version", "--client"], "install kubectl with the steps at https://kubernetes.io/docs/tasks/tools");

    /// <summary>Helm.</summary>
    public static KnownTool Helm { get; } = new("helm", "3.12.0", ["version", "--short"], "install Helm with the steps at https://helm.sh/docs/intro/install");

    /// <summary>Docker.</summary>
    public static KnownTool Docker { get; } = new("docker", "24.0.0", ["--version"], "install Docker with the steps at https://docs.docker.com/engine/install");

    /// <summary>Podman.</summary>
    public static KnownTool Podman { get; } = new("podman", "4.5.0", ["--version"], "install Podman with `apt-get install podman`, or the steps at https://podman.io/docs/installation");

    /// <summary>The command line of AWS.</summary>
    public static KnownTool Aws { get; } = new("aws", "2.13.0", ["--version"], "install the AWS CLI 2 with the steps at https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html");

    /// <summary>The command line of Google Cloud.</summary>
    public static KnownTool Gcloud { get; } = new("gcloud", "450.0.0", ["--version"], "install the Google Cloud CLI with the steps at https://cloud.google.com/sdk/docs/install");

    /// <summary>The command line of Azure.</summary>
    public static KnownTool Az { get; } = new("az", "2.50.0", ["--version"], "install the Azure CLI with the steps at https://learn.microsoft.com/cli/azure/install-azure-cli");

    /// <summary>Kubernetes in Docker.</summary>
    public static KnownTool Kind { get; } = new("kind", "0.20.0", ["version"], "install kind with the steps at https://kind.sigs.k8s.io/docs/user/quick-start");

    /// <summary>All of them.</summary>
    public static ImmutableArray<KnownTool> All { get; } = [Tofu, Terraform, Kubectl, Helm, Docker, Podman, Aws, Gcloud, Az, Kind];
}
