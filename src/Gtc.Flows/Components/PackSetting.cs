using Gtc.Artifacts.Bundles;

namespace Gtc.Flows;

/// <summary>How a pack of a revision is set.</summary>
/// <param name="Name">The name by which the environment knows it: the stem of its file, which need not be the id that its manifest says.</param>
/// <param name="Config">Its configuration in the revision, or null.</param>
public sealed record PackSetting(string Name, PackConfig? Config);
