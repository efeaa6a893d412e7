using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>An env-pack that takes no answers and needs nothing on the machine.</summary>
/// <param name="path">Its descriptor path.</param>
/// <param name="slot">Its slot.</param>
internal sealed class PlainPack(string path, CapabilitySlot slot) : IEnvPackHandler
{
    public CapabilitySlot Slot => slot;

    public string DescriptorPath => path;

    public VersionRange SupportedVersions { get; } = VersionRange.Parse("^0.1.0");

    public QuestionForm? Questions => null;

    public IDeployerCredentials? Credentials => null;

    public string? FindFault(PackAnswers answers) => null;

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) => [];
}
