using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Secrets lie in HashiCorp Vault: questions and answers (env-packs.md §8.3).</summary>
internal sealed class VaultPack : IEnvPackHandler
{
    private const string Path = "greentic.secrets.vault";
    private const string MountPattern = "^[a-zA-Z0-9_-]+(/[a-zA-Z0-9_-]+)*$";

    public CapabilitySlot Slot => CapabilitySlot.Secrets;

    public string DescriptorPath => Path;

    public VersionRange SupportedVersions { get; } = VersionRange.Parse("^0.1.0");

    public IDeployerCredentials? Credentials => null;

    public QuestionForm Questions { get; } = new()
    {
        Id = $"{Path}.wizard",
        Title = "Secrets in Vault",
        Presentation = new("Values lie in a KV 2 engine, encrypted by a transit key."),
        Questions =
        [
            new() { Id = "addr", Title = "Address of Vault", Required = true, Constraint = new() { Pattern = "^https?://[^/].*$" } },
            new() { Id = "role", Title = "Role that workers authenticate with", Required = true, Constraint = new() { Pattern = "^[a-zA-Z0-9._-]+$" } },
            Mount("kv_mount", "Mount of the KV engine", "secret"),
            Mount("kv_prefix", "Folder of the values", "greentic"),
            Mount("auth_mount", "Mount of the Kubernetes authentication", "kubernetes"),
            Mount("transit_mount", "Mount of the transit engine", "transit"),
            Mount("transit_key", "Key of the transit engine", "greentic"),
            new() { Id = "namespace", Title = "Namespace of Vault" },
        ],
    };

    public string? FindFault(PackAnswers answers) => null;

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) => [];

    private static Question Mount(string id, string title, string preset) => new() { Id = id, Title = title, DefaultValue = preset, Constraint = new() { Pattern = MountPattern } };
}
