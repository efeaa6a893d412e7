using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Secrets lie in an encrypted file of the environment.</summary>
internal sealed class DevStorePack : IEnvPackHandler
{
    private const string Path = "greentic.secrets.dev-store";

    public CapabilitySlot Slot => CapabilitySlot.Secrets;

    public string DescriptorPath => Path;

    /// <summary>Wider than its own version: published examples bind 1.0.0 (env-packs.md §5).</summary>
    public VersionRange SupportedVersions { get; } = VersionRange.Parse(">=0.1.0, <2.0.0");

    public IDeployerCredentials? Credentials => null;

    public QuestionForm Questions { get; } = new()
    {
        Id = $"{Path}.wizard",
        Title = "Secrets in a file of the environment",
        Questions =
        [
            new()
            {
                Id = "mode",
                Type = QuestionType.Choice,
                Title = "Protection",
                Description = "dev shares the file with the existing runtime; `gtc op secrets seal` changes to a key of the environment's own.",
                DefaultValue = "dev",
                Choices = ["dev", "sealed"],
            },
            new() { Id = "allow_default_key", Type = QuestionType.Flag, Title = "Whether the developer's public default key may be used", DefaultValue = "true" },
        ],
    };

    public string? FindFault(PackAnswers answers) => null;

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) =>
    [
        new("dev-store.writable", "the folder of the secrets can be written", async cancellationToken =>
            await FolderProbe.FindFaultAsync(System.IO.Path.Combine(setting.Folder, ".dev-store-probe"), cancellationToken) is { } fault
                ? new ToolOutcome.Unreachable(fault, $"let this user write {setting.Folder}")
                : new ToolOutcome.Ok(setting.Folder)),
    ];
}
